"""The shapes of a run: how many users when. Plans only, nothing here sends a request."""

from __future__ import annotations

from dataclasses import dataclass

MOST_USERS = 10_000
MOST_SECONDS = 12 * 3600
SHAPES = ("steady", "spike", "soak", "ramp-to-break")
DEFAULT_USERS = {"steady": 20, "spike": 50, "soak": 20, "ramp-to-break": 200}
DEFAULT_SECONDS = {"steady": 60, "spike": 60, "soak": 1800, "ramp-to-break": 120}


@dataclass(frozen=True)
class Stage:
    """From `start` to `end`, in seconds after the start of the run, there are `users` users."""

    start: float
    end: float
    users: int


def plan_stages(shape: str, users: int, seconds: float, step_seconds: float = 10) -> list[Stage]:
    """Return the stages of a run that lasts `seconds` and has `users` users at its peak.

    - `steady`, `soak`: all users all the time. A soak is the longer one.
    - `spike`: a fifth of the users, then all of them for 30 % of the time, then a fifth again.
    - `ramp-to-break`: one stage each `step_seconds`, each with as many users more, the last with all.

    Raises ValueError for another shape, and for numbers outside 1 to 10,000 users, 1 second to 12 hours.
    """
    if shape not in SHAPES:
        raise ValueError(f"{shape!r} is no shape; there are {', '.join(SHAPES)}")
    if not 1 <= users <= MOST_USERS:
        raise ValueError(f"a run has 1 to {MOST_USERS:,} users, not {users:,}")
    if not 1 <= seconds <= MOST_SECONDS:
        raise ValueError(f"a run lasts 1 to {MOST_SECONDS:,} seconds, not {seconds:,}")
    if shape == "spike":
        rest = max(1, users // 5)
        edges = (0, 0.3 * seconds, 0.6 * seconds, seconds)
        levels = (rest, users, rest)
    elif shape == "ramp-to-break":
        if step_seconds < 3:
            raise ValueError(f"a step lasts 3 seconds or more, not {step_seconds}")
        steps = min(users, max(1, int(seconds // step_seconds)))
        edges = [seconds * n / steps for n in range(steps + 1)]
        levels = [round(users * (n + 1) / steps) for n in range(steps)]
    else:
        edges, levels = (0, seconds), (users,)
    return [Stage(*stage) for stage in zip(edges, edges[1:], levels, strict=False)]


def users_at(stages: list[Stage], elapsed: float) -> int | None:
    """Return how many users there are `elapsed` seconds after the start; None when the run is over."""
    return next((stage.users for stage in stages if elapsed < stage.end), None)
