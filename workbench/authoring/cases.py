"""The cases of an exercise: every project that the author contract has judged, and how one is judged."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.authoring.mistakes import MistakeError, Stored, load_changes, load_regions
from workbench.authoring.starters import starters
from workbench.authoring.templates import is_template
from workbench.course.catalog import Exercise, load_catalog
from workbench.course.derive import variant_from
from workbench.course.place import Course
from workbench.judging.check import check_exercise
from workbench.judging.results import ExerciseResult
from workbench.sandbox.warm_process import LIBRARIES, SLOW_LIBRARIES, kept_warm

FOLDERS = {"mistake": "mistakes", "answer": "answers"}  # below tests/, by kind


@dataclass(frozen=True)
class Case:
    """One project to judge. `kind`: reference, starter, run (the starter, run all the same), mistake
    or answer; `text` is the variant.

    `fails` (the id of the check that must fail first) and `says` (what its message must hold) are
    given for mistakes only.
    """

    exercise: Exercise
    kind: str
    name: str
    text: str = ""
    file: str = ""
    fails: str = ""
    says: str = ""


def cases_of(course: Course, exercise: Exercise) -> list[Case]:
    """All cases of an exercise, read from `tests/mistakes` and `tests/answers`.

    Raises MistakeError with a line for each mistake whose changes do not fit the reference.
    """
    cases, unfit = read_cases(course, exercise)
    if unfit:
        raise MistakeError("\n".join(unfit))
    return cases


def read_cases(course: Course, exercise: Exercise) -> tuple[list[Case], list[str]]:
    """The cases that can be judged, and a sentence for each mistake that does not fit the reference.

    A template that nobody has filled in is no case.
    """
    cases = [
        Case(exercise, "reference", "reference"),
        Case(exercise, "starter", "starter"),
        Case(exercise, "run", "starter run like an answer"),
    ]
    unfit = []
    for kind in FOLDERS:
        for file in stored_files(course, exercise, kind):
            if is_template(file):
                continue
            try:
                stored = _load(course, exercise, kind, file)
            except MistakeError as error:
                unfit.append(str(error))
            else:
                cases.append(Case(exercise, kind, file.stem, **vars(stored)))
    return cases, unfit


def stored_files(course: Course, exercise: Exercise, kind: str) -> list[Path]:
    """The files in which the mistakes or the answers of an exercise are stored, filled in or not."""
    return sorted((course.checks.parent / FOLDERS[kind] / exercise.id).glob("*.*"))


def _load(course: Course, exercise: Exercise, kind: str, file: Path) -> Stored:
    if kind == "mistake" and file.suffix == ".toml":
        return load_changes(exercise, file, course.reference)
    return load_regions(exercise, file)


def judge(
    course: Course, case: Case, *, seed: int | None = None, stop_at_first: bool = False
) -> ExerciseResult:
    """Checks the case's project; with `stop_at_first`, up to its first problem."""
    how = {"seed": seed, "stop_at_first": stop_at_first}
    if case.kind == "reference":
        return check_exercise(replace(course, project=course.reference), case.exercise, **how)
    with tempfile.TemporaryDirectory(prefix="workbench-case-") as folder:
        is_starter = case.kind in ("starter", "run")
        made = starters(course, load_catalog(course.catalog_file)) if is_starter else {}
        for path in case.exercise.files:
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            source = (course.reference / path).read_text(encoding="utf-8")
            if is_starter:
                file.write_bytes(made[path])
            else:
                text = variant_from(source, case.text) if path == case.file else source
                file.write_text(text, encoding="utf-8")
        return check_exercise(
            replace(course, project=Path(folder)),
            case.exercise,
            **how,
            run_starter=case.kind == "run",
        )


def judge_for_contract(course: Course, case: Case) -> ExerciseResult:
    """Judges a case as far as the contract asks: of what must fail, up to its first problem."""
    return judge(course, case, stop_at_first=case.kind in ("mistake", "run"))


def variant_of(course: Course, case: Case) -> str:
    """The text of the case's file: the reference with its regions taken from the case."""
    source = (course.reference / case.file).read_text(encoding="utf-8")
    return variant_from(source, case.text)


def stay_warm() -> contextlib.AbstractContextManager:
    """Keeps one warm process, with all that any exercise imports, for all checks of the block."""
    return kept_warm(*LIBRARIES, *SLOW_LIBRARIES)
