"""The record of one submission: one JSON file, whole or not there at all.

`grading.schema.json` describes it. It holds a row for each exercise that was ever judged in it. The `key` of
a row says what its verdict was made from: a row with the key of today is finished work, and judging another
exercise leaves it as it is. Points are those of today's catalogue, counted from the checks of the row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from workbench.course.catalog import Exercise
from workbench.course.place import Course
from workbench.grading.intake import Submission
from workbench.grading.marks import NOT_RUN, status_of, total
from workbench.grading.names import slug_of
from workbench.grading.versions import course_version, exercise_version
from workbench.judging.results import ExerciseResult, result_from_json, summarise
from workbench.setup.files import write_atomically

SCHEMA_VERSION = 2
STATUSES = ("graded", "not_started", "unreadable", "timeout", "environment")
JUDGING = ("status", "points", "isolation", "seconds")


def key_of(submission: Submission, exercise: Exercise, seed: int, course: Course) -> str:
    """What a row is made from: the exercise's files and what decides its verdict, and the seed."""
    digest = hashlib.sha256()
    version = exercise_version(course.root, exercise)
    digest.update(f"{SCHEMA_VERSION} {version} {seed} {submission.problem}\0".encode())
    for path in exercise.files:
        content = submission.files.get(path)
        fault = submission.faults.get(path, "")
        size = "absent" if content is None else len(content)
        digest.update(f"{path}\0{size}\0{fault}\0".encode("utf-8", "replace") + (content or b""))
    return digest.hexdigest()


def about(submission: Submission) -> dict:
    """What a record tells of the hand-in itself, and no verdict depends on."""
    return {
        "problem": submission.problem,
        "note": submission.note,
        "handed_in": None if submission.handed_in is None else _moment(submission.handed_in),
        "handed_in_is": submission.handed_in_is,
        "attempts": submission.attempts,
    }


def record_of(
    submission: Submission,
    *,
    known: dict | None,
    judged: dict,
    keys: dict[str, str],
    seed: int,
    course: Course,
    exercises: Iterable[Exercise],
) -> dict:
    """The record: what was judged now (see `judge_submission`), over the rows of the `known` record.

    `keys` are those of the exercises that were judged now; `exercises` are all of the catalogue.
    """
    rows = {row["result"]["exercise"]: row for row in judged["exercises"]}
    now = {name: {"key": keys[name], "seed": seed, **row} for name, row in rows.items()}
    record = {
        "schema": SCHEMA_VERSION,
        "submission": submission.name,
        "course": course_version(course.root),
        "seed": seed,
        **about(submission),
        **{name: judged[name] for name in JUDGING},
        "exercises": list(({row_id(row): row for row in _rows(known)} | now).values()),
    }
    if known is not None and _rows(known):
        record["isolation"] = _isolation(record, known["isolation"], now)
    return settled_record(record, exercises)


def settled_record(record: dict, exercises: Iterable[Exercise]) -> dict:
    """The record with its rows in the catalogue's order, and with the points of today's catalogue.

    A row of an exercise that is not in the catalogue any more is left out.
    """
    rows = {row_id(row): row for row in record["exercises"]}
    today = [(exercise, rows[exercise.id]) for exercise in exercises if exercise.id in rows]
    results = [weighed(exercise, result_from_json(row["result"])) for exercise, row in today]
    made = [
        row | {"result": result.as_json()} for (_, row), result in zip(today, results, strict=True)
    ]
    settled = record | {"exercises": made}
    if made and not record["problem"]:
        settled |= {"status": status_of(results), "points": total(results)}
    return settled


def weighed(exercise: Exercise, result: ExerciseResult) -> ExerciseResult:
    """The result with the points that its checks earn by the catalogue of today."""
    checks = list(result.checks)
    return summarise(exercise.id, exercise.points, result.seconds, checks, exercise.weights)


def row_id(row: dict) -> str:
    return row["result"]["exercise"]


def _rows(record: dict | None) -> list[dict]:
    return [] if record is None else record["exercises"]


def _isolation(record: dict, before: dict, now: dict[str, dict]) -> dict:
    """What stood between submission and machine, over all rows: of two ways the weaker counts."""
    kept = [row for row in record["exercises"] if row_id(row) not in now]
    ways = {record["isolation"]["kind"], *([before["kind"]] if kept else [])} - {NOT_RUN}
    kind = NOT_RUN
    if ways:
        kind = "process" if "process" in ways else "docker"
    outside = [row_id(row) for row in record["exercises"] if row["isolation"] == "process"]
    protections = record["isolation"]["protections"] or before["protections"]
    return {
        "kind": kind,
        "outside": outside if kind == "docker" else [],
        "protections": protections,
    }


def record_file(output: Path, name: str) -> Path:
    return output / "submissions" / f"{slug_of(name)}.json"


def load_record(file: Path) -> dict | None:
    """The record in a file, or None when there is none that can be used."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        return record if record["schema"] == SCHEMA_VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save_record(output: Path, record: dict) -> None:
    text = json.dumps(record, indent=1, ensure_ascii=False)
    write_atomically(record_file(output, record["submission"]), text + "\n")


def _moment(seconds: float) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):
        return None
