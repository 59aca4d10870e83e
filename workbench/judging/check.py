"""Checks one exercise: has its check file run, and sums up the verdicts."""

from __future__ import annotations

import ast
import contextlib
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from workbench.boundary.outcomes import EnvironmentProblem, Mismatch, NotStarted, Outcome
from workbench.course.catalog import Exercise
from workbench.course.overlay import SubmissionProblem, is_not_started
from workbench.course.place import Course
from workbench.judging.results import CheckResult, ExerciseResult, summarise
from workbench.judging.run import Run, ignore
from workbench.sandbox.deadlines import PACE
from workbench.sandbox.warm_process import LIBRARIES, kept_warm
from workbench.setup.layout import spelled

SEED_VARIABLE = "WORKBENCH_SEED"


def check_titles(file: Path) -> dict[str, str]:
    """The ids and titles of the checks in a check file, in order, read without running it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    tests = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]
    return {t.name: (ast.get_docstring(t) or t.name).splitlines()[0] for t in tests}


def check_exercise(
    course: Course,
    exercise: Exercise,
    *,
    seed: int | None = None,
    on_result: Callable[[CheckResult], None] = ignore,
    run_starter: bool = False,
    stop_at_first: bool = False,
) -> ExerciseResult:
    """Checks the exercise's files in `course.project`.

    `seed` draws the inputs (default: a fresh one). `on_result` is told each check as it ends.
    `run_starter` judges a starter like any answer, for authors who must know that it does not pass.
    `stop_at_first` runs no check after one that did not pass; those report nothing.
    Never raises for anything a learner's file does.
    """
    started = time.monotonic()
    PACE.begin()
    titles = check_titles(course.checks / exercise.check_file)
    with contextlib.ExitStack() as stack:
        warm = stack.enter_context(kept_warm(*LIBRARIES))  # first of all: it imports while we go on
        try:
            if not run_starter and is_not_started(course, exercise):
                results = _same_for_all(titles, _not_started(course, exercise))
            else:
                drawn = _seed() if seed is None else seed
                run = Run(course, exercise, drawn, warm, stack, on_result, stop_at_first)
                results = run.results()
        except SubmissionProblem as problem:
            results = _same_for_all(titles, Mismatch(str(problem)))
        except OSError as error:
            problem = EnvironmentProblem(
                "The check could not prepare its files", str(error), look=f"`{spelled('doctor')}`"
            )
            results = _same_for_all(titles, problem)
    complete = [results.get(name) or _unreported(name, title) for name, title in titles.items()]
    seconds = time.monotonic() - started
    return summarise(exercise.id, exercise.points, seconds, complete, exercise.weights)


def _seed() -> int:
    """The seed that the environment asks for, or a fresh one."""
    return int(os.environ.get(SEED_VARIABLE) or secrets.randbits(32))


def _same_for_all(titles: dict[str, str], outcome: Outcome) -> dict[str, CheckResult]:
    return {
        name: CheckResult(name, title, outcome.verdict, outcome.message, 0.0)
        for name, title in titles.items()
    }


def _not_started(course: Course, exercise: Exercise) -> NotStarted:
    files = " and ".join(course.relative(course.project / path) for path in exercise.files)
    return NotStarted(
        f"{files}: this is still the starter",
        look=f"the marked place in the file; `{spelled(f'hint {exercise.id}')}` gives a first nudge",
    )


def _unreported(name: str, title: str) -> CheckResult:
    problem = EnvironmentProblem("This check did not report", look="the messages above it")
    return CheckResult(name, title, problem.verdict, problem.message, 0.0)
