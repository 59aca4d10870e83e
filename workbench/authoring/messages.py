"""Writes down what the learner of each stored mistake reads, for an author to review."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workbench.authoring.cases import Case, cases_of, variant_of
from workbench.authoring.message_rules import message_complaints
from workbench.authoring.mutation.edits import difference
from workbench.authoring.pool import judge_cases, progress_bar
from workbench.course.catalog import load_catalog
from workbench.course.derive import solution_from
from workbench.course.place import Course
from workbench.judging.results import ExerciseResult


def write_messages(course: Course, only: list[str], console, file: Path, *, jobs: int) -> int:
    """Writes each stored mistake, how it differs from the answer, and what its learner reads."""
    catalog = load_catalog(course.catalog_file)
    exercises = [catalog.exercise(name) for name in only] or list(catalog.exercises)
    cases = [c for e in exercises for c in cases_of(course, e) if c.kind == "mistake"]
    results: dict[int, ExerciseResult] = {}
    with progress_bar(console) as progress:
        task = progress.add_task("", total=len(cases))
        asked = ((number, case, 1) for number, case in enumerate(cases))
        for number, result in judge_cases(course, asked, jobs=jobs, stop_at_first=True):
            results[number] = result
            progress.update(task, advance=1, description=cases[number].exercise.id)
    parts, complaints = [], []
    for number, case in enumerate(cases):
        parts.append(_page(course, case, results[number]))
        first = results[number].first_problem
        shown = replace(results[number], checks=(first,) if first else ())
        complaints += message_complaints(course, case, shown)
    file.write_text("\n".join(parts), encoding="utf-8")
    for complaint in complaints:
        console.print(complaint, markup=False)
    console.print(f"{len(cases)} messages are in {file}; {len(complaints)} break a rule.")
    return 1 if complaints else 0


def _page(course: Course, case: Case, result: ExerciseResult) -> str:
    problem = result.first_problem
    shown = f"{problem.title}: {problem.verdict}\n{problem.message}" if problem else result.verdict
    return f"=== {case.exercise.id}: {case.name}\n{change_in(course, case)}\n--- {shown}\n"


def change_in(course: Course, case: Case) -> str:
    """How a mistake differs from the answer; the markers are in neither."""
    source = (course.reference / case.file).read_text(encoding="utf-8")
    return difference(case.file, solution_from(source), variant_of(course, case))
