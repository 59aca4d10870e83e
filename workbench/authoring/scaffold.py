"""Starts a new exercise in all of its five places. Each holds an example that works, marked as a template."""

from __future__ import annotations

import ast
import re
from pathlib import Path, PurePosixPath
from string import Template

from workbench.authoring.catalogue_rows import with_row
from workbench.authoring.lessons import lesson_source
from workbench.authoring.templates import MARK
from workbench.course.catalog import ID, Catalog, load_catalog
from workbench.course.derive import is_json, regions_of
from workbench.course.place import Course
from workbench.course.problems import UserError
from workbench.setup.files import write_atomically
from workbench.setup.layout import spelled

KINDS = ("function", "class", "file")
TEXTS = Path(__file__).with_name("scaffolds")
CHECK_CELL = re.compile(r"^# %%\n(?:check|hint)\(\"[a-z-]+\"\)\n", re.M)


def scaffold(
    course: Course, exercise_id: str, lesson: str, file: str, kind: str = "function"
) -> list[str]:
    """Writes the five places of a new exercise. Returns what was made and what to do next, a line each.

    `kind` chooses the example: a function, a class whose state a probe plays with, or a file that is no
    Python. Raises UserError, before anything is written, when the id is taken or misspelt, the lesson
    unknown, or the file another exercise's or without a region. Nothing that exists is overwritten.
    """
    catalog = load_catalog(course.catalog_file)
    kind = kind if file.endswith(".py") else "file"
    _refuse_wrong_names(catalog, exercise_id, lesson, kind)
    _refuse_wrong_file(course, catalog, file)
    words = _words(course, exercise_id, lesson, file, kind)
    made = [
        _add_row(course, catalog, words),
        *(
            _write_new(course, target, f"{kind}/{name}", words)
            for target, name in _files(course, words, kind)
        ),
        _add_section(course, catalog, words),
    ]
    notebook = catalog.lesson(lesson).notebook.removesuffix(".ipynb")
    return [
        *filter(None, made),
        f"Each holds an example. What says `{MARK}` waits for you. Then:",
        *(f"  {spelled(step)}" for step in ("dev derive", f"dev verify {exercise_id}")),
        f"  {spelled(f'dev notebooks {notebook}')}",
    ]


def example(course: Course, exercise_id: str, file: str, template: str) -> str:
    """The text of one template, `class/check` for instance, with the names of an exercise filled in."""
    return _filled(template, _words(course, exercise_id, "", file, template.partition("/")[0]))


def _refuse_wrong_names(catalog: Catalog, exercise_id: str, lesson: str, kind: str) -> None:
    if not ID.match(exercise_id):
        raise UserError(f"{exercise_id!r}: an id is words in lower case joined by hyphens.")
    if exercise_id in {e.id for e in catalog.exercises}:
        raise UserError(f"There is an exercise {exercise_id!r} already.")
    if lesson not in {known.id for known in catalog.lessons}:
        known = ", ".join(known.id for known in catalog.lessons)
        raise UserError(f"There is no lesson {lesson!r}; there are {known}.")
    if kind not in KINDS:
        raise UserError(f"--kind {kind}: it is one of {', '.join(KINDS)}.")


def _refuse_wrong_file(course: Course, catalog: Catalog, file: str) -> None:
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts:
        raise UserError(f"--file {file}: it is a path inside the project.")
    for exercise in catalog.exercises:
        if file in exercise.files:
            raise UserError(
                f"solutions/{file} belongs to {exercise.id}: a file is of one exercise. Choose another."
            )
    target = course.reference / file
    if not target.exists():
        if file.endswith(".json"):
            raise UserError(
                f"solutions/{file} does not exist. JSON holds no markers: write the whole answer there first."
            )
        return
    source = target.read_text(encoding="utf-8")
    if not is_json(source) and not regions_of(source):
        raise UserError(
            f"solutions/{file} exists and marks no region. Put the lines that a learner is to write between "
            "`# BEGIN SOLUTION` and `# END SOLUTION`, or choose a file that does not exist."
        )


def _words(course: Course, exercise_id: str, lesson: str, file: str, kind: str) -> dict[str, str]:
    """What stands for the names in the templates."""
    function = exercise_id.replace("-", "_")
    class_name = "".join(map(str.capitalize, exercise_id.split("-")))
    target = course.reference / file
    if target.exists() and kind != "file":
        own = _first_name(target.read_text(encoding="utf-8"), kind)
        function, class_name = (
            (own or function, class_name) if kind == "function" else (function, own or class_name)
        )
    return {
        "id": exercise_id,
        "lesson": lesson,
        "file": file,
        "function": function,
        "class_name": class_name,
        "module": file.removesuffix(".py").replace("/", "."),
        "sign": "--" if file.endswith(".sql") else "#",
    }


def _first_name(source: str, kind: str) -> str:
    """The first public function or class of a source that exists already; empty when there is none."""
    wanted = ast.ClassDef if kind == "class" else ast.FunctionDef
    names = (node.name for node in ast.parse(source).body if isinstance(node, wanted))
    return next((name for name in names if not name.startswith("_")), "")


def _files(course: Course, words: dict[str, str], kind: str) -> list[tuple[Path, str]]:
    """The files of an exercise, each with the name of its template."""
    tests, suffix = course.checks.parent, PurePosixPath(words["file"]).suffix or ".txt"
    check = course.checks / f"test_{words['id'].replace('-', '_')}.py"
    files = [
        (course.reference / words["file"], "solution"),
        (check, "check"),
        (tests / "mistakes" / words["id"] / "first_mistake.toml", "mistake"),
        (tests / "answers" / words["id"] / f"written_differently{suffix}", "answer"),
    ]
    if kind == "class":
        files.insert(2, (course.checks / "probes" / f"{words['function']}.py", "probe"))
    return files


def _filled(template: str, words: dict[str, str]) -> str:
    return Template((TEXTS / f"{template}.txt").read_text(encoding="utf-8")).substitute(words)


def _write_new(course: Course, target: Path, template: str, words: dict[str, str]) -> str:
    if target.exists():
        return f"{course.relative(target)}: it existed, and is as it was"
    write_atomically(target, _filled(template, words))
    return f"{course.relative(target)}: new"


def _add_row(course: Course, catalog: Catalog, words: dict[str, str]) -> str:
    text = course.catalog_file.read_bytes().decode("utf-8")
    text = with_row(text, _filled("row", words), words["lesson"], catalog)
    write_atomically(course.catalog_file, text)
    return f"exercises/catalog.toml: a row {words['id']}, with fields to fill in"


def _add_section(course: Course, catalog: Catalog, words: dict[str, str]) -> str:
    """Puts a section with its cells behind the last exercise of the lesson's source, or at its end."""
    source = lesson_source(course, catalog.lesson(words["lesson"]))
    if not source.exists():
        return ""
    text = source.read_text(encoding="utf-8")
    ends = [match.end() for match in CHECK_CELL.finditer(text)] or [len(text)]
    section = "\n" + _filled("lesson", words)
    write_atomically(source, text[: ends[-1]] + section + text[ends[-1] :])
    return f"{course.relative(source)}: a section with its check"
