"""The record of one graded submission: one JSON file, whole or not there at all.

`grading.schema.json` describes it. Its `key` says what it was made from; a record with the key of today is
finished work.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from workbench.course.catalog import Exercise
from workbench.course.place import Course
from workbench.grading.intake import Submission
from workbench.grading.names import slug_of
from workbench.setup.files import write_atomically

SCHEMA_VERSION = 1
STATUSES = ("graded", "not_started", "unreadable", "timeout", "environment")
# what decides a verdict: a change in any of these grades everybody again
DECIDING = (
    "exercises/catalog.toml",
    "tests/checks",
    "solutions",
    "bookstore_model",
    "workbench/sandbox",
    "workbench/course",
    "workbench/boundary",
    "workbench/instruments",
    "workbench/judging",
    "requirements.txt",
)
IGNORED_PARTS = {"__pycache__", "model", ".pytest_cache", ".model.lock"}


@functools.cache
def course_version(root: Path) -> str:
    """Twelve characters that stand for the checks, the reference, the catalogue and the judge."""
    digest = hashlib.sha256()
    for name in DECIDING:
        place = root / name
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            path = file.relative_to(root)
            if (
                file.is_file()
                and not IGNORED_PARTS & set(path.parts)
                and ".sqlite3" not in file.name
            ):
                content = file.read_bytes().replace(b"\r\n", b"\n")  # git may have changed these
                digest.update(f"{path.as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


def key_of(submission: Submission, exercises: Iterable[Exercise], seed: int, course: Course) -> str:
    """What a record was made from: the declared files, the course, the exercises and the seed."""
    digest = hashlib.sha256()
    ids = " ".join(exercise.id for exercise in exercises)
    digest.update(f"{SCHEMA_VERSION} {course_version(course.root)} {seed} {ids}\0".encode())
    for path, content in sorted(submission.files.items()):
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    told = [
        submission.problem,
        *(f"{path} {fault}" for path, fault in sorted(submission.faults.items())),
    ]
    digest.update("\0".join(told).encode("utf-8", "replace"))
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


def record_of(submission: Submission, *, key: str, seed: int, course: Course, judged: dict) -> dict:
    """The record; `judged` holds what judging gave (see `judge_submission`)."""
    return {
        "schema": SCHEMA_VERSION,
        "submission": submission.name,
        "key": key,
        "course": course_version(course.root),
        "seed": seed,
        "status": judged["status"],
        **about(submission),
        **{name: judged[name] for name in ("points", "isolation", "seconds", "exercises")},
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
