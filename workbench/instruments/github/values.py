"""The values of GitHub's expressions: how they compare, when they are true, what functions make of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any


class Anything(str):
    """A value that only GitHub knows. It is whatever a condition asks for, and is not empty."""


ANYTHING = Anything("anything")


class Unknown(dict):
    """A context of which only GitHub knows what is in it, `secrets` for instance."""

    def get(self, key: Any, default: Any = None) -> Any:
        return ANYTHING


def is_true(value: Any) -> bool:
    return value not in (None, False, 0, "")


def as_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value) if isinstance(value, dict | list) else f"{value}"


def number_of(value: Any) -> float:
    """A value as GitHub makes a number of it to compare; NaN for what is none."""
    if isinstance(value, str):
        try:
            return float(int(value, 16)) if "x" in value.lower() else float(value or 0)
        except ValueError:
            return float("nan")
    return float("nan") if isinstance(value, dict | list) else float(value or 0)


def equal(one: Any, other: Any) -> bool:
    """Texts are compared without regard to case; values of two kinds as numbers."""
    if _is_anything(one, other):
        return bool(one and other)
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return one == other if type(one) is type(other) else number_of(one) == number_of(other)


def _is_anything(*values: Any) -> bool:
    return any(isinstance(value, Anything) for value in values)


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "||": lambda one, other: one if is_true(one) else other,
    "&&": lambda one, other: other if is_true(one) else one,
    "==": equal,
    "!=": lambda one, other: _is_anything(one, other) or not equal(one, other),
    "<": lambda one, other: number_of(one) < number_of(other),
    "<=": lambda one, other: number_of(one) <= number_of(other),
    ">": lambda one, other: number_of(one) > number_of(other),
    ">=": lambda one, other: number_of(one) >= number_of(other),
}
FUNCTIONS: dict[str, Callable] = {
    "contains": lambda place, item: (
        any(equal(entry, item) for entry in place)
        if isinstance(place, list)
        else as_text(item).lower() in as_text(place).lower()
    ),
    "startswith": lambda text, start: as_text(text).lower().startswith(as_text(start).lower()),
    "endswith": lambda text, end: as_text(text).lower().endswith(as_text(end).lower()),
    "format": lambda text, *values: re.sub(
        r"\{(\d+)\}", lambda m: as_text(values[int(m[1])]), as_text(text)
    ),
    "join": lambda items, sign=",": as_text(sign).join(map(as_text, items or ())),
    "tojson": json.dumps,
    "fromjson": lambda text: json.loads(as_text(text)),
}
