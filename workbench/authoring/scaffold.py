"""Starts a new exercise: its catalogue row, its check, the folders of its wrong and right answers."""

from __future__ import annotations

from workbench.course.catalog import ID, CatalogError, load_catalog
from workbench.course.place import Course
from workbench.setup.files import write_atomically

ROW = """
[[exercise]]
id = "{id}"
lesson = "{lesson}"
title = ""
minutes = 10
files = ["{file}"]
needs = []
points = 10
teaches = []
hints = []
"""
CHECK = '''"""What `{file}` must do."""


def test_contract_holds(call, rng):
    """The first line a learner reads of this check"""
    call("{module}", "a_function", rng.random()).equals(None, look="where to look when it differs")
'''
MISTAKE = """fails = 'test_contract_holds'
says = 'a part of the message that no other mistake gets'

[[change]]
this = '''
lines of the reference answer
'''
becomes = '''
what stands there in the wrong answer
'''
"""


def scaffold(course: Course, exercise_id: str, lesson: str, file: str) -> list[str]:
    """Writes the parts of a new exercise and returns what to do next, a line each.

    Raises CatalogError when the id is taken or misspelt, the lesson unknown, or the file not there.
    Nothing that exists is overwritten.
    """
    catalog = load_catalog(course.catalog_file)
    if not ID.match(exercise_id):
        raise CatalogError(f"{exercise_id!r}: an id is words in lower case joined by hyphens.")
    if exercise_id in {e.id for e in catalog.exercises}:
        raise CatalogError(f"There is an exercise {exercise_id!r} already.")
    if lesson not in {known.id for known in catalog.lessons}:
        known = ", ".join(known.id for known in catalog.lessons)
        raise CatalogError(f"There is no lesson {lesson!r}; there are {known}.")
    if not (course.reference / file).is_file():
        raise CatalogError(f"solutions/{file} does not exist: write the reference answer first.")
    words = {"id": exercise_id, "lesson": lesson, "file": file}
    words["module"] = file.removesuffix(".py").replace("/", ".")
    tests = course.checks.parent
    check = course.checks / f"test_{exercise_id.replace('-', '_')}.py"
    mistake = tests / "mistakes" / exercise_id / "first_mistake.toml"
    (tests / "answers" / exercise_id).mkdir(parents=True, exist_ok=True)
    for target, text in ((check, CHECK), (mistake, MISTAKE)):
        if not target.exists():
            write_atomically(target, text.format_map(words))
    rows = course.catalog_file.read_text("utf-8")
    write_atomically(course.catalog_file, rows + ROW.format_map(words))
    return [
        f"exercises/catalog.toml: fill in the new row {exercise_id}",
        f"solutions/{file}: put the answer between BEGIN SOLUTION and END SOLUTION",
        f"{course.relative(check)}: say what right means",
        f"{course.relative(mistake.parent)}: at least four wrong answers",
        f"tests/answers/{exercise_id}: at least two other right ones",
        f"then: python3 -m workbench dev derive, dev verify {exercise_id}",
    ]
