"""Plays a workflow's jobs on this machine: their shell steps run, with stand-ins for what they call."""

from __future__ import annotations

import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.boundary.made_files import read_made
from workbench.boundary.outcomes import EnvironmentProblem
from workbench.boundary.project import Project
from workbench.sandbox.commands import run_command
from workbench.sandbox.confinement import rules_for, scrubbed_environment

STEP_SECONDS = 10  # all that a step calls is a stand-in, `sleep` too
STAND_INS = (
    *(
        "python",
        "python3",
        "pip",
        "pip3",
        "pytest",
        "uv",
        "docker",
        "curl",
        "wget",
        "gh",
        "git",
        "sudo",
    ),
    *("sleep", "trivy", "grype", "timeout"),
)
EXPRESSION = re.compile(r"\$\{\{\s*(?P<text>.*?)\s*\}\}", re.DOTALL)
# A stand-in notes its call, then succeeds, unless its call holds what is to fail.
SCRIPT = """#!/bin/sh
call="$(basename "$0") $*"
printf '%s\\n' "$call" | tr '\\n' ' ' >> "$CALLS"
echo >> "$CALLS"
printf '%s\\037' "${0##*/}" "$@" >> "$WORDS"
printf '\\036' >> "$WORDS"
if [ -n "$FAILING" ]; then
  case "$call" in *"$FAILING"*) echo "$call: failed on purpose" >&2; exit 1 ;; esac
fi
case "$call" in
  *inspect*) echo healthy ;;
  *record_known*) echo '{}' ;;
  "sudo "*) exec "$@" ;;
  "timeout "*) shift; exec "$@" ;;
esac
exit 0
"""


@dataclass(frozen=True)
class Played:
    """How a job went: what its steps called, what they printed, which steps failed (by name).

    `words` are the calls again, each as the name and the arguments that the shell handed over.
    """

    calls: list[str]
    words: list[list[str]]
    printed: str
    failed: list[str]


def value_of(expression: str) -> str:
    """What stands in for an expression: a word made of its last name, so that it can be found again."""
    return f"value-of-{re.sub('[^A-Za-z0-9_]+', '-', expression).strip('-')}"


def play(project: Project, workflow: dict, job: str, failing: str = "") -> Played:
    """Runs the job's `run` steps in order, as a Linux runner would; `uses` steps are taken to succeed.

    Calls that hold `failing` fail. Raises EnvironmentProblem where there is no bash.
    """
    bash = shutil.which("bash")
    if bash is None:
        raise EnvironmentProblem("The check runs the workflow's steps, and there is no bash here")
    # new ones for each time: what an earlier step has left must not lead the judge's own hand
    given = project.folder.with_name(f"stand-ins-{secrets.token_hex(4)}")
    noted = project.folder.with_name(f"noted-{secrets.token_hex(4)}")
    _write_stand_ins(given)
    noted.mkdir()
    rules = rules_for(project.folder, also=(noted,), also_read=(given,))
    steps = workflow["jobs"][job].get("steps")
    printed, failed = "", []
    for number, step in enumerate(steps if isinstance(steps, list) else [], 1):
        if not isinstance(step, dict) or "run" not in step or not _runs(step, bool(failed)):
            continue
        env = scrubbed_environment(project.folder) | _variables(
            workflow, workflow["jobs"][job], step
        )
        env |= {
            "CALLS": str(noted / "calls.txt"),
            "WORDS": str(noted / "words"),
            "FAILING": failing,
        }
        env |= {"GITHUB_OUTPUT": str(noted / "output"), "GITHUB_ENV": str(noted / "env")}
        env |= {"GITHUB_STEP_SUMMARY": str(noted / "summary")}
        env["PATH"] = f"{given}:/usr/bin:/bin"
        script = given / f"step-{number}.sh"
        script.write_text(_filled(str(step["run"])), encoding="utf-8")
        options = (
            ["--noprofile", "--norc", "-eo", "pipefail"]
            if _names_bash(workflow, job, step)
            else ["-e"]
        )
        ended = run_command(
            [bash, *options, str(script)],
            cwd=project.folder,
            env=env,
            deadline_seconds=STEP_SECONDS,
            rules=rules,
        )
        printed += ended.output
        if ended.status != 0 and step.get("continue-on-error") is not True:
            failed.append(str(step.get("name") or f"step {number}"))
    calls = read_made(noted / "calls.txt").splitlines()
    words = [call.split("\037")[:-1] for call in read_made(noted / "words").split("\036")[:-1]]
    return Played(calls, words, printed, failed)


def _write_stand_ins(folder: Path) -> None:
    folder.mkdir()
    for name in STAND_INS:
        (folder / name).write_text(SCRIPT, encoding="utf-8")
        (folder / name).chmod(0o755)


def _runs(step: dict, has_failed: bool) -> bool:
    condition = str(step.get("if", "success()"))
    if "always()" in condition or "cancelled()" in condition:
        return True
    return has_failed if "failure()" in condition else not has_failed


def _names_bash(workflow: dict, job: str, step: dict) -> bool:
    """Whether `shell: bash` is set, for the step, its job or the workflow: it adds pipefail."""
    for place in (step, _run_defaults(workflow["jobs"][job]), _run_defaults(workflow)):
        if "shell" in place:
            return place["shell"] == "bash"
    return False


def _run_defaults(place: dict) -> dict:
    return _mapping_in(_mapping_in(place, "defaults"), "run")


def _mapping_in(place: dict, name: str) -> dict:
    found = place.get(name)
    return found if isinstance(found, dict) else {}


def _variables(*places: dict[str, Any]) -> dict[str, str]:
    given: dict[str, str] = {}
    for place in places:
        told = _mapping_in(place, "env").items()
        given |= {str(name): _filled(str(value)).replace("\0", "") for name, value in told}
    return {name: value for name, value in given.items() if name and not set("=\0") & set(name)}


def _filled(text: str) -> str:
    return EXPRESSION.sub(lambda match: value_of(match["text"]), text)
