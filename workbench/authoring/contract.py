"""The author contract: what must hold of every exercise before a learner meets it.

The reference passes; the starter is `not_started`; every stored mistake fails in the check it names,
with a message of its own that keeps the rules of `message_rules`; every differently written right
answer passes.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.authoring.message_rules import message_complaints
from workbench.authoring.mistakes import MistakeError, Stored, load_changes, load_regions
from workbench.authoring.starters import derive_project, starters
from workbench.course.catalog import Catalog, Exercise, load_catalog
from workbench.course.derive import variant_from
from workbench.course.place import Course
from workbench.judging.check import WARM_VARIABLE, check_exercise, check_titles
from workbench.judging.results import ExerciseResult
from workbench.sandbox.warm_process import CAN_WARM, LIBRARIES, SLOW_LIBRARIES, Warm

FEWEST_MISTAKES = 4
FEWEST_ANSWERS = 2
PLACEHOLDER = re.compile(
    r"TODO\((?P<id>[a-z-]+)\)|NotImplementedError\([\"'](?P<other>[a-z-]+)[\"']\)"
)


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
    tests = course.checks.parent
    found = [Case(exercise, "reference", "reference"), Case(exercise, "starter", "starter")]
    found.append(Case(exercise, "run", "starter run like an answer"))
    unfit = []
    for kind, folder in (("mistake", "mistakes"), ("answer", "answers")):
        for file in sorted((tests / folder / exercise.id).glob("*.*")):
            try:
                stored = _load(course, exercise, kind, file)
            except MistakeError as error:
                unfit.append(str(error))
            else:
                found.append(Case(exercise, kind, file.stem, **vars(stored)))
    if unfit:
        raise MistakeError("\n".join(unfit))
    return found


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
        made = starters(course, load_catalog(course.catalog_file))
        for path in case.exercise.files:
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            source = (course.reference / path).read_text(encoding="utf-8")
            if case.kind in ("starter", "run"):
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


def complaint(case: Case, result: ExerciseResult) -> str:
    """Why the result is not what the contract asks of the case; empty when it is."""
    problem = result.first_problem
    seen = f"{case.exercise.id}, {case.kind} {case.name}: {result.verdict}"
    if problem:
        seen += f" in {problem.id}: {problem.message}"
    wanted = {"reference": "passed", "answer": "passed", "starter": "not_started"}.get(case.kind)
    if wanted:
        return "" if result.verdict == wanted else f"{seen}\nmust be {wanted}"
    if case.kind == "run":
        solved = result.verdict in ("passed", "environment")
        return f"{seen}\nmust not pass: the starter gives the answer away" if solved else ""
    if not case.fails or not case.says:
        return f"{seen}\nthe mistake must tell its check (`fails:`) and its message (`says:`)"
    if result.verdict not in ("failed", "error", "timeout") or problem is None:
        return f"{seen}\nmust fail in {case.fails}"
    if problem.id != case.fails:
        return f"{seen}\nmust fail first in {case.fails}"
    if case.says not in problem.message:
        return f"{seen}\nits message must hold: {case.says}"
    return ""


def complaints_about(course: Course, case: Case, result: ExerciseResult) -> list[str]:
    """All that is wrong with one result: its verdict, its check, its messages."""
    found = [complaint(case, result), *message_complaints(course, case, result)]
    return [text for text in found if text]


def shared_messages(results: list[tuple[Case, ExerciseResult]]) -> Iterator[str]:
    """A complaint for each mistake whose stored message another mistake gets too."""
    mistakes = [(case, result.first_problem) for case, result in results if case.kind == "mistake"]
    for case, _ in mistakes:
        for other, problem in mistakes:
            if other is not case and problem and case.says and case.says in problem.message:
                yield f"{case.exercise.id}: mistakes {case.name} and {other.name} share {case.says!r}"


def static_complaints(course: Course, catalog: Catalog) -> Iterator[str]:
    """What is wrong without running anything: counts, hints, files, leftovers, stale starters."""
    tests = course.checks.parent
    ids = {e.id for e in catalog.exercises}
    for exercise in catalog.exercises:
        yield from _row_complaints(course, exercise)
        try:
            kinds = [case.kind for case in cases_of(course, exercise)]
        except MistakeError as error:
            yield str(error)
            continue
        if kinds.count("mistake") < FEWEST_MISTAKES:
            yield f"{exercise.id}: {kinds.count('mistake')} mistakes, at least {FEWEST_MISTAKES} are asked"
        if kinds.count("answer") < FEWEST_ANSWERS:
            yield f"{exercise.id}: {kinds.count('answer')} other answers, at least {FEWEST_ANSWERS} are asked"
    for lesson in catalog.lessons:
        if not any(e.lesson == lesson.id for e in catalog.exercises):
            yield f"lesson {lesson.id} has no exercise"
        source = course.root / "notebooks" / "src" / lesson.notebook.replace(".ipynb", ".py")
        if not source.exists():
            yield f"lesson {lesson.id}: notebooks/src/{source.name} is missing"
    listed = {e.check_file for e in catalog.exercises}
    for file in course.checks.glob("test_*.py"):
        if file.name not in listed:
            yield f"tests/checks/{file.name} belongs to no exercise"
    for folder in [*(tests / "mistakes").glob("*"), *(tests / "answers").glob("*")]:
        if folder.name not in ids:
            yield f"{course.relative(folder)} belongs to no exercise"
    yield from derive_project(course, catalog, write=False)
    for path, content in starters(course, catalog).items():
        for mark in PLACEHOLDER.finditer(content.decode("utf-8", "replace")):
            if (mark["id"] or mark["other"]) not in ids:
                yield f"exercises/{path} holds a placeholder of no exercise: {mark[0]}"


def stay_warm() -> contextlib.ExitStack:
    """Keeps one warm process for all checks of this process, until the returned stack is closed."""
    stack = contextlib.ExitStack()
    if CAN_WARM and WARM_VARIABLE not in os.environ:
        warm = Warm(*LIBRARIES, *SLOW_LIBRARIES)
        os.environ[WARM_VARIABLE] = warm.address
        stack.callback(warm.close)
        stack.callback(os.environ.pop, WARM_VARIABLE)
    return stack


def verify(course: Course, only: list[str], console) -> int:
    """Runs the contract with a progress bar and prints every complaint; returns 0 when there is none."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    catalog = load_catalog(course.catalog_file)
    exercises = [catalog.exercise(name) for name in only] or list(catalog.exercises)
    complaints = [] if only else list(static_complaints(course, catalog))
    cases = []
    for exercise in exercises:
        try:
            cases += cases_of(course, exercise)
        except MistakeError as error:
            complaints += [str(error)] if only else []  # else it stands there already
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with stay_warm(), Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=len(cases))
        for exercise in exercises:
            results = []
            for case in (case for case in cases if case.exercise is exercise):
                progress.update(task, description=f"{exercise.id}: {case.kind} {case.name}")
                results.append((case, judge_for_contract(course, case)))
                complaints += complaints_about(course, *results[-1])
                progress.advance(task)
            complaints += shared_messages(results)
    for line in complaints:
        console.print(f"✗ {line}", markup=False)
    summary = f"{len(cases)} cases of {len(exercises)} exercises, {len(complaints)} complaints."
    console.print(summary)
    return 1 if complaints else 0


def _row_complaints(course: Course, exercise: Exercise) -> Iterator[str]:
    if not exercise.hints or not all(hint.strip() for hint in exercise.hints):
        yield f"{exercise.id}: a ladder of hints is asked"
    if exercise.points < 1 or exercise.minutes < 1 or not exercise.teaches:
        yield f"{exercise.id}: points, minutes and teaches must say something"
    for path in exercise.files:
        if not (course.reference / path).exists():
            yield f"{exercise.id}: solutions/{path} does not exist"
    check = course.checks / exercise.check_file
    if not check.exists():
        yield f"{exercise.id}: {course.relative(check)} is missing"
    elif not check_titles(check):
        yield f"{exercise.id}: {course.relative(check)} holds no check"
    else:
        for name in sorted(set(exercise.weights) - set(check_titles(check))):
            yield f"{exercise.id}: a weight is given for {name}, which is no check of {check.name}"
