"""What the learner has done so far: one small readable file, safe under two processes at once."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from workbench.course import Course
from workbench.judging.results import ExerciseResult

FORMAT = 1


def write_atomically(file: Path, text: str) -> None:
    """Replaces the file in one step: a reader, or a kill, sees the old text or the new."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """Holds an advisory lock; the system lets go of it when this process ends, however it ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+b") as stream:
        if os.name == "nt":
            import msvcrt

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


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
            found = json.loads(text)["exercises"]
            return {name: dict(entry) for name, entry in found.items()}
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
        with held(self.lock):
            entries = self.entries()
            change(entries.setdefault(exercise_id, {}))
            text = json.dumps({"format": FORMAT, "exercises": entries}, indent=2)
            write_atomically(self.file, text + "\n")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
