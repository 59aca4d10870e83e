"""The rules that every message to a learner keeps, whichever check it is of."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workbench.course.derive import is_json, regions_of
from workbench.course.place import Course
from workbench.judging.results import ExerciseResult

LONGEST_MESSAGE = 1600
LONGEST_SHARED = 25  # a line of the answer up to here is a name or a word of the contract
FRAMES = re.compile(r"(?m)^(E   |>   )|_pytest|\bpluggy\b|conftest\.py:\d")


def message_complaints(course: Course, case, result: ExerciseResult) -> Iterator[str]:
    """What is wrong with the messages of a mistake's result, whichever check they are of."""
    if case.kind != "mistake":
        return
    for check in result.checks:
        if check.verdict != "passed":
            for fault in faults_in(check.message, course, _answer_lines(course, case)):
                yield f"{case.exercise.id}, {case.kind} {case.name}, {check.id}: {fault}"


def faults_in(message: str, course: Course, answer_lines: set[str]) -> Iterator[str]:
    """The rules a message breaks."""
    if not message.strip():
        yield "the message is empty"
    if len(message) > LONGEST_MESSAGE:
        yield f"the message has {len(message)} characters, at most {LONGEST_MESSAGE} are read"
    for place in judges_places(course):
        if place in message:
            yield f"the message names a place of the judge's own: {place}"
    if frame := FRAMES.search(message):
        yield f"the message shows frames of pytest: {frame[0].strip()}"
    flat = _flat(message)
    for line in sorted(answer_lines):
        if line in flat:
            yield f"the message gives a line of the answer away: {line}"


def judges_places(course: Course) -> tuple[str, ...]:
    """What only the judge's own paths hold."""
    made = [str(Path(tempfile.gettempdir()) / name) for name in ("workbench-", "pytest-of-")]
    return (str(course.root), *made, "site-packages", "tests/checks", "tests\\checks")


def _answer_lines(course: Course, case) -> set[str]:
    """The longer lines of the answer that the learner has not written too: their own may be quoted."""
    lines: set[str] = set()
    for path in case.exercise.files:
        source = (course.reference / path).read_text(encoding="utf-8")
        for region in [source] if is_json(source) else regions_of(source):
            lines |= {_flat(line) for line in region.split("\n")}
    own = _flat(case.text)
    return {line for line in lines if len(line) > LONGEST_SHARED and line not in own}


def _flat(text: str) -> str:
    return " ".join(text.split())
