"""What came back over the boundary, with the sentences that say how it differs from the contract."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

from workbench.boundary.outcomes import Mismatch, shortened
from workbench.boundary.raised import raised_outcome

LONGEST_SHOWN = 300


def shown(value: Any) -> str:
    """The value as a message shows it: its repr, cut when long."""
    if isinstance(value, dict) and "$object" in value:
        text = f"{value['$repr']} (a {value['$object']})"
    else:
        text = value if isinstance(value, Raw) else repr(value)
    return shortened(text, LONGEST_SHOWN)


class Raw(str):
    """Text that is shown as it is, without quotes."""


def same(got: Any, expected: Any, tolerance: float = 0.0) -> bool:
    """Whether two JSON values are equal, with exact types (an int may stand for an equal float).

    `tolerance` is absolute and holds for every number inside. A bool is never a number; NaN equals NaN.
    """
    if isinstance(expected, dict) and isinstance(got, dict):
        keys = got.keys() == expected.keys()
        return keys and all(same(got[k], expected[k], tolerance) for k in expected)
    if isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        pairs = zip(got, expected, strict=False)
        return len(got) == len(expected) and all(same(g, e, tolerance) for g, e in pairs)
    numbers = (int, float)
    if type(got) in numbers and type(expected) in numbers:
        if math.isnan(expected) or math.isnan(got):
            return math.isnan(expected) and math.isnan(got)
        return got == expected or abs(got - expected) <= tolerance
    return type(got) is type(expected) and got == expected


@dataclass
class Answer:
    """What a call of the learner's function gave: a `value`, or an `error` it raised.

    `said` is how the call reads in Python.
    """

    said: str
    result: Any = None
    error: dict[str, Any] | None = None

    @property
    def value(self) -> Any:
        """The returned value; raises LearnerError when the call raised."""
        if self.error:
            raise raised_outcome(f"The check called `{self.said}`" if self.said else "", self.error)
        return self.result

    def equals(
        self, expected: Any, *, look: str, tolerance: float = 0.0, as_text: str | None = None
    ) -> None:
        """The call must return `expected`; raises an Outcome with all four sentences otherwise."""
        wanted = as_text or shown(expected)
        if self.error:
            raise raised_outcome(f"The check called `{self.said}`", self.error, wanted, look)
        if not same(self.result, expected, tolerance):
            raise self.fails(f"It returned {shown(self.result)}", wanted, look)

    def fails(self, got: str, expected: str, look: str) -> Mismatch:
        """The outcome for this answer being wrong; the check raises it."""
        return Mismatch(f"The check called `{self.said}`", got, expected, look)

    def raises(self, *types: str, look: str, saying: str | None = None) -> str:
        """The call must raise one of the named exceptions (or a subclass); returns its message.

        `saying`: text the message must hold, compared without case.
        """
        wanted = " or ".join(types)
        if self.error is None:
            raise self.fails(f"It returned {shown(self.result)}", f"it raises {wanted}", look)
        if not set(types) & set(self.error["bases"]):
            raise raised_outcome(
                f"The check called `{self.said}`", self.error, f"it raises {wanted}", look
            )
        if saying and saying.lower() not in self.error["message"].lower():
            got = f"It raised {self.error['type']}: {self.error['message']}"
            raise self.fails(got, f"the message mentions {saying!r}", look)
        return self.error["message"]


@dataclass
class Reply:
    """What the learner's service answered to one request. `said` is how the request reads."""

    said: str
    status: int
    headers: dict[str, str]
    body: bytes
    raised: list[dict] = field(default_factory=list)

    def fails(self, got: str, expected: str, look: str) -> Mismatch:
        """The outcome for this reply being wrong; the check raises it."""
        return Mismatch(f"The check sent `{self.said}`", got, expected, look)

    def has_status(self, *statuses: int, look: str) -> Reply:
        """The status must be one of these. A 500 from an exception is reported as that exception."""
        if self.status in statuses:
            return self
        if self.status >= 500 and self.raised:
            raise raised_outcome(f"The check sent `{self.said}`", self.raised[-1], look=look)
        wanted = " or ".join(map(str, statuses))
        raise self.fails(
            f"The service answered {self.status} with {self.shown_body()}", f"status {wanted}", look
        )

    def json(self, *, look: str = "return a dict from the view, Flask makes JSON of it") -> Any:
        """The body as JSON; raises Mismatch when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise self.fails(
                f"The body was {self.shown_body()}", "a body that is valid JSON", look
            ) from None

    def json_equals(self, expected: Any, *, look: str, tolerance: float = 0.0) -> None:
        """The JSON body must equal `expected`, key by key; the message names the first difference."""
        body = self.json()
        if same(body, expected, tolerance):
            return
        raise self.fails(f"The body was {self.shown_body()}", difference(body, expected), look)

    def has_header(self, name: str, value: str, *, look: str) -> Reply:
        """A header must be `value`, with parameters or more words after it; case aside."""
        got = self.headers.get(name.lower(), "")
        is_whole = got[len(value) : len(value) + 1] in ("", " ", ";", ",")
        if not got.lower().startswith(value.lower()) or not is_whole:
            seen = f"{name} was {got!r}" if got else f"There was no {name} header"
            raise self.fails(seen, f"{name}: {value}", look)
        return self

    def shown_body(self) -> str:
        """The body as a message shows it: as text, cut when long."""
        text = self.body.decode("utf-8", "replace").strip() or "an empty body"
        return f"`{shortened(text, LONGEST_SHOWN)}`" if text != "an empty body" else text


def difference(got: Any, expected: Any) -> str:
    """One sentence on the first difference between two JSON values."""
    if not isinstance(got, dict) or not isinstance(expected, dict):
        return f"{shown(expected)}, not {shown(got)}"
    for key in expected:
        if key not in got:
            return f"a key {key!r} ({shown(expected[key])}); it is missing"
        if not same(got[key], expected[key]):
            return f"{key} = {shown(expected[key])}; it was {shown(got[key])}"
    extra = sorted(set(got) - set(expected))
    return f"only the keys {', '.join(expected)}; {extra[0]!r} is not in the contract"
