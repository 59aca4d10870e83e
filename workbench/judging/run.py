"""One run of an exercise's check file under pytest, over a tree made for it."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.boundary.project import Project
from workbench.course.catalog import Exercise
from workbench.course.overlay import copy_reference, lay_over
from workbench.course.place import Course
from workbench.judging.results import CheckResult
from workbench.sandbox.confinement import EXCHANGE

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


def ignore(result: CheckResult) -> None:
    """Tells nobody of a check that has ended."""


@dataclass(frozen=True)
class Run:
    """What is run and how. What it starts and makes is closed and removed with `stack`.

    `warm` is the address of a warm process, if there is one; `on_result` is told each check as it ends.
    """

    course: Course
    exercise: Exercise
    seed: int
    warm: str | None
    stack: contextlib.ExitStack
    on_result: Callable[[CheckResult], None] = ignore
    stop_at_first: bool = False

    def results(self) -> dict[str, CheckResult]:
        """The result of each check that was run, by id.

        A check that trips over an answer and passes on the reference has met a value of a strange form.
        """
        plugin = self._judge()
        if plugin.tripped and self.course.project != self.course.reference:
            ours = replace(self.course, project=self.course.reference)
            right = replace(self, course=ours, on_result=ignore, stop_at_first=False)._judge()
            for name, outcome in plugin.tripped.items():
                if name in right.results and right.results[name].verdict == "passed":
                    verdict = {"verdict": outcome.verdict, "message": outcome.message}
                    plugin.results[name] = replace(plugin.results[name], **verdict)
        return plugin.results

    def _judge(self):
        """Runs the check file once; returns its plugin, which holds the results."""
        from workbench.judging.plugin import JudgePlugin

        folder = Path(self.stack.enter_context(_temporary_folder()))
        tree = copy_reference(self.course, folder / "judged")
        exchange = tree.with_name(EXCHANGE)
        exchange.mkdir()
        lay_over(self.course, tree, [self.exercise])
        project = self._opened(Project(tree, warm=self.warm))
        made: list[Project] = []

        def reference() -> Project:
            if not made:
                ours = copy_reference(self.course, folder / "reference")
                made.append(self._opened(Project(ours, warm=self.warm, is_ours=True)))
            return made[0]

        cache = self.course.state / "cache"
        plugin = JudgePlugin(project, reference, self.seed, cache, self.on_result)
        output = self._pytest(plugin, exchange / "files")
        if not plugin.results:
            name = self.exercise.check_file
            raise OSError(f"pytest ran no check of {name}: {output[-800:]}")
        return plugin

    def _opened(self, project: Project) -> Project:
        self.stack.callback(project.close)
        return project

    def _pytest(self, plugin, files: Path) -> str:
        """Runs pytest, with `files` for the temporary files of its tests; returns what it printed."""
        import pytest

        check = self.course.checks / self.exercise.check_file
        options = [*PYTEST_OPTIONS, "-c", os.devnull, f"--rootdir={self.course.checks}"]
        if self.stop_at_first:
            options.append("-x")
        options += [f"--basetemp={files}", str(check)]
        output = io.StringIO()
        sys.modules.pop(check.stem, None)  # the same check of another course, or of an edit ago
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            pytest.main(options, plugins=[plugin])
        return output.getvalue()


def _temporary_folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True)
