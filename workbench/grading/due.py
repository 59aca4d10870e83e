"""Which exercises of a submission have to be judged, seen what its record holds."""

from __future__ import annotations

from workbench.course.catalog import Exercise
from workbench.grading.intake import Submission
from workbench.grading.marks import has_verdict, is_counted
from workbench.grading.records import row_id
from workbench.judging.results import result_from_json


def due_exercises(
    exercises: list[Exercise],
    submission: Submission,
    known: dict | None,
    keys: dict[str, str],
    *,
    retry: bool,
) -> list[Exercise]:
    """Those whose verdict is not known yet, was made from something else, or, with `retry`, is none.

    `known` is the submission's record, `keys` are those of today (see `key_of`), by exercise.
    """
    if known is None:
        return exercises
    if submission.problem:  # nothing was read, and one row would say what the other says
        return [] if known["problem"] == submission.problem else exercises
    rows = {row_id(row): row for row in known["exercises"]}
    return [e for e in exercises if _is_due(rows.get(e.id), keys[e.id], retry)]


def _is_due(row: dict | None, key: str, retry: bool) -> bool:
    if row is None or row["key"] != key:
        return True
    return retry and _came_to_nothing(row)


def _came_to_nothing(row: dict) -> bool:
    """Whether a row has no verdict: the deadline had passed, or this machine could not judge it."""
    result = result_from_json(row["result"])
    return not (is_counted(result) and has_verdict(result))
