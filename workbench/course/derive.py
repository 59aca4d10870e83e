"""Cuts one marked source into a starter, a solution to read, or a variant to judge.

A region is what stands between a line holding `BEGIN SOLUTION` and one holding `END SOLUTION`, each
after a comment sign (`#`, or `--` in SQL). The text outside the regions is shared by all forms. JSON has no
comments: there the whole file is the answer, and its starter is an object that says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from workbench.course.problems import UserError

BEGIN = re.compile(r"^(?P<indent>[ \t]*)(?P<sign>#|--) BEGIN SOLUTION\s*$")
END = re.compile(r"^[ \t]*(#|--) END SOLUTION\s*$")
OPENS_BLOCK = re.compile(r"^(?P<indent>[ \t]*)(?P<word>async def|def|class)\b")


class MarkerError(UserError, ValueError):
    """The markers of a file do not pair up. The message names the line."""


def starter_from(source: str, exercise_id: str) -> str:
    """The source with each region replaced by a placeholder.

    Inside a Python function that is `raise NotImplementedError("<id>")`; elsewhere a TODO comment. A JSON
    file is replaced as a whole.
    """

    if is_json(source):
        return f'{{\n  "TODO({exercise_id})": "your answer goes here"\n}}\n'

    def placeholder(body: list[str], indent: str, sign: str, before: list[str]) -> list[str]:
        if sign == "#" and _inside_function(before, indent):
            return [f'{indent}raise NotImplementedError("{exercise_id}")']
        return [f"{indent}{sign} TODO({exercise_id}): your answer goes here."]

    return _rewrite(source, placeholder)


def is_json(source: str) -> bool:
    """Whether a source is a JSON object, which can hold no marker."""
    return source.lstrip().startswith("{")


def solution_from(source: str) -> str:
    """The source without its markers: the answer as a learner would have written it."""
    return _rewrite(source, lambda body, *_: body)


def regions_of(source: str) -> list[str]:
    """The text of each region, dedented by nothing, in order."""
    regions: list[str] = []
    _rewrite(source, lambda body, *_: regions.append("\n".join(body)) or body)
    return regions


def variant_from(source: str, answer: str) -> str:
    """The source with its regions taken from `answer`, region by region and in order.

    An `answer` without markers is a whole file and is returned as it is, but for the lines that begin with
    `#` where the source is JSON. Raises MarkerError when the two have different numbers of regions.
    """
    if is_json(source):
        return "\n".join(line for line in answer.split("\n") if not line.startswith("#"))
    bodies = regions_of(answer)
    if not bodies:
        return answer
    if len(bodies) != len(regions_of(source)):
        raise MarkerError(f"{len(bodies)} regions given, the source has {len(regions_of(source))}.")
    remaining = iter(bodies)
    return _rewrite(source, lambda *_: next(remaining).split("\n"))


def placeholders(source: str, exercise_id: str) -> list[int]:
    """The numbers of the lines (from 1) that still hold this exercise's Python placeholder."""
    mark = re.compile(rf"^\s*raise NotImplementedError\(\s*['\"]{exercise_id}['\"]\s*\)")
    return [number for number, line in enumerate(source.splitlines(), 1) if mark.match(line)]


def is_starter(text: str, source: str, exercise_id: str) -> bool:
    """Whether `text` is still the starter of `source`, as far as its answer goes.

    True when it equals the starter but for white space, or when every placeholder is still there.
    """
    starter = starter_from(source, exercise_id)
    if text.split() == starter.split():
        return True
    asked = len(placeholders(starter, exercise_id))
    return asked > 0 and len(placeholders(text, exercise_id)) >= asked


def _rewrite(source: str, replace: Callable[..., list[str]]) -> str:
    """Calls `replace(body, indent, sign, lines_before)` for every region; returns the new text."""
    lines: list[str] = []
    body: list[str] | None = None
    opened: re.Match[str] | None = None
    for number, line in enumerate(source.split("\n"), 1):
        begins = BEGIN.match(line)
        if begins and opened:
            raise MarkerError(f"line {number}: BEGIN SOLUTION inside a region that is still open.")
        if begins:
            opened, body = begins, []
        elif END.match(line):
            if opened is None or body is None:
                raise MarkerError(f"line {number}: END SOLUTION without a BEGIN.")
            lines += replace(body, opened["indent"], opened["sign"], lines)
            opened = body = None
        elif body is not None:
            body.append(line)
        else:
            lines.append(line)
    if opened:
        raise MarkerError("the last BEGIN SOLUTION has no END.")
    return "\n".join(lines)


def _inside_function(before: list[str], indent: str) -> bool:
    width = len(indent)
    for line in reversed(before):
        block = OPENS_BLOCK.match(line)
        if block and len(block["indent"]) < width:
            return block["word"] != "class"
    return False
