"""Writes the learner's project from the reference project."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from workbench.course.catalog import Catalog
from workbench.course.derive import MarkerError, regions_of, starter_from
from workbench.course.place import Course
from workbench.learning.learner import keep_copy
from workbench.setup.files import write_atomically

PASSED_OVER = {"__pycache__", ".pytest_cache", ".ruff_cache", "model", ".model.lock"}
LEFTOVERS = {".pyc", ".draft", ".sqlite3", ".sqlite3-wal", ".sqlite3-shm"}
ONLY_IN_EXERCISES = {"catalog.toml"}


def project_files(folder: Path) -> list[str]:
    """The paths of a project's own files, sorted."""
    files = (file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    return sorted(
        file.as_posix()
        for file in files
        if not PASSED_OVER & set(file.parts) and file.suffix not in LEFTOVERS
    )


def starters(course: Course, catalog: Catalog) -> dict[str, bytes]:
    """What every file of `exercises/` must hold, by path. Raises MarkerError naming the file."""
    owner = {path: e.id for e in catalog.exercises for path in e.files}
    made: dict[str, bytes] = {}
    for path in project_files(course.reference):
        content = (course.reference / path).read_bytes()
        is_answer = path in owner and path.endswith(".json")
        if b"BEGIN SOLUTION" in content or is_answer:
            source = content.decode("utf-8")
            if path not in owner:
                raise MarkerError(f"solutions/{path} has a region; no exercise lists the file.")
            content = starter_from(source, owner[path]).encode("utf-8")
        elif path in owner:
            raise MarkerError(f"solutions/{path} belongs to {owner[path]} but marks no region.")
        made[path] = content
    return made


def derive_project(course: Course, catalog: Catalog, *, write: bool) -> list[str]:
    """Compares `exercises/` with its source; with `write`, makes it so. Returns one line per difference:
    how it differs, or with `write` what was done.

    A file that is about to be replaced or removed is first copied to `.workbench/backups/`.
    """
    wanted = starters(course, catalog)
    present = set(project_files(course.exercises)) - ONLY_IN_EXERCISES
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-derive")
    lines: list[str] = []
    for path in sorted(present | wanted.keys()):
        file = course.exercises / path
        if file.exists() and wanted.get(path) == file.read_bytes():
            continue
        describe = _done if write else _difference
        lines.append(f"exercises/{path} {describe(path, present, wanted)}")
        if not write:
            continue
        if file.exists():
            keep_copy(course, file, stamp)
        if path in wanted:
            write_atomically(file, wanted[path].decode("utf-8"))
        else:
            file.unlink()
    return lines


def count_regions(course: Course, path: str) -> int:
    return len(regions_of((course.reference / path).read_text(encoding="utf-8")))


def _difference(path: str, present: set[str], wanted: dict[str, bytes]) -> str:
    if path not in present:
        return "is missing"
    return "differs from its source" if path in wanted else "has no source in solutions/"


def _done(path: str, present: set[str], wanted: dict[str, bytes]) -> str:
    if path not in present:
        return "written"
    return "written again" if path in wanted else "removed, it had no source in solutions/"
