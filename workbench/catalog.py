"""The catalogue: which lessons and exercises there are, as data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path, PurePosixPath

from workbench.setup.layout import spelled

ID = re.compile(r"[a-z]+(-[a-z]+)*\Z")


class CatalogError(ValueError):
    """The catalogue, or an id asked of it, is wrong. The message names the row and the remedy."""


@dataclass(frozen=True)
class Lesson:
    id: str
    title: str
    notebook: str
    minutes: int


@dataclass(frozen=True)
class Exercise:
    """One row. `files` are paths inside the project; `points` is what a full pass earns.

    `weights` says, by the id of a check, how much it counts; a check that is not named counts 1.
    """

    id: str
    lesson: str
    title: str
    minutes: int
    files: tuple[str, ...]
    needs: tuple[str, ...]
    points: int
    hints: tuple[str, ...]
    teaches: tuple[str, ...]
    weights: Mapping[str, int] = field(default_factory=dict, hash=False)

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
    known = {lesson.id for lesson in lessons}
    exercises = tuple(_parse_exercise(row, known) for row in table.get("exercise", []))
    repeated = {e.id for e in exercises if sum(o.id == e.id for o in exercises) > 1}
    if repeated:
        raise CatalogError(f"{file.name} lists {sorted(repeated)[0]!r} twice; ids are unique.")
    return Catalog(lessons, exercises)


def _parse_lesson(row: dict) -> Lesson:
    try:
        return Lesson(row["id"], row["title"], row["notebook"], row["minutes"])
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
