"""A mutant: a source with one edit, shown as a difference that finds it again after other changes."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.course.derive import BEGIN, END, is_json


@dataclass(frozen=True)
class Edit:
    """Replaces the characters from `start` to `end` by `text`. `operator` says what kind of fault it is."""

    start: int
    end: int
    text: str
    operator: str

    def applied_to(self, source: str) -> str:
        return source[: self.start] + self.text + source[self.end :]


@dataclass(frozen=True)
class Mutant:
    """One faulty variant of the project's file `path`. `shown` is its difference, unique in the exercise."""

    exercise: str
    path: str
    operator: str
    text: str
    shown: str

    @property
    def key(self) -> str:
        """A hash of what is judged."""
        return hashlib.sha256(f"{self.exercise}\0{self.path}\0{self.text}".encode()).hexdigest()[
            :16
        ]


def region_spans(source: str) -> list[tuple[int, int]]:
    """From where to where each region reaches, in characters; the whole of a JSON file."""
    if is_json(source):
        return [(0, len(source))]
    spans, at, opened = [], 0, 0
    for line in source.splitlines(keepends=True):
        if BEGIN.match(line.rstrip("\n")):
            opened = at + len(line)
        elif END.match(line.rstrip("\n")):
            spans.append((opened, at))
        at += len(line)
    return spans


def inside(edits: Iterable[Edit], source: str) -> Iterator[Edit]:
    """The edits that stay inside a region."""
    spans = region_spans(source)
    return (e for e in edits if any(a <= e.start and e.end <= b for a, b in spans))


def mutants_from(exercise: str, path: str, source: str, edits: Iterable[Edit]) -> list[Mutant]:
    """One mutant for each edit that makes a text of its own, in the order of the source."""
    made: dict[str, Mutant] = {}
    counted: Counter[str] = Counter()
    for edit in sorted(edits, key=lambda e: (e.start, e.end, e.text)):
        text = edit.applied_to(source)
        if text == source or text in made:
            continue
        shown = difference(path, source, text)
        counted[shown] += 1
        if counted[shown] > 1:  # the same line stands in the file more than once
            head, _, rest = shown.partition("\n")
            shown = f"{head} #{counted[shown]}\n{rest}"
        made[text] = Mutant(exercise, path, edit.operator, text, shown)
    return list(made.values())


def difference(path: str, source: str, text: str) -> str:
    """The lines that differ, under a head with the path and the line that encloses them."""
    old, new = source.split("\n"), text.split("\n")
    lines = [line.rstrip() for line in difflib.unified_diff(old, new, lineterm="", n=0)][2:]
    first = next(
        i
        for i, pair in enumerate(zip([*old, None], [*new, None], strict=False))
        if pair[0] != pair[1]
    )
    scope = _enclosing(old, min(first, len(old) - 1))
    head = f"@ {path}" + (f" | {scope}" if scope else "")
    return "\n".join([head, *(line for line in lines if not line.startswith("@@"))])


def _enclosing(lines: list[str], number: int) -> str:
    """The nearest line above that is indented less, and is no comment."""
    width = _width(lines[number])
    for line in reversed(lines[:number]):
        if line.strip() and not line.lstrip().startswith(("#", "--")) and _width(line) < width:
            return line.strip()
    return ""


def _width(line: str) -> int:
    return len(line) - len(line.lstrip())
