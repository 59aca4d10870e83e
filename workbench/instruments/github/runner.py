"""Plays a workflow's jobs on this machine: their shell steps run, with stand-ins for what they call."""

from __future__ import annotations

import functools
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.boundary.outcomes import EnvironmentProblem
from workbench.boundary.project import Project
from workbench.instruments.github.calls import Words
from workbench.instruments.github.expressions import EXPRESSION, holds, value_of, with_stand_ins
from workbench.instruments.github.stand_ins import calls_in, settings_of, words_in, write_stand_ins
from workbench.instruments.github.workflows import Workflow, a_run, mapping_in
from workbench.sandbox.commands import run_command
from workbench.sandbox.confinement import rules_for, scrubbed_environment

STEP_SECONDS = 10  # all that a step calls is a stand-in, `sleep` too
OF_THE_RUNNER = {
    "GITHUB_OUTPUT": "output",
    "GITHUB_ENV": "env",
    "GITHUB_STEP_SUMMARY": "summary",
}
STRICT = ("--noprofile", "--norc", "-eo", "pipefail")  # what `shell: bash` means


@dataclass
class Played:
    """How a job went: what its steps called, what they printed, which steps failed (by name).

    `words` are the calls again, each as the name and the arguments that the shell handed over.
    """

    calls: list[str] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    printed: str = ""
    failed: list[str] = field(default_factory=list)
    outcomes: dict[str, dict] = field(default_factory=dict)  # by the id of the step


@functools.cache
def play(project: Project, workflow: Workflow, job: str, failing: str = "") -> Played:
    """Runs the job's `run` steps in order, as a Linux runner would; `uses` steps are taken to succeed.

    Calls that hold `failing` fail. Raises EnvironmentProblem where there is no bash.
    """
    place = _Place(project, failing)
    played = Played()
    for number, step in enumerate(workflow.steps(job), 1):
        env = _variables(workflow.data, workflow.job(job), step)
        if "run" not in step or not _is_its_turn(step, env, played):
            continue
        options = STRICT if _names_bash(workflow, job, step) else ("-e",)
        status, printed = place.run(f"step-{number}.sh", str(step["run"]), env, options)
        played.printed += printed
        fails = status != 0 and step.get("continue-on-error") is not True
        if fails:
            played.failed.append(str(step.get("name") or f"step {number}"))
        played.outcomes[str(step.get("id", "")).lower()] = {
            "outcome": "success" if status == 0 else "failure",
            "conclusion": "failure" if fails else "success",
        }
    played.calls, played.words = calls_in(place.noted), words_in(place.noted)
    return played


class _Place:
    """Where the steps of one job run. Its folders are new ones: what an earlier job has left must not
    lead the judge's own hand."""

    def __init__(self, project: Project, failing: str):
        self.bash = shutil.which("bash")
        if self.bash is None:
            raise EnvironmentProblem(
                "The check runs the workflow's steps, and there is no bash here"
            )
        self.tree = project.folder
        self.given = self.tree.with_name(f"stand-ins-{secrets.token_hex(4)}")
        self.noted = self.tree.with_name(f"noted-{secrets.token_hex(4)}")
        self.failing = failing
        write_stand_ins(self.given)
        self.noted.mkdir()

    def run(self, name: str, script: str, env: dict[str, str], options: tuple) -> tuple:
        """Runs one step's script; the status it ended with and what it printed."""
        file: Path = self.given / name
        file.write_text(with_stand_ins(script), encoding="utf-8")
        env = scrubbed_environment(self.tree) | env | settings_of(self.noted, self.failing)
        env |= {key: str(self.noted / value) for key, value in OF_THE_RUNNER.items()}
        ended = run_command(
            [self.bash, *options, str(file)],
            cwd=self.tree,
            env=env | {"PATH": f"{self.given}:/usr/bin:/bin"},
            deadline_seconds=STEP_SECONDS,
            rules=rules_for(self.tree, also=(self.noted,), also_read=(self.given,)),
        )
        return ended.status, ended.output


def _is_its_turn(step: dict, env: dict[str, str], played: Played) -> bool:
    run = a_run("push", "refs/heads/main", is_well=not played.failed)
    run |= {"steps": played.outcomes, "env": {key.lower(): env[key] for key in env}}
    try:
        return holds(step.get("if", ""), run)
    except ValueError:  # GitHub would not start the job; here its other steps are still looked at
        return not played.failed


def _names_bash(workflow: Workflow, job: str, step: dict) -> bool:
    """Whether `shell: bash` is set, for the step, its job or the workflow: it adds pipefail."""
    for place in (step, _run_defaults(workflow.job(job)), _run_defaults(workflow.data)):
        if "shell" in place:
            return place["shell"] == "bash"
    return False


def _run_defaults(place: dict) -> dict:
    return mapping_in(mapping_in(place, "defaults"), "run")


def given_to(workflow: Workflow, job: str, step: dict, name: str) -> str:
    """What an action gets for one of its inputs (`with`), the workflow's own variables put in."""
    variables = _variables(workflow.data, workflow.job(job), step)
    told = str(mapping_in(step, "with").get(name, ""))
    return EXPRESSION.sub(
        lambda m: variables.get(m["text"].removeprefix("env."), value_of(m["text"])), told
    )


def _variables(*places: dict[str, Any]) -> dict[str, str]:
    """The variables that these places set, the last of them first of all."""
    given: dict[str, str] = {}
    for place in places:
        told = mapping_in(place, "env").items()
        given |= {str(name): with_stand_ins(str(value)).replace("\0", "") for name, value in told}
    return {name: value for name, value in given.items() if name and not set("=\0") & set(name)}
