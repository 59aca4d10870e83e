"""All mutants of an exercise: which operators fit which file, and which differences count."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from workbench.authoring.mutation import data_faults, python_faults, text_faults
from workbench.authoring.mutation.edits import Edit, Mutant, inside, mutants_from
from workbench.course.catalog import Exercise
from workbench.course.place import Course


@dataclass(frozen=True)
class Language:
    """`meaning` is what must differ for an edit to be a fault; None stands for a file that is broken."""

    edits: Callable[[str], Iterator[Edit]]
    meaning: Callable[[str], str | None]


PYTHON = Language(python_faults.python_edits, python_faults.python_meaning)
SQL = Language(text_faults.sql_edits, text_faults.sql_meaning)
DATA = Language(data_faults.data_edits, data_faults.data_meaning)
DOCKERFILE = Language(text_faults.dockerfile_edits, text_faults.plain_meaning)
IGNORE = Language(text_faults.ignore_edits, text_faults.plain_meaning)
LANGUAGES = {
    ".py": PYTHON,
    ".sql": SQL,
    ".yml": DATA,
    ".yaml": DATA,
    ".json": DATA,
    "Dockerfile": DOCKERFILE,
    ".dockerignore": IGNORE,
}


def mutants_of(course: Course, exercise: Exercise) -> list[Mutant]:
    """Every mutant of the exercise's reference answer that can be read and means something else."""
    mutants: list[Mutant] = []
    for path in exercise.files:
        name = PurePosixPath(path)
        language = LANGUAGES[name.suffix or name.name]
        source = (course.reference / path).read_text(encoding="utf-8")
        right = language.meaning(source)
        made = mutants_from(exercise.id, path, source, inside(language.edits(source), source))
        mutants += [m for m in made if language.meaning(m.text) not in (None, right)]
    return mutants


def sample(mutants: list[Mutant], limit: int | None, seed: int) -> list[Mutant]:
    """At most `limit` of the mutants, drawn by `seed`, in their order."""
    if limit is None or limit >= len(mutants):
        return mutants
    drawn = random.Random(f"{seed}/{len(mutants)}").sample(range(len(mutants)), limit)
    return [mutants[place] for place in sorted(drawn)]
