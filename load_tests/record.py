"""The record of a run: everything needed to judge it, to draw it, and to compare it with another."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, replace
from datetime import UTC, datetime

from load_tests.objectives import Miss, Objectives, measure, misses
from load_tests.shapes import Stage
from load_tests.timeline import Timeline

RECORD_VERSION = 1
SETTLE_SECONDS = 1  # after a step's beginning, until its new users are there


def make_record(settings: dict, raw: dict) -> dict:
    """Return the record of a run, verdict included, from its settings and what Locust left (`raw`)."""
    timeline = Timeline()
    timeline.merge(raw["timeline"])
    objectives = Objectives(**settings["objectives"])
    stages = [Stage(*stage) for stage in settings["stages"]]
    start, seconds = raw["started"], max(1.0, raw["ended"] - raw["started"])
    measured = measure(timeline.total(), seconds) | {"unsent_arrivals": timeline.unsent}
    missed = misses(measured, objectives)
    ramp = None
    if settings["shape"] == "ramp-to-break":
        ramp = judge_ramp(timeline, stages, start, seconds, objectives)
        missed = misses_of_ramp(ramp, objectives)
    due = measured["requests"] + timeline.unsent
    if timeline.unsent > objectives.error_rate * due:
        share = round(timeline.unsent / due, 4)
        missed.append(Miss("share of arrivals never sent", objectives.error_rate, share))
    return {
        "record": "load-run",
        "version": RECORD_VERSION,
        **settings,
        "started": datetime.fromtimestamp(start, UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "measured": measured,
        "verdict": {"held": not missed, "missed": [asdict(miss) for miss in missed]},
        "ramp": ramp,
        "by_name": {name: measure(timeline.total(name=name), seconds) for name in timeline.names()},
        "failures": [
            {"name": name, "error": error, "count": count}
            for (name, error), count in timeline.errors.most_common()
        ],
        "series": series_of(timeline, raw["users"], int(start), int(start + seconds)),
        "drift": drift_of(timeline, start, seconds) if settings["shape"] == "soak" else None,
        "machine": machine_facts() | raw["client"],
    }


def series_of(timeline: Timeline, users: dict, first: int, last: int) -> list[dict]:
    """Return one row a second; `second` 0 is the second in which the run began."""
    rows = []
    for second in range(first, last + 1):
        measured = measure(timeline.total(start=second, end=second + 1), 1)
        row = {"second": second - first, "users": users.get(str(second))}
        rows.append(row | {key: measured[key] for key in SERIES})
    return rows


SERIES = ("requests", "failures", "p50_ms", "p95_ms", "p99_ms")


def judge_ramp(
    timeline: Timeline, stages: list[Stage], start: float, seconds: float, objectives: Objectives
) -> dict:
    """Return each step with its numbers and misses, the best throughput held, and what broke first.

    A step counts from a second after its start. Only steps that ran to their end are judged.
    """
    limits = replace(objectives, requests_per_second=None)
    steps = []
    for stage in stages:
        if stage.end > seconds + 1:
            break
        steps.append(judge_step(timeline, stage, start, limits))
    broken = next((n for n, step in enumerate(steps) if step["missed"]), len(steps))
    held = [step["requests_per_second"] for step in steps[:broken]]
    return {
        "steps": steps,
        "highest_requests_per_second_held": max(held, default=None),
        "users_held": steps[broken - 1]["users"] if broken else None,
        "broke_first": steps[broken] if broken < len(steps) else None,
    }


def judge_step(timeline: Timeline, stage: Stage, start: float, limits: Objectives) -> dict:
    """Return the numbers of one step of a ramp, and the misses in them."""
    # seconds are whole: the first and the last one of a step belong to its neighbours too
    first, end = int(start + stage.start) + 1 + SETTLE_SECONDS, int(start + stage.end)
    measured = measure(timeline.total(start=first, end=end), end - first)
    missed = [asdict(miss) for miss in misses(measured, limits)]
    return (
        {"start": stage.start, "end": stage.end, "users": stage.users}
        | measured
        | {"missed": missed}
    )


def misses_of_ramp(ramp: dict, objectives: Objectives) -> list[Miss]:
    """A ramp is meant to break. It misses when not even its first step held, or too little was held."""
    best, least = ramp["highest_requests_per_second_held"], objectives.requests_per_second
    if best is None:
        first = ramp["steps"][0]["missed"] if ramp["steps"] else []
        return [Miss(**miss) for miss in first] or [Miss("p50_ms", objectives.p50_ms, None)]
    if least is not None and best < least:
        return [Miss("requests_per_second", least, best)]
    return []


def drift_of(timeline: Timeline, start: float, seconds: float) -> dict:
    """Return the 95th percentile of the first and of the last quarter: a leak makes them differ."""
    quarter = seconds / 4
    first = measure(timeline.total(start=start, end=start + quarter), quarter)["p95_ms"]
    last = measure(timeline.total(start=start + 3 * quarter), quarter)["p95_ms"]
    ratio = round(last / first, 3) if first and last else None
    return {"first_quarter_p95_ms": first, "last_quarter_p95_ms": last, "ratio": ratio}


def machine_facts() -> dict:
    """Return what must be known of a machine to compare two runs; no names."""
    return {
        "platform": platform.platform(terse=True),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
    }
