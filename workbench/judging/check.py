"""Checks one exercise: builds the tree, runs the check file under pytest, sums up the verdicts."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from workbench.boundary.outcomes import EnvironmentProblem, Mismatch, NotStarted, Outcome
from workbench.boundary.project import Project
from workbench.course.catalog import Exercise
from workbench.course.overlay import SubmissionProblem, copy_reference, is_not_started, lay_over
from workbench.course.place import Course
from workbench.judging.results import CheckResult, ExerciseResult, summarise
from workbench.sandbox.confinement import EXCHANGE
from workbench.sandbox.deadlines import PACE
from workbench.sandbox.warm_process import CAN_WARM, LIBRARIES, Warm
from workbench.setup.layout import spelled

WARM_VARIABLE = "WORKBENCH_WARM"
SEED_VARIABLE = "WORKBENCH_SEED"
# parts of pytest that no check uses; starting them took longer than most checks. The last two collect
# garbage in the whole process at the end of each run
UNUSED_PLUGINS = (
    "cacheprovider",
    "debugging",
    "doctest",
    "faulthandler",
    "junitxml",
    "legacypath",
    "logging",
    "pastebin",
    "recwarn",
    "setuponly",
    "setupplan",
    "stepwise",
    "unittest",
    "unraisableexception",
    "threadexception",
)
PYTEST_OPTIONS = [
    "-q",
    "--noconftest",
    "--disable-plugin-autoload",
    "--import-mode=importlib",
    "--capture=no",
    "--tb=no",
    *(f"-pno:{name}" for name in UNUSED_PLUGINS),
]


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
    on_result: Callable[[CheckResult], None] = lambda result: None,
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
    warm = os.environ.get(WARM_VARIABLE)
    with contextlib.ExitStack() as stack:
        if warm is None and CAN_WARM:  # first of all: it imports while we go on
            own = Warm(*LIBRARIES)
            stack.callback(own.close)
            warm = own.address
        try:
            if not run_starter and is_not_started(course, exercise):
                results = _same_for_all(titles, _not_started(course, exercise))
            else:
                results = _run(course, exercise, seed, on_result, warm, stack, stop_at_first)
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


def _run(
    course, exercise, seed, on_result, warm, stack, stop_at_first=False
) -> dict[str, CheckResult]:
    import pytest

    from workbench.judging.plugin import JudgePlugin

    folder = Path(stack.enter_context(_temporary_folder()))
    tree = copy_reference(course, folder / "judged")
    exchange = tree.with_name(EXCHANGE)
    exchange.mkdir()
    lay_over(course, tree, [exercise])
    project = Project(tree, warm=warm)
    stack.callback(project.close)
    made: list[Project] = []

    def reference() -> Project:
        if not made:
            ours = copy_reference(course, folder / "reference")
            made.append(Project(ours, warm=warm, is_ours=True))
            stack.callback(made[0].close)
        return made[0]

    if seed is None:
        seed = int(os.environ.get(SEED_VARIABLE) or secrets.randbits(32))
    plugin = JudgePlugin(project, reference, seed, course.state / "cache", on_result)
    file = course.checks / exercise.check_file
    output = io.StringIO()
    sys.modules.pop(file.stem, None)  # the same check of another course, or of an edit ago
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        options = [*PYTEST_OPTIONS, "-c", os.devnull, f"--rootdir={course.checks}"]
        if stop_at_first:
            options.append("-x")
        options += [f"--basetemp={exchange / 'files'}", str(file)]
        pytest.main(options, plugins=[plugin])
    if not plugin.results:
        raise OSError(f"pytest ran no check of {file.name}: {output.getvalue()[-800:]}")
    if plugin.tripped and course.project != course.reference:
        ours = replace(course, project=course.reference)
        on_reference = _run(ours, exercise, seed, lambda result: None, warm, stack)
        _blame_strange_values(plugin, on_reference)
    return plugin.results


def _blame_strange_values(plugin, on_reference: dict[str, CheckResult]) -> None:
    """A check that trips over an answer and passes on the reference has met a value of a strange form."""
    for name, outcome in plugin.tripped.items():
        if name in on_reference and on_reference[name].verdict == "passed":
            plugin.results[name] = replace(
                plugin.results[name], verdict=outcome.verdict, message=outcome.message
            )


def _temporary_folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True)


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
