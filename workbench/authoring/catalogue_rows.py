"""Puts a new row into the catalogue's text, and leaves every other byte of it as it is."""

from __future__ import annotations

import itertools
import re
import tomllib

from workbench.course.catalog import Catalog

TABLE = re.compile(r"^\[\[(?:lesson|exercise)\]\]\s*$")


def with_row(text: str, row: str, lesson: str, catalog: Catalog) -> str:
    """The text with `row`, a whole `[[exercise]]`, after the last row of its lesson.

    A lesson that has no exercise yet gets its first after those of the lessons before it.
    """
    lines = text.splitlines(keepends=True)
    ends = _ends_of_exercises(lines)
    last = _last_before(lesson, catalog)
    end = ends[last] if last is not None else _end_of_lessons(lines)
    new = row.strip("\n").splitlines(keepends=True)
    line_end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    added = [line_end, *(line.rstrip("\n") + line_end for line in new)]
    before = lines[:end]
    if not before[-1].endswith("\n"):
        before[-1] += line_end
    return "".join([*before, *added, *lines[end:]])


def _last_before(lesson: str, catalog: Catalog) -> int | None:
    """The place, among the exercises, of the last one that comes before a new one of the lesson."""
    order = [known.id for known in catalog.lessons]
    until = order[: order.index(lesson) + 1]
    places = [n for n, exercise in enumerate(catalog.exercises) if exercise.lesson in until]
    mine = [n for n in places if catalog.exercises[n].lesson == lesson]
    return max(mine or places, default=None)


def _ends_of_exercises(lines: list[str]) -> list[int]:
    """For each `[[exercise]]`, the number of its lines' end: comments after it belong to the next."""
    starts = [n for n, line in enumerate(lines) if TABLE.match(line)] + [len(lines)]
    ends = []
    for start, following in itertools.pairwise(starts):
        if lines[start].startswith("[[exercise]]"):
            ends.append(_without_trailing_comments(lines, start, following))
    if len(ends) != len(tomllib.loads("".join(lines)).get("exercise", [])):
        raise ValueError("a text of the catalogue holds a line that looks like the head of a row")
    return ends


def _without_trailing_comments(lines: list[str], start: int, end: int) -> int:
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


def _end_of_lessons(lines: list[str]) -> int:
    first = next((n for n, line in enumerate(lines) if line.startswith("[[exercise]]")), len(lines))
    return _without_trailing_comments(lines, 0, first)
