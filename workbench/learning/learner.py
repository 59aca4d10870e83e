"""What a learner does with an exercise besides checking it: hints, the solution, a fresh start."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

from workbench.course.catalog import Catalog, Exercise, load_catalog
from workbench.course.derive import solution_from, starter_from
from workbench.course.place import Course
from workbench.course.problems import UserError
from workbench.judging.check import check_exercise
from workbench.judging.results import ExerciseResult
from workbench.learning.progress import Progress
from workbench.setup.files import write_atomically
from workbench.setup.layout import spelled


class NotYet(UserError):
    """The learner asked for something that is not open yet. The message says what opens it."""


def exercise_rows(course: Course, catalog: Catalog) -> list[dict]:
    """One object per exercise, as `list --json` prints it."""
    progress = Progress(course)
    return [
        {
            "id": e.id,
            "lesson": e.lesson,
            "title": e.title,
            "minutes": e.minutes,
            "files": list(e.files),
            "needs": list(e.needs),
            "points": e.points,
            "state": progress.state(e.id),
        }
        for e in catalog.exercises
    ]


def status_of(course: Course, catalog: Catalog) -> dict:
    """Exercises and points done, and the next exercise with the file to open."""
    progress = Progress(course)
    passed = [e for e in catalog.exercises if progress.has_passed(e.id)]
    following = next((e for e in catalog.exercises if e not in passed), None)
    return {
        "passed": len(passed),
        "exercises": len(catalog.exercises),
        "points": sum(progress.entry(e.id).get("points", 0) for e in catalog.exercises),
        "possible": sum(e.points for e in catalog.exercises),
        "next": following.id if following else None,
        "files": [course.relative(course.exercises / f) for f in following.files]
        if following
        else [],
        "notebook": f"notebooks/{catalog.lesson(following.lesson).notebook}" if following else None,
    }


def check_and_record(course: Course, exercise_id: str, **options) -> ExerciseResult:
    """Checks the exercise; notes the result when it is the learner's own project."""
    exercise = load_catalog(course.catalog_file).exercise(exercise_id)
    result = check_exercise(course, exercise, **options)
    if course.is_learners_project:
        Progress(course).record(result)
    return result


def next_hint(course: Course, exercise: Exercise) -> tuple[int, str]:
    """The number (from 1) and the text of the next hint; the last one again once all are shown."""
    number = Progress(course).next_hint(exercise.id, len(exercise.hints))
    return number, exercise.hints[number - 1]


def solution_texts(course: Course, exercise: Exercise, *, give_up: bool) -> dict[str, str]:
    """The reference answer by file. Raises NotYet before a pass, unless the learner gives up."""
    progress = Progress(course)
    if not progress.has_passed(exercise.id):
        if not give_up:
            raise NotYet(
                f"The solution of {exercise.id} opens when its check has passed. "
                f"`{spelled(f'hint {exercise.id}')}` helps; `--give-up` shows it all the same."
            )
        progress.note_solution_seen(exercise.id)
    return {
        path: solution_from((course.reference / path).read_text(encoding="utf-8"))
        for path in exercise.files
    }


def reset(course: Course, exercise: Exercise) -> dict[str, Path]:
    """Puts the starters back; returns where the learner's own version of each file was kept.

    The copy is complete on disk before its file is replaced, so a kill loses nothing.
    """
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S") + f"-{time.monotonic_ns() % 1000:03d}"
    kept: dict[str, Path] = {}
    for path in exercise.files:
        file = course.exercises / path
        if file.exists():
            kept[path] = keep_copy(course, file, stamp)
        source = (course.reference / path).read_text(encoding="utf-8")
        write_atomically(file, starter_from(source, exercise.id))
    Progress(course).note_reset(exercise.id)
    return kept


def keep_copy(course: Course, file: Path, stamp: str) -> Path:
    """Copies a file of the learner to `.workbench/backups/<stamp>/`; returns the copy's path."""
    copy = course.state / "backups" / stamp / file.relative_to(course.exercises)
    copy.parent.mkdir(parents=True, exist_ok=True)
    partial = copy.with_name(copy.name + ".partial")
    partial.write_bytes(file.read_bytes())
    partial.replace(copy)
    return copy
