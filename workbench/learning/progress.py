"""What the learner has done so far: one small readable file, safe under two processes at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

from workbench.course.place import Course
from workbench.judging.results import ExerciseResult
from workbench.setup.files import write_atomically
from workbench.setup.lock import only_one

FORMAT = 1


class Progress:
    """The file `.workbench/progress.json`: one entry per exercise id. Unknown ids and keys are kept."""

    def __init__(self, course: Course):
        self.file = course.state / "progress.json"
        self.lock = course.state / "progress.lock"

    def entries(self) -> dict[str, dict]:
        """The entry of every exercise touched so far. An unreadable file is set aside, not lost."""
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        try:
            entries = json.loads(text)["exercises"]
            return {name: dict(entry) for name, entry in entries.items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            self.file.replace(
                self.file.with_name(f"progress-unreadable-{_now().replace(':', '')}.json")
            )
            return {}

    def entry(self, exercise_id: str) -> dict:
        return self.entries().get(exercise_id, {})

    def state(self, exercise_id: str) -> str:
        """The verdict of the last check, or `not_started`."""
        return self.entry(exercise_id).get("state", "not_started")

    def has_passed(self, exercise_id: str) -> bool:
        return "first_passed" in self.entry(exercise_id)

    def record(self, result: ExerciseResult) -> None:
        """Notes a check's result."""

        def note(entry: dict) -> None:
            entry["state"] = result.verdict
            entry["checked"] = _now()
            if result.verdict in ("not_started", "environment"):
                return
            entry["attempts"] = entry.get("attempts", 0) + 1
            entry["points"] = max(entry.get("points", 0), result.points_earned)
            if result.verdict == "passed":
                entry.setdefault("first_passed", _now())

        self._change(result.exercise, note)

    def next_hint(self, exercise_id: str, available: int) -> int:
        """Steps one further up the ladder of hints; returns the number of the hint to show (from 1)."""
        shown: list[int] = []

        def note(entry: dict) -> None:
            entry["hints"] = min(entry.get("hints", 0) + 1, available)
            shown.append(entry["hints"])

        self._change(exercise_id, note)
        return shown[0]

    def note_solution_seen(self, exercise_id: str) -> None:
        self._change(exercise_id, lambda entry: entry.setdefault("solution_seen", _now()))

    def note_reset(self, exercise_id: str) -> None:
        self._change(exercise_id, lambda entry: entry.update(state="not_started"))

    def _change(self, exercise_id: str, change: Callable[[dict], object]) -> None:
        with only_one(self.lock, waiting=lambda holder: None):
            entries = self.entries()
            change(entries.setdefault(exercise_id, {}))
            text = json.dumps({"format": FORMAT, "exercises": entries}, indent=2)
            write_atomically(self.file, text + "\n")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
