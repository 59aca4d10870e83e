"""The grading side of a judging process: starts it, asks it, believes only what it has signed."""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import subprocess
import tempfile
import threading
import time
from dataclasses import replace
from typing import IO, Any, Protocol

from workbench.grading.judge import signature
from workbench.grading.names import printable
from workbench.judging.results import ExerciseResult, result_from_json

LONGEST_LINE = 8 << 20
LONGEST_MESSAGE = 4000
LONGEST_LAST_WORDS = 500


class Place(Protocol):
    """Where a judging process runs: `start` gives it, `end` stops it with all that it started.

    `protections` is what the judge there has said of itself, once one was started.
    """

    name: str
    project: str
    protections: list[str]

    def start(self, errors: IO[bytes]) -> subprocess.Popen: ...

    def end(self, process: subprocess.Popen) -> None: ...


class JudgeEnded(Exception):
    """The judging process ended before it answered. `was_ready`: it had begun to judge."""

    def __init__(self, *, was_ready: bool):
        super().__init__()
        self.was_ready = was_ready


class DeadlinePassed(Exception):
    """The submission's time was over before the answer came."""


class Session:
    """One judging process, asked for one exercise at a time. Close it to end it."""

    def __init__(self, place: Place, exercises: int):
        self.place = place
        self.key = secrets.token_bytes(32)
        self.is_ready = False
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the session
        self.process = place.start(self.errors)
        self.lines: queue.Queue[bytes] = queue.Queue()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()
        self._say({"key": self.key.hex(), "project": place.project, "exercises": exercises})

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed under us
            while line := self.process.stdout.readline(LONGEST_LINE):
                self.lines.put(line)
        self.lines.put(b"")

    def _say(self, message: dict) -> None:
        with contextlib.suppress(OSError, ValueError):  # it has ended: the answer will tell
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
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
                raise JudgeEnded(was_ready=self.is_ready)
            answer = json.loads(self._believed(line) or "null")
            if isinstance(answer, list):
                self.is_ready, self.place.protections[:] = True, answer
            elif answer and answer["exercise"] == exercise_id:
                return _result_of(answer)

    def _believed(self, line: bytes) -> str:
        """What a line says, or nothing when the judge has not signed it."""
        signed, _, text = line.decode("utf-8", "replace").rstrip("\n").partition(" ")
        is_signed = secrets.compare_digest(signed.encode(), signature(self.key, text).encode())
        return text if is_signed else ""

    def last_words(self) -> str:
        """The end of what the process wrote to standard error."""
        with contextlib.suppress(ValueError):  # closed under us
            self.errors.seek(max(0, self.errors.seek(0, 2) - LONGEST_LAST_WORDS))
            return " ".join(self.errors.read().decode("utf-8", "replace").split())
        return ""

    def close(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.process.stdin.close()
        self.place.end(self.process)
        self.listener.join(5)
        if not self.listener.is_alive():  # to close what it still reads from would wait for it
            self.process.stdout.close()
        self.errors.close()


def _result_of(answer: dict) -> ExerciseResult:
    """The result as it may be stored and shown: no sign in it that a file or a page cannot carry."""
    result = result_from_json(answer)
    checks = (replace(c, message=printable(c.message)[:LONGEST_MESSAGE]) for c in result.checks)
    return replace(result, checks=tuple(checks))


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
                return self._ask(exercise_id, seed)
            except JudgeEnded:
                self.running.note_fault(self.session.last_words())
                self.close()
                if attempt == 2:
                    raise
            except DeadlinePassed:
                self.close()
                raise
        raise AssertionError("unreachable")

    def _ask(self, exercise_id: str, seed: int) -> ExerciseResult:
        return self.session.ask(exercise_id, seed, self.until)

    def close(self) -> None:
        if self.session is not None:
            self.session.close()
            self.running.remove(self.session)
            self.session = None
