"""What several checks of one run build on is made once; each check gets it, or hears why it is missing."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from workbench.boundary.outcomes import EnvironmentProblem, Mismatch, Outcome


class Attempt:
    """Something made at most once for each set of arguments. Used as a decorator, with `missing`.

    The check whose subject it is calls `result(...)` and gets the failure in full. Other checks call
    it like a function: they get what was made, or "Not run", because one cause is told once.
    """

    def __init__(self, make: Callable, missing: str):
        self.missing = missing
        self._made = functools.cache(_outcome_of(make))

    def result(self, *args: Any) -> Any:
        """What was made. Raises the Outcome that making it came to."""
        made = self._made(*args)
        if isinstance(made, Outcome):
            raise made
        return made

    def __call__(self, *args: Any) -> Any:
        made = self._made(*args)
        if isinstance(made, Outcome) and not isinstance(made, EnvironmentProblem):
            raise Mismatch(f"Not run: {self.missing}", look="the first check that did not pass")
        return self.result(*args)


def attempt(missing: str) -> Callable[[Callable], Attempt]:
    """Decorates a function that makes something; `missing` completes "Not run: ..."."""
    return lambda make: Attempt(make, missing)


def _outcome_of(make: Callable) -> Callable:
    @functools.wraps(make)
    def making(*args: Any) -> Any:
        try:
            return make(*args)
        except Outcome as outcome:
            return outcome

    return making
