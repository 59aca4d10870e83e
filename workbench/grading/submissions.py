"""Judges one submission and says what a record holds of it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from workbench.course.catalog import Exercise
from workbench.course.place import Course
from workbench.grading.intake import Submission
from workbench.grading.lanes import Running, Terms, judge_exercises
from workbench.grading.marks import NOT_RUN, settled, status_of, total
from workbench.grading.places import InContainer, OnThisMachine
from workbench.judging.results import ExerciseResult


def judge_submission(
    course: Course,
    exercises: list[Exercise],
    submission: Submission,
    terms: Terms,
    running: Running | None = None,
) -> dict:
    """What a record says of the judging: status, points, isolation, seconds, exercises."""
    running = running or Running()
    started = time.monotonic()
    results: dict[str, tuple[str, ExerciseResult]] = {}
    if submission.problem:
        return not_judged(exercises, "unreadable")
    waiting = []
    for exercise in exercises:
        known = settled(course, exercise, submission)
        if known is None:
            waiting.append(exercise)
        else:
            results[exercise.id] = (NOT_RUN, known)
    with _on_disk(submission, running.scratch) as folders:
        judged, protections = judge_exercises(course, waiting, folders, terms, running)
        results |= judged
    rows = [results[exercise.id] for exercise in exercises]
    kind = InContainer.name if terms.image else OnThisMachine.name
    kind = kind if waiting else NOT_RUN
    outside = [r.exercise for place, r in rows if terms.image and place == OnThisMachine.name]
    return {
        "status": status_of([result for _, result in rows]),
        "points": total(result for _, result in rows),
        "isolation": {"kind": kind, "outside": outside, "protections": protections},
        "seconds": round(time.monotonic() - started, 3),
        "exercises": [{"isolation": where, "result": r.as_json()} for where, r in rows],
    }


def not_judged(exercises: list[Exercise], status: str = "environment") -> dict:
    """What a record says when nothing was judged."""
    return {
        "status": status,
        "points": {"earned": 0, "possible": sum(exercise.points for exercise in exercises)},
        "isolation": {"kind": NOT_RUN, "outside": [], "protections": []},
        "seconds": 0.0,
        "exercises": [],
    }


@contextlib.contextmanager
def _on_disk(submission: Submission, scratch: Path | None) -> Iterator[tuple[Path, Path]]:
    """The submission's files in a new folder `exercises`, and a folder for temporary files."""
    folder = Path(tempfile.mkdtemp(prefix="wb-", dir=scratch))  # short: a socket's path has an end
    try:
        project = folder / "exercises"
        project.mkdir()
        for path, content in submission.files.items():
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_bytes(content)
        for place in (folder, project, *project.rglob("*")):
            place.chmod(0o755 if place.is_dir() else 0o644)  # whoever a container runs as reads it
        yield project, folder / "t"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
