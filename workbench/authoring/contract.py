"""The author contract: what must hold of every exercise before a learner meets it.

The reference passes; the starter is `not_started`; every stored mistake fails in the check it names,
with a message of its own that keeps the rules of `message_rules`; every differently written right
answer passes. What holds without running anything is in `static_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator

from workbench.authoring.cases import Case, judge_for_contract, read_cases, stay_warm
from workbench.authoring.message_rules import message_complaints
from workbench.authoring.pool import progress_bar
from workbench.authoring.static_rules import cannot_be_judged, static_complaints
from workbench.course.catalog import Exercise, load_catalog
from workbench.course.place import Course
from workbench.judging.results import ExerciseResult


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
    complaints = [complaint(case, result), *message_complaints(course, case, result)]
    return [text for text in complaints if text]


def shared_messages(results: list[tuple[Case, ExerciseResult]]) -> Iterator[str]:
    """A complaint for each mistake whose stored message another mistake gets too."""
    mistakes = [(case, result.first_problem) for case, result in results if case.kind == "mistake"]
    for case, _ in mistakes:
        for other, problem in mistakes:
            if other is not case and problem and case.says and case.says in problem.message:
                yield f"{case.exercise.id}: mistakes {case.name} and {other.name} share {case.says!r}"


def verify(course: Course, only: list[str], console) -> int:
    """Runs the contract with a progress bar and prints every complaint; returns 0 when there is none.

    `only`: the ids of the exercises; all, and what concerns no single one, when it is empty.
    """
    catalog = load_catalog(course.catalog_file)
    chosen = [catalog.exercise(name) for name in only]
    exercises = chosen or list(catalog.exercises)
    complaints = list(static_complaints(course, catalog, chosen or None))
    sound = [e for e in exercises if not cannot_be_judged(course, e)]
    cases = {exercise.id: read_cases(course, exercise)[0] for exercise in sound}
    count = sum(map(len, cases.values()))
    with stay_warm(), progress_bar(console) as progress:
        task = progress.add_task("", total=count)
        for exercise in sound:
            results = []
            for case in cases[exercise.id]:
                progress.update(task, description=f"{exercise.id}: {case.kind} {case.name}")
                results.append((case, judge_for_contract(course, case)))
                complaints += complaints_about(course, *results[-1])
                progress.advance(task)
            complaints += shared_messages(results)
    for line in complaints:
        console.print(f"✗ {line}", markup=False)
    console.print(_summary(count, exercises, len(complaints)))
    return 1 if complaints else 0


def _summary(cases: int, exercises: list[Exercise], complaints: int) -> str:
    which = exercises[0].id if len(exercises) == 1 else f"{len(exercises)} exercises"
    return f"{cases} cases of {which}, {complaints} complaints."
