"""How a wrong or a right answer is stored: as the text of the answer's regions, or as changes to it.

`tests/mistakes/<id>/<name>.toml` holds changes: this text of the reference becomes that. Any other file
there, and every file in `tests/answers/<id>/`, holds the regions between their markers, or a whole file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from workbench.authoring.mutation.edits import region_spans
from workbench.course.catalog import Exercise
from workbench.course.derive import MarkerError

HEADER = re.compile(r"^(?:#|--) (?P<key>fails|says|file): (?P<value>.+)$", re.MULTILINE)
SHOWN = 60


class MistakeError(MarkerError):
    """A mistake whose changes cannot be read or made. The message names its file, and what to do."""


@dataclass(frozen=True)
class Stored:
    """What is stored of a case: `text` is in the form that `variant_from` takes, `file` is its path."""

    text: str
    file: str
    fails: str = ""
    says: str = ""


@dataclass(frozen=True)
class Change:
    """The lines `this` of the reference become others; `name` says whose change it is."""

    name: str
    this: str
    becomes: str


def load_regions(exercise: Exercise, file: Path) -> Stored:
    """Reads an answer or a mistake that repeats the regions; comments hold its labels."""
    text = file.read_text(encoding="utf-8")
    labels = {m["key"]: m["value"].strip() for m in HEADER.finditer(text)}
    path = labels.get("file", exercise.files[0])
    return Stored(text, path, labels.get("fails", ""), labels.get("says", ""))


def load_changes(exercise: Exercise, file: Path, reference: Path) -> Stored:
    """Reads a mistake that is stored as changes and makes them in its file below `reference`.

    Raises MistakeError when a key is missing, unknown or no text, or a change cannot be made.
    """
    name = f"{exercise.id}/{file.name}"
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise MistakeError(f"{name} is no TOML: {error}.") from None
    rows = table.pop("change", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise MistakeError(f"{name}: there is no change. Write one under [[change]].")
    _require_texts(name, table, asked=("fails", "says"), optional=("file", "note"))
    path = table.get("file", exercise.files[0])
    if path not in exercise.files:
        files = ", ".join(exercise.files)
        raise MistakeError(f"{name}: `file` is {path}. The exercise has {files}.")
    changes = []
    for number, row in enumerate(rows, 1):
        which = f"{name}, change {number}"
        _require_texts(which, row, asked=("this", "becomes"))
        changes.append(Change(which, _whole_lines(row["this"]), _whole_lines(row["becomes"])))
    if not (reference / path).is_file():
        raise MistakeError(f"{name}: solutions/{path} does not exist. Write the answer first.")
    source = (reference / path).read_text(encoding="utf-8")
    return Stored(changed(source, path, changes), path, table["fails"], table["says"])


def changed(source: str, path: str, changes: Iterable[Change]) -> str:
    """The source after all changes, each of them found in the source as it is. Raises MistakeError."""
    placed = [(*_place_of(change, source, path), change) for change in changes]
    placed.sort(key=lambda place: place[0])
    for (_, end, one), (start, _, other) in pairwise(placed):
        if start < end:
            raise MistakeError(f"{other.name} overlaps with {one.name}. Make one change of both.")
    for start, end, change in reversed(placed):
        source = source[:start] + change.becomes + source[end:]
    return source


def _place_of(change: Change, source: str, path: str) -> tuple[int, int]:
    """From where to where the change reaches in the source, in characters."""
    starts = [m.start() for m in re.finditer(f"(?m)^(?={re.escape(change.this)})", source)]
    first = _first_line(change.this)
    if not starts or not change.this:
        raise MistakeError(
            f"{change.name}: solutions/{path} has no such lines: {first}. "
            "Copy `this` from there, whole lines with their indentation."
        )
    if len(starts) > 1:
        times = len(starts)
        raise MistakeError(
            f"{change.name}: solutions/{path} has these lines {times} times: {first}. "
            "Put the line above or below into `this` and `becomes` too."
        )
    start, end = starts[0], starts[0] + len(change.this)
    if not any(opened <= start and end <= closed for opened, closed in region_spans(source)):
        raise MistakeError(
            f"{change.name}: these lines of solutions/{path} are not of the answer: {first}. "
            "Change what stands between BEGIN SOLUTION and END SOLUTION."
        )
    return start, end


def _require_texts(
    name: str, table: dict, *, asked: tuple[str, ...], optional: tuple[str, ...] = ()
) -> None:
    for key in asked:
        if key not in table:
            raise MistakeError(f"{name}: `{key}` is missing. Add it.")
    for key, value in table.items():
        if key not in (*asked, *optional):
            known = ", ".join((*asked, *optional))
            raise MistakeError(f"{name}: `{key}` is unknown. The keys here are {known}.")
        if not isinstance(value, str):
            raise MistakeError(f"{name}: `{key}` is no text. Put it in quotes.")


def _whole_lines(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _first_line(text: str) -> str:
    return next((line.strip()[:SHOWN] for line in text.split("\n") if line.strip()), "(nothing)")
