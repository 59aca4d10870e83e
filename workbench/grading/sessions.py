"""The grading side of a judging process: starts it, asks it, believes only what it has signed."""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import subprocess
import threading
import time
from dataclasses import replace
from typing import Any, Protocol

from workbench.grading.judge import signature
from workbench.grading.names import printable
from workbench.judging.results import ExerciseResult, result_from_json

LONGEST_LINE = 8 << 20
LONGEST_MESSAGE = 4000


class Place(Protocol):
    """Where a judging process runs: `start` gives it, `end` stops it with all that it started."""

    name: str
    project: str

    def start(self) -> subprocess.Popen: ...

    def end(self, process: subprocess.Popen) -> None: ...


class JudgeEnded(Exception):
    """The judging process ended before it answered."""


class DeadlinePassed(Exception):
    """The submission's time was over before the answer came."""


class Session:
    """One judging process, asked for one exercise at a time. Close it to end it."""

    def __init__(self, place: Place, exercises: int):
        self.place = place
        self.key = secrets.token_bytes(32)
        self.process = place.start()
        self.lines: queue.Queue[bytes] = queue.Queue()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()
        self._say({"key": self.key.hex(), "project": place.project, "exercises": exercises})

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed under us
            while line := self.process.stdout.readline(LONGEST_LINE):
                self.lines.put(line)
        self.lines.put(b"")

    def _say(self, told: dict) -> None:
        with contextlib.suppress(OSError, ValueError):  # it has ended: the answer will tell
            self.process.stdin.write(json.dumps(told).encode() + b"\n")
            self.process.stdin.flush()

    def ask(self, exercise_id: str, seed: int, until: float) -> ExerciseResult:
        """The result of one exercise. Raises JudgeEnded or DeadlinePassed."""
        self._say({"exercise": exercise_id, "seed": seed})
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise DeadlinePassed from None
            if not line:
                raise JudgeEnded
            result = self._believed(line)
            if result is not None and result.exercise == exercise_id:
                return result

    def _believed(self, line: bytes) -> ExerciseResult | None:
        """The result on a line, or None when the judge has not signed it."""
        signed, _, text = line.decode("utf-8", "replace").rstrip("\n").partition(" ")
        if not secrets.compare_digest(signed.encode(), signature(self.key, text).encode()):
            return None
        result = result_from_json(json.loads(text))
        checks = (replace(c, message=printable(c.message)[:LONGEST_MESSAGE]) for c in result.checks)
        return replace(result, checks=tuple(checks))

    def close(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.process.stdin.close()
        self.place.end(self.process)
        self.listener.join(5)
        if not self.listener.is_alive():  # to close what it still reads from would wait for it
            self.process.stdout.close()


class Judge:
    """Judges exercises one after the other in a `place`, in a new session whenever one has ended."""

    def __init__(self, place: Place, exercises: int, until: float, running: Any):
        self.place = place
        self.exercises = exercises
        self.until = until
        self.running = running
        self.session: Session | None = None

    def result(self, exercise_id: str, seed: int) -> ExerciseResult:
        """Raises JudgeEnded when two sessions ended over the same exercise, or DeadlinePassed."""
        for attempt in (1, 2):
            if self.session is None:
                self.session = Session(self.place, self.exercises)
                self.running.add(self.session)
            try:
                return self.session.ask(exercise_id, seed, self.until)
            except JudgeEnded:
                self.close()
                if attempt == 2:
                    raise
            except DeadlinePassed:
                self.close()
                raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        if self.session is not None:
            self.session.close()
            self.running.remove(self.session)
            self.session = None
