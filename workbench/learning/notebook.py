"""The face of the workbench in a notebook: `check`, `hint`, `serve`.

`check` grades the file on disk, in processes of its own; variables of the notebook never count.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from workbench.course.catalog import load_catalog
from workbench.course.place import AUTHOR_VARIABLE, Course, find_course
from workbench.course.problems import UserError
from workbench.judging.results import ExerciseResult, result_from_json
from workbench.learning.learner import next_hint
from workbench.learning.service import RunningService, start_service
from workbench.learning.show import SIGNS, headline, next_step
from workbench.sandbox.warm_process import (
    CAN_WARM,
    LIBRARIES,
    SLOW_LIBRARIES,
    WARM_VARIABLE,
    Warm,
    start_warm,
)

JUDGE_MODULES = (
    "pytest",
    "_pytest.main",
    "workbench.cli",
    "workbench.learning.learner",
    "rich.console",
)
BORDERS = {"green": "#2e7d32", "red": "#c62828", "yellow": "#b26a00", "magenta": "#7b1fa2"}
CODE = re.compile("`([^`\n]+)`")
CHECK_SECONDS = 600


class NotPassed(AssertionError):
    """In author mode a check that does not pass stops the notebook."""


class CheckPanel:
    """What `check` shows: the verdict, the first problem in full, every check, the next step."""

    def __init__(self, course: Course, result: ExerciseResult):
        catalog = load_catalog(course.catalog_file)
        exercise = catalog.exercise(result.exercise)
        self.result = result
        self.headline = headline(result)
        self.next_step = next_step(course, exercise, result, catalog)

    def __repr__(self) -> str:
        problem = self.result.first_problem
        first = [problem.title, problem.message] if problem else []
        rows = [f"  {SIGNS[c.verdict][0]} {c.title}" for c in self.result.checks]
        return "\n".join([self.headline, *first, *rows, self.next_step])

    def _repr_html_(self) -> str:
        colour = BORDERS[SIGNS[self.result.verdict][2]]
        problem = self.result.first_problem
        problem_html = (
            f"<p><b>{_escaped(problem.title)}</b><br>{_escaped(problem.message)}</p>"
            if problem
            else ""
        )
        rows = "".join(
            f"<li>{SIGNS[c.verdict][0]} {_escaped(c.title)}</li>" for c in self.result.checks
        )
        return (
            f'<div class="workbench-check" role="status" style="border-left:6px solid {colour};'
            f'padding:.5em 1em;margin:.5em 0;overflow-wrap:anywhere">'
            f"<p><b>{_escaped(self.headline)}</b></p>{problem_html}"
            f'<ul style="list-style:none;padding-left:0">{rows}</ul>'
            f"<p>{_escaped(self.next_step)}</p></div>"
        )


class HintPanel:
    """What `hint` shows."""

    def __init__(self, number: int, total: int, text: str):
        self.text = f"hint {number} of {total}: {text}"

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f'<div style="padding:.5em 1em">{_escaped(self.text)}</div>'


def check(exercise_id: str) -> CheckPanel | HintPanel:
    """Checks the exercise's file as it is saved now, notes the result, and returns a panel to show.

    An id that does not exist gives a panel that says so. With WORKBENCH_AUTHOR set, raises NotPassed
    unless the verdict is `passed`, or `environment` for an exercise that needs a tool.
    """
    course = find_course()
    needs = load_catalog(course.catalog_file).exercise(exercise_id).needs
    panel = CheckPanel(course, _checked_elsewhere(course, exercise_id))
    allowed = ("passed", "environment") if needs else ("passed",)
    if os.environ.get(AUTHOR_VARIABLE) and panel.result.verdict not in allowed:
        raise NotPassed(repr(panel))
    return panel


def hint(exercise_id: str) -> HintPanel:
    """The next hint of the exercise: one step further up the ladder each time."""
    course = find_course()
    exercise = load_catalog(course.catalog_file).exercise(exercise_id)
    if os.environ.get(AUTHOR_VARIABLE):  # authors and tests leave the learner's progress alone
        return HintPanel(1, len(exercise.hints), exercise.hints[0])
    number, text = next_hint(course, exercise)
    return HintPanel(number, len(exercise.hints), text)


def serve(*, reference: bool = False, port: int = 0) -> RunningService:
    """Starts the service in the background: your finished modules over the reference.

    Prints which module is whose. Use it in a `with` block, or call its `stop()`. Port 0: a free one.
    """
    service = start_service(find_course(), reference=reference, port=port)
    print(service.description())
    return service


def _escaped(text: str) -> str:
    """The text as HTML: line breaks kept, what stands between backquotes as code."""
    return CODE.sub(r"<code>\1</code>", html.escape(text)).replace("\n", "<br>")


@cache
def _warm_processes(root: Path) -> tuple[Warm, Warm]:
    """One process with the judge imported, one with the learners' libraries; they end with the kernel."""
    return Warm(*JUDGE_MODULES, path=str(root)), Warm(*LIBRARIES, *SLOW_LIBRARIES)


def warm_up() -> None:
    """Starts the warm processes now, so that the first check does not wait for them."""
    if CAN_WARM:
        with contextlib.suppress(OSError):
            _warm_processes(find_course().root)


def _checked_elsewhere(course: Course, exercise_id: str) -> ExerciseResult:
    """Runs `workbench check` in a process of its own and reads its result."""
    command = ["check", exercise_id, "--json"]
    with tempfile.TemporaryDirectory(prefix="workbench-notebook-") as folder:
        errors = Path(folder) / "errors.txt"
        try:
            output = _answer_of_warm(course, command, errors)
        except OSError:
            output = subprocess.run(
                [sys.executable, "-m", "workbench", *command],
                cwd=course.root,
                stdout=subprocess.PIPE,
                stderr=errors.open("wb"),
                timeout=CHECK_SECONDS,
                check=False,
            ).stdout
        try:
            return result_from_json(json.loads(output))
        except (ValueError, KeyError, TypeError):
            errors_text = errors.read_text(encoding="utf-8", errors="replace")[-1000:]
            raise UserError(f"The check gave no result. {errors_text}") from None


def _answer_of_warm(course: Course, command: list[str], errors: Path) -> bytes:
    if not CAN_WARM:
        raise OSError("no warm processes on this platform")
    judge, learners = _warm_processes(course.root)
    env = {**os.environ, WARM_VARIABLE: learners.address}
    script = str(course.root / "workbench" / "__main__.py")
    child = start_warm(judge.address, [script, *command], cwd=course.root, env=env, stderr=errors)
    child.stdin.close()
    return child.stdout.read()
