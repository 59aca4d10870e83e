"""The catalogue: which lessons and exercises there are, as data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Annotated

from workbench.course.problems import UserError
from workbench.setup.layout import spelled

ID = re.compile(r"[a-z]+(-[a-z]+)*\Z")


class CatalogError(UserError, ValueError):
    """The catalogue, or an id asked of it, is wrong. The message names the row and the remedy."""


@dataclass(frozen=True)
class Lesson:
    """One row. What each field means is told to readers of the site from here."""

    id: Annotated[str, "one word or a few, joined by hyphens"]
    title: Annotated[str, "the title, as the list of lessons shows it"]
    notebook: Annotated[str, "the notebook's file in `notebooks/`"]
    minutes: Annotated[int, "to read and run the lesson, without its exercises"]
    builds_on: Annotated[tuple[str, ...], "ids of the lessons it takes for granted"] = ()


@dataclass(frozen=True)
class Exercise:
    """One row. `files` are paths inside the project; `points` is what a full pass earns.

    `weights` says, by the id of a check, how much it counts; a check that is not named counts 1.
    """

    id: Annotated[str, "words in lower case joined by hyphens; names the check and the mistakes"]
    lesson: Annotated[str, "the id of its lesson"]
    title: Annotated[str, "what the learner builds"]
    minutes: Annotated[int, "to solve it, for somebody who has read the lesson"]
    files: Annotated[tuple[str, ...], "the learner's files, as paths inside the project"]
    needs: Annotated[tuple[str, ...], "what the check needs beside Python, such as `docker`"]
    points: Annotated[int, "what a full pass earns"]
    hints: Annotated[tuple[str, ...], "a ladder: a nudge, a pointer, nearly the answer"]
    teaches: Annotated[tuple[str, ...], "what one can do afterwards"]
    weights: Annotated[
        Mapping[str, int], "how much a check counts, by its id; 1 when not named"
    ] = field(default_factory=dict, hash=False)

    @property
    def check_file(self) -> str:
        return f"test_{self.id.replace('-', '_')}.py"


@dataclass(frozen=True)
class Catalog:
    lessons: tuple[Lesson, ...]
    exercises: tuple[Exercise, ...]

    def exercise(self, exercise_id: str) -> Exercise:
        """The exercise with this id. Raises CatalogError, naming the nearest ids."""
        for exercise in self.exercises:
            if exercise.id == exercise_id:
                return exercise
        raise CatalogError(_no_such_exercise(exercise_id, [e.id for e in self.exercises]))

    def lesson(self, lesson_id: str) -> Lesson:
        return next(lesson for lesson in self.lessons if lesson.id == lesson_id)


def load_catalog(file: Path) -> Catalog:
    """Reads `catalog.toml`. Raises CatalogError naming the row and the field that is wrong."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogError(
            f"{file} is missing: `git checkout {file.name}` brings it back."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{file} is not valid TOML: {error}.") from None
    lessons = tuple(_parse_lesson(row) for row in table.get("lesson", []))
    known: set[str] = set()
    for lesson in lessons:  # what a lesson builds on comes before it
        if set(lesson.builds_on) - known:
            raise CatalogError(
                f"lesson {lesson.id!r} builds on {min(set(lesson.builds_on) - known)!r}, "
                "which is no lesson before it."
            )
        known.add(lesson.id)
    exercises = tuple(_parse_exercise(row, known) for row in table.get("exercise", []))
    repeated = {e.id for e in exercises if sum(o.id == e.id for o in exercises) > 1}
    if repeated:
        raise CatalogError(f"{file.name} lists {sorted(repeated)[0]!r} twice; ids are unique.")
    return Catalog(lessons, exercises)


def _parse_lesson(row: dict) -> Lesson:
    try:
        builds_on = tuple(row.get("builds_on", ()))
        return Lesson(row["id"], row["title"], row["notebook"], row["minutes"], builds_on)
    except KeyError as missing:
        raise CatalogError(
            f"lesson {row.get('id', '?')!r} in the catalogue lacks {missing}."
        ) from None


def _parse_exercise(row: dict, lessons: set[str]) -> Exercise:
    name = row.get("id", "?")
    if not ID.match(str(name)):
        raise CatalogError(f"exercise id {name!r} must be words in lower case joined by hyphens.")
    unknown = set(row) - set(Exercise.__dataclass_fields__)
    if unknown:
        raise CatalogError(f"exercise {name!r} has an unknown field {sorted(unknown)[0]!r}.")
    missing = {f.name for f in fields(Exercise) if f.default_factory is MISSING} - set(row)
    if missing:
        raise CatalogError(f"exercise {name!r} in the catalogue lacks {sorted(missing)[0]!r}.")
    if row["lesson"] not in lessons:
        raise CatalogError(
            f"exercise {name!r} belongs to lesson {row['lesson']!r}, which is not listed."
        )
    for check, weight in row.get("weights", {}).items():
        if type(weight) is not int or weight < 1:
            raise CatalogError(
                f"exercise {name!r}: the weight of {check} must be a whole number from 1."
            )
    for path in map(PurePosixPath, row["files"]):
        if path.is_absolute() or ".." in path.parts:
            raise CatalogError(f"exercise {name!r}: {path} must stay inside the project.")
    return Exercise(**{k: tuple(v) if isinstance(v, list) else v for k, v in row.items()})


def _no_such_exercise(asked: str, ids: list[str]) -> str:
    import difflib  # here, not above: only a wrong id pays for it

    near = difflib.get_close_matches(asked, ids, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no exercise {asked!r}.{guess} `{spelled('list')}` shows all {len(ids)}."
