"""Runs a linter on a copy of a learner's file: as data, offline, with a deadline, under our settings only.

What a learner writes to switch a rule off, a settings file or a comment, does not count: each linter is told
so, and the copy lies alone in its folder.
"""

from __future__ import annotations

import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from workbench.boundary.made_files import read_made
from workbench.boundary.outcomes import EnvironmentProblem, shortened
from workbench.boundary.project import Project
from workbench.sandbox.commands import Finished, run_command
from workbench.sandbox.confinement import rules_for, scrubbed_environment
from workbench.setup.layout import spelled

LINT_SECONDS = 60
LONGEST_TOLD = 400
MOST_READ_BYTES = 200_000


@dataclass(frozen=True)
class Finding:
    """What a linter found: its rule, the line (from 1), its own words, and the text that it is about.

    `is_grave`: the linter gives it the highest of its ranks.
    """

    tool: str
    rule: str
    line: int
    told: str
    part: str = ""
    is_grave: bool = False

    def __str__(self) -> str:
        told = shortened(" ".join(self.told.split()), LONGEST_TOLD).rstrip(".")
        about = f", `{shortened(self.part.splitlines()[0], 100)}`" if self.part else ""
        return f"Line {self.line}{about}: {told} ({self.tool}, rule {self.rule})"


def linter(name: str) -> str | None:
    """The path of a linter that is installed beside this Python; None when there is none."""
    return shutil.which(name, path=str(Path(sys.executable).parent))


def lint(project: Project, path: str, command: str) -> Finished:
    """How `command` ended on a copy of the project's file, whose name is put behind it.

    Raises EnvironmentProblem when the linter is not there, or does not end.
    """
    name, *options = command.split()
    tool = linter(name)
    if tool is None:
        raise EnvironmentProblem(
            f"The check needs {name}, which is not installed", look=f"`{spelled('start')}`"
        )
    folder = _copy_alone(project, path)
    ended = run_command(
        [tool, *options, Path(path).name],
        cwd=folder,
        env=scrubbed_environment(project.folder),
        deadline_seconds=LINT_SECONDS,
        rules=rules_for(project.folder, also_read=(folder,)),
    )
    shutil.rmtree(folder, ignore_errors=True)
    if ended.status is None:
        raise EnvironmentProblem(
            f"{name} had not ended after {LINT_SECONDS} seconds, so {path} was not judged"
        )
    return ended


def _copy_alone(project: Project, path: str) -> Path:
    """A new folder beside the project's, with a copy of the file and our settings, which ask nothing."""
    folder = project.folder.with_name(f"linted-{secrets.token_hex(4)}")
    folder.mkdir()
    text = read_made(project.folder / path, MOST_READ_BYTES)
    (folder / Path(path).name).write_text(text, encoding="utf-8", newline="\n")
    (folder / "settings.yaml").write_text("{}\n", encoding="utf-8")
    return folder
