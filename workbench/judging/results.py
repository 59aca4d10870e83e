"""The one result format behind the notebook, the command line, watch mode and grading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

SCHEMA_VERSION = 1
VERDICTS = ("passed", "failed", "error", "timeout", "not_started", "environment")


@dataclass(frozen=True)
class CheckResult:
    """One check: `message` is empty when it passed, else what the learner reads. Seconds of wall time."""

    id: str
    title: str
    verdict: str
    message: str
    seconds: float


@dataclass(frozen=True)
class ExerciseResult:
    exercise: str
    verdict: str
    points_earned: int
    points_possible: int
    seconds: float
    checks: tuple[CheckResult, ...]

    @property
    def first_problem(self) -> CheckResult | None:
        """The check to show first: the first that did not pass."""
        return next((check for check in self.checks if check.verdict != "passed"), None)

    def as_json(self) -> dict:
        """The object that `result.schema.json` describes."""
        return {
            "schema": SCHEMA_VERSION,
            "exercise": self.exercise,
            "verdict": self.verdict,
            "points": {"earned": self.points_earned, "possible": self.points_possible},
            "seconds": round(self.seconds, 3),
            "checks": [asdict(c) | {"seconds": round(c.seconds, 3)} for c in self.checks],
        }


def result_from_json(data: dict) -> ExerciseResult:
    """The inverse of `as_json`. Raises KeyError or TypeError when `data` is no result."""
    if data["schema"] != SCHEMA_VERSION:
        raise KeyError(f"result schema {data['schema']}")
    points = data["points"]
    checks = tuple(CheckResult(**check) for check in data["checks"])
    return ExerciseResult(
        data["exercise"],
        data["verdict"],
        points["earned"],
        points["possible"],
        data["seconds"],
        checks,
    )


def summarise(
    exercise: str,
    points: int,
    seconds: float,
    checks: list[CheckResult],
    weights: Mapping[str, int] | None = None,
) -> ExerciseResult:
    """One result from its checks: the first problem's verdict, and points in proportion, rounded down.

    A check counts as much as `weights` says of its id, or 1.
    """
    counts = {check.id: (weights or {}).get(check.id, 1) for check in checks}
    passed = sum(counts[check.id] for check in checks if check.verdict == "passed")
    problem = next((check.verdict for check in checks if check.verdict != "passed"), None)
    verdict = problem or ("passed" if checks else "environment")
    earned = points * passed // sum(counts.values()) if checks else 0
    return ExerciseResult(exercise, verdict, earned, points, seconds, tuple(checks))
