"""The part of the author contract that needs no run: rows, files, counts, leftovers, stale starters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from workbench.authoring.cases import read_cases, stored_files
from workbench.authoring.check_rules import check_complaints, is_python
from workbench.authoring.counts import derive_counts
from workbench.authoring.lessons import lesson_source
from workbench.authoring.starters import derive_project, starters
from workbench.authoring.templates import MARK, complaint_about, is_template
from workbench.course.catalog import Catalog, Exercise
from workbench.course.check_files import files_of_check
from workbench.course.derive import MarkerError
from workbench.course.place import Course
from workbench.judging.check import check_titles
from workbench.setup.layout import spelled

FEWEST = {"mistake": 4, "answer": 2}
WORDS = {"mistake": "mistakes", "answer": "other answers"}
PLACEHOLDER = re.compile(
    r"TODO\((?P<id>[a-z-]+)\)|NotImplementedError\([\"'](?P<other>[a-z-]+)[\"']\)"
)


def static_complaints(
    course: Course, catalog: Catalog, exercises: list[Exercise] | None = None
) -> Iterator[str]:
    """What is wrong without running anything, about `exercises`; by default about the whole course."""
    for exercise in exercises or catalog.exercises:
        yield from _row_complaints(exercise)
        yield from _file_complaints(course, exercise)
        yield from _case_complaints(course, exercise)
        yield from _lesson_complaints(course, catalog, exercise)
    yield from _starter_complaints(course, catalog, exercises)
    if exercises is None:
        yield from _course_complaints(course, catalog)


def cannot_be_judged(course: Course, exercise: Exercise) -> bool:
    """Whether something is missing that every case needs; `static_complaints` names it."""
    check = course.checks / exercise.check_file
    needed = [course.reference / path for path in exercise.files]
    if not all(file.is_file() for file in [*needed, check]):
        return True
    return not is_python(check.read_text(encoding="utf-8")) or not check_titles(check)


def _row_complaints(exercise: Exercise) -> Iterator[str]:
    if not exercise.title.strip():
        yield f"{exercise.id}: a title is asked"
    if not exercise.hints or not all(hint.strip() for hint in exercise.hints):
        yield f"{exercise.id}: a ladder of hints is asked"
    if exercise.points < 1 or exercise.minutes < 1 or not exercise.teaches:
        yield f"{exercise.id}: points, minutes and teaches must say something"


def _file_complaints(course: Course, exercise: Exercise) -> Iterator[str]:
    for path in exercise.files:
        file = course.reference / path
        if not file.exists():
            yield f"{exercise.id}: solutions/{path} does not exist"
        elif is_template(file):
            yield f"{exercise.id}: {complaint_about(f'solutions/{path}')}"
    check = course.checks / exercise.check_file
    name = course.relative(check)
    if not check.exists():
        yield f"{exercise.id}: {name} is missing"
        return
    source = check.read_text(encoding="utf-8")
    faults = list(check_complaints(source))
    yield from (f"{exercise.id}: {name}, {fault}" for fault in faults)
    if not is_python(source):
        return
    titles = check_titles(check)
    if not titles:
        yield f"{exercise.id}: {name} holds no check"
    for file in files_of_check(check):
        if is_template(file):
            yield f"{exercise.id}: {complaint_about(course.relative(file))}"
    for weighted in sorted(set(exercise.weights) - set(titles)):
        yield f"{exercise.id}: a weight is given for {weighted}, which is no check of {check.name}"


def _case_complaints(course: Course, exercise: Exercise) -> Iterator[str]:
    cases, unfit = read_cases(course, exercise)
    yield from unfit
    kinds = [case.kind for case in cases]
    for kind, fewest in FEWEST.items():
        for file in stored_files(course, exercise, kind):
            if is_template(file):
                yield f"{exercise.id}: {complaint_about(course.relative(file))}"
        # what does not fit has its own complaint, and may be counted once it does
        if kinds.count(kind) < fewest and not (kind == "mistake" and unfit):
            yield f"{exercise.id}: {kinds.count(kind)} {WORDS[kind]}, at least {fewest} are asked"


def _lesson_complaints(course: Course, catalog: Catalog, exercise: Exercise) -> Iterator[str]:
    source = lesson_source(course, catalog.lesson(exercise.lesson))
    if not source.exists():
        return
    text = source.read_text(encoding="utf-8")
    name = course.relative(source)
    if f'check("{exercise.id}")' not in text:
        yield f'{exercise.id}: {name} has no cell with `check("{exercise.id}")`'
    for path in exercise.files[:1]:
        if f"../exercises/{path}" not in text:
            yield f"{exercise.id}: {name} links no `../exercises/{path}`"
    if f"{MARK} ({exercise.id})" in text:
        yield f"{exercise.id}: {complaint_about(name)}"


def _starter_complaints(
    course: Course, catalog: Catalog, exercises: list[Exercise] | None
) -> Iterator[str]:
    """What is stale in exercises/, and which placeholder is of no exercise."""
    ids = {exercise.id for exercise in catalog.exercises}
    try:
        changed = derive_project(course, catalog, write=False)
        made = starters(course, catalog)
    except MarkerError as error:
        yield str(error)
        return
    if exercises is not None:
        mine = {path for exercise in exercises for path in exercise.files}
        changed = [line for line in changed if line.split()[0].removeprefix("exercises/") in mine]
        made = {path: content for path, content in made.items() if path in mine}
    yield from (f"{line}: `{spelled('dev derive')}` writes it" for line in changed)
    for path, content in made.items():
        for mark in PLACEHOLDER.finditer(content.decode("utf-8", "replace")):
            if (mark["id"] or mark["other"]) not in ids:
                yield f"exercises/{path} holds a placeholder of no exercise: {mark[0]}"


def _course_complaints(course: Course, catalog: Catalog) -> Iterator[str]:
    """What concerns no single exercise: lessons without one, files that belong to none, counts."""
    for lesson in catalog.lessons:
        if not any(e.lesson == lesson.id for e in catalog.exercises):
            yield f"lesson {lesson.id} has no exercise"
        source = lesson_source(course, lesson)
        if not source.exists():
            yield f"lesson {lesson.id}: {course.relative(source)} is missing"
    listed = {e.check_file for e in catalog.exercises}
    for file in course.checks.glob("test_*.py"):
        if file.name not in listed:
            yield f"tests/checks/{file.name} belongs to no exercise"
    for folder in _case_folders(course.checks.parent):
        if folder.name not in {e.id for e in catalog.exercises}:
            yield f"{course.relative(folder)} belongs to no exercise"
    yield from derive_counts(course, catalog, write=False)


def _case_folders(tests: Path) -> list[Path]:
    return [*(tests / "mistakes").glob("*"), *(tests / "answers").glob("*")]
