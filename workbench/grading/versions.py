"""What a verdict was made from, in a few characters: another version of it asks for another verdict.

A title, a hint or the points of an exercise decide no verdict, so they are in no version. Any part of the
reference may run in a check, so all of it is in each.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from workbench.course.catalog import Exercise
from workbench.course.check_files import files_of_check
from workbench.course.place import Course

JUDGE = (
    "solutions",
    "bookstore_model",
    "workbench/sandbox",
    "workbench/course",
    "workbench/boundary",
    "workbench/instruments",
    "workbench/judging",
    "requirements.txt",
)
COURSE = ("exercises/catalog.toml", "tests/checks", *JUDGE)
IGNORED_PARTS = {"__pycache__", "model", ".pytest_cache", ".model.lock"}


@functools.cache
def course_version(root: Path) -> str:
    """Twelve characters that stand for the whole course: two machines that grade alike have the same."""
    return _digest_of(root, COURSE)[:12]


@functools.cache
def exercise_version(root: Path, exercise: Exercise) -> str:
    """What decides a verdict in an exercise, beside the submission: its check, the judge, the reference."""
    digest = hashlib.sha256(_judge_version(root).encode())
    digest.update(f"{exercise.id} {exercise.files} {exercise.needs}".encode())
    checks = Course(root, root).checks
    _add_files(digest, root, files_of_check(checks / exercise.check_file))
    return digest.hexdigest()


@functools.cache
def _judge_version(root: Path) -> str:
    return _digest_of(root, JUDGE)


def _digest_of(root: Path, names: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for name in names:
        place = root / name
        _add_files(digest, root, sorted(place.rglob("*")) if place.is_dir() else [place])
    return digest.hexdigest()


def _add_files(digest, root: Path, files: Iterable[Path]) -> None:
    for file in files:
        path = file.relative_to(root)
        if not file.is_file() or IGNORED_PARTS & set(path.parts) or ".sqlite3" in file.name:
            continue
        content = file.read_bytes().replace(b"\r\n", b"\n")  # git may have changed these
        digest.update(f"{path.as_posix()}\0{len(content)}\0".encode() + content)
