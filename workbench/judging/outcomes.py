"""What a check can end with, other than passing. Each carries the message a learner reads."""

from __future__ import annotations

from typing import ClassVar


class Outcome(Exception):
    """`message` tells, in this order: what was done, what came back, what was expected, where to look."""

    verdict: ClassVar[str]

    def __init__(self, did: str, got: str = "", expected: str = "", look: str = ""):
        parts = [did, got, f"Expected: {expected}" if expected else "", look and f"Look at: {look}"]
        self.message = "\n".join(_sentence(part) for part in parts if part)
        super().__init__(self.message)


class Mismatch(Outcome):
    """The learner's code answered, and the answer is wrong."""

    verdict = "failed"


class LearnerError(Outcome):
    """The learner's code raised, or ended the process, where an answer was due."""

    verdict = "error"


class LearnerTimeout(Outcome):
    """The learner's code did not answer within the deadline."""

    verdict = "timeout"


class NotStarted(Outcome):
    """The code ran into the exercise's own placeholder."""

    verdict = "not_started"


class EnvironmentProblem(Outcome):
    """Something the learner is not to blame for: no Docker, no disk, a fault of the course."""

    verdict = "environment"


def mismatch(did: str, *, got: str, expected: str, look: str) -> Mismatch:
    """The outcome for a wrong answer; a check raises it when no `Answer` or `Reply` method fits."""
    return Mismatch(did, got, expected, look)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "`", "}", ":")) else text + "."
