"""What a check can end with, other than passing. Each carries the message a learner reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

CUT = " ... (cut)"
LONGEST_MESSAGE = 4000
COURSE = str(Path(__file__).resolve().parents[2])
# a judged tree, wherever this system keeps temporary folders
TREE = re.compile(
    r"[^\s'\"`(]*workbench-\w+[/\\](?:judged|reference)[/\\]"
    r"(?:exchange[/\\]files[/\\][^/\\\s]+|[\w.-]+)[/\\]?"
)
PACKAGES = re.compile(r"[^\s'\"`(]*[/\\](?:site-packages|lib[/\\]python3\.\d+)[/\\]")
OF_A_TRACEBACK = re.compile(r'Traceback|  File "|    |Current thread|Thread 0x|Extension modules')
# a terminal would obey them, and a browser may turn the text around
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Outcome(Exception):
    """`message` tells, in this order: what was done, what came back, what was expected, where to look."""

    verdict: ClassVar[str]

    def __init__(self, did: str, got: str = "", expected: str = "", look: str = ""):
        parts = [did, got, f"Expected: {expected}" if expected else "", look and f"Look at: {look}"]
        self.message = "\n".join(_sentence(fit_to_show(part)) for part in parts if part)
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


def fit_to_show(text: str) -> str:
    """The text without paths of the judge, without what a terminal would obey, and cut when long."""
    for pattern in (TREE, PACKAGES):
        text = pattern.sub("", text)
    text = text.replace(COURSE, "").replace("\r\n", "\n")
    text = CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return shortened(text, LONGEST_MESSAGE)


def shortened(text: str, most: int) -> str:
    """The first `most` characters, and a mark where there are more."""
    return text if len(text) <= most else text[:most] + CUT


def last_words(written: str, most: int = 400) -> str:
    """The end of what a process wrote, without the lines of a traceback that tell of the judge."""
    kept = [line for line in written[-20_000:].splitlines() if not OF_A_TRACEBACK.match(line)]
    return "\n".join(kept)[-most:].strip()


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "`", "}", ":")) else text + "."
