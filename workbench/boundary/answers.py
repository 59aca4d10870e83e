"""Reads what comes over the channel from a learner's process. Whatever it holds, nothing here raises."""

from __future__ import annotations

import json
from typing import Any

TEXTS = ("type", "message")
OUTCOMES = ("passed", "failed", "skipped")


def read_answer(line: bytes, asked: str) -> dict[str, Any] | None:
    """The answer to the request with the id `asked`: `value`, or `error` in the form `described` gives it.

    None for anything else: a line that another hand wrote, cut or nested beyond reading.
    """
    try:
        answer = json.loads(line) if line.endswith(b"\n") else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict) or answer.get("id") != asked:
        return None
    error = answer.get("error")
    if error is not None and not _is_error(error):
        return None
    return {"value": answer.get("value"), "error": error}


def _is_error(error: Any) -> bool:
    if not isinstance(error, dict) or not all(isinstance(error.get(k), str) for k in TEXTS):
        return False
    bases, line = error.get("bases"), error.get("line", 0)
    if not isinstance(bases, list) or not all(isinstance(base, str) for base in bases):
        return False
    has_place = isinstance(error.get("file", ""), str) and isinstance(error.get("code", ""), str)
    return has_place and (line is None or type(line) is int)


def anything(value: Any) -> bool:
    """The form of a value that the check itself will judge."""
    return True


def is_test_run(value: Any) -> bool:
    """Whether a value has the form that `run_tests` in child.py gives."""
    if not isinstance(value, dict) or type(value.get("status")) is not int:
        return False
    tests, broken = value.get("tests"), value.get("broken")
    if not isinstance(tests, dict) or not isinstance(broken, list):
        return False
    are_described = all(
        isinstance(t, dict) and t.get("outcome") in OUTCOMES for t in tests.values()
    )
    return are_described and all(map(_is_crash, (*broken, *tests.values())))


def _is_crash(part: Any) -> bool:
    if not isinstance(part, dict):
        return False
    failed = part.get("outcome", "failed") == "failed"
    if failed and not isinstance(part.get("text"), str):
        return False
    return isinstance(part.get("message", ""), str) and type(part.get("line", 0)) is int


def is_list_of_errors(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_error, value))


def is_count_of_predictions(value: Any) -> bool:
    """Whether a value has the form that `predictions_asked` in child.py gives."""
    if not isinstance(value, dict) or type(value.get("singles")) is not int:
        return False
    batches = value.get("batches")
    return isinstance(batches, list) and all(type(batch) is int for batch in batches)
