"""What the class report says, as data: counted from the records, nothing else."""

from __future__ import annotations

import statistics
from collections import Counter

from workbench.course.catalog import Exercise
from workbench.course.place import Course
from workbench.grading.gradebook import percent, results_of
from workbench.grading.marks import is_counted
from workbench.grading.versions import course_version

SCHEMA_VERSION = 1
SLOWEST = 5


def class_facts(course: Course, exercises: list[Exercise], records: list[dict]) -> dict:
    """The class report as JSON."""
    results = [results_of(record) for record in records]
    graded = [record for record in records if record["status"] != "unreadable"]
    shares = [percent(record["points"]) for record in graded if record["points"]["possible"]]
    return {
        "schema": SCHEMA_VERSION,
        "course": course_version(course.root),
        "seeds": sorted(_seeds(records)),
        "submissions": len(records),
        "statuses": dict(Counter(record["status"] for record in records)),
        "median_percent": statistics.median(shares) if shares else None,
        "isolation": _isolation(records),
        "exercises": [_exercise(exercise, records, results) for exercise in exercises],
        "slowest": [
            {"submission": r["submission"], "seconds": r["seconds"], "status": r["status"]}
            for r in sorted(records, key=lambda r: -r["seconds"])[:SLOWEST]
            if r["seconds"]
        ],
        "unreadable": [
            {"submission": r["submission"], "problem": r["problem"]}
            for r in records
            if r["problem"]
        ],
    }


def _seeds(records: list[dict]) -> set[int]:
    """Every seed that some verdict was made with; those of the records where nothing was judged."""
    return {row["seed"] for record in records for row in record["exercises"] or [record]}


def _exercise(exercise: Exercise, records: list[dict], results: list[dict]) -> dict:
    results_here = [mine[exercise.id] for mine in results if exercise.id in mine]
    counted = [result for result in results_here if is_counted(result)]
    started = [result for result in counted if result.verdict != "not_started"]
    passed = sum(result.verdict == "passed" for result in counted)
    attempts = [r["attempts"][exercise.id] for r in records if exercise.id in r["attempts"]]
    points = [result.points_earned for result in counted]
    return {
        "id": exercise.id,
        "title": exercise.title,
        "possible": exercise.points,
        "judged": len(counted),
        "passed": passed,
        "not_started": len(counted) - len(started),
        "pass_rate": round(passed / len(counted), 4) if counted else None,
        "mean_points": round(statistics.fmean(points), 2) if points else None,
        "median_attempts": statistics.median(attempts) if attempts else None,
        "attempts_known_of": len(attempts),
        "timeouts": sum(any(c.verdict == "timeout" for c in r.checks) for r in started),
        "commonest_failure": _commonest_failure(started),
        "median_seconds": round(statistics.median(r.seconds for r in started), 3)
        if started
        else None,
        "environment": _environment(results_here),
    }


def _commonest_failure(started: list) -> dict | None:
    """The check that most submissions fail first, and what it says most often."""
    first = [result.first_problem for result in started if result.verdict != "passed"]
    if not first:
        return None
    (check, times), *_ = Counter(problem.id for problem in first).most_common(1)
    messages = Counter(problem.message for problem in first if problem.id == check)
    (message, _), *_ = messages.most_common(1)
    title = next(problem.title for problem in first if problem.id == check)
    return {"check": check, "title": title, "submissions": times, "message": message}


def _environment(results: list) -> list[dict]:
    """What this machine could not judge, and how often, by the reason's first line."""
    reasons = Counter(
        next(c.message for c in result.checks if c.verdict == "environment").partition("\n")[0]
        for result in results
        if not is_counted(result)
    )
    return [{"reason": reason, "submissions": times} for reason, times in reasons.most_common()]


def _isolation(records: list[dict]) -> list[dict]:
    """Each way of judging that occurs, with how many submissions were judged so."""
    ways = Counter(
        (way["kind"], tuple(way["outside"]), tuple(way["protections"]))
        for way in (record["isolation"] for record in records)
        if way["kind"] != "not run"
    )
    outside = sorted({exercise for _, exercises, _ in ways for exercise in exercises})
    kinds = Counter()
    for (kind, _, protections), times in ways.items():
        kinds[kind, protections] += times
    return [
        {
            "kind": kind,
            "submissions": times,
            "outside": outside if kind == "docker" else [],
            "protections": list(protections),
        }
        for (kind, protections), times in kinds.most_common()
    ]
