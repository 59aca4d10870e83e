"""Runs a command of a learner's project: own process group, scrubbed environment, deadline, limits."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.sandbox.confinement import rules_for, scrubbed_environment
from workbench.sandbox.deadlines import waits
from workbench.sandbox.kernel import Rules
from workbench.sandbox.processes import under_rules
from workbench.sandbox.warden import WARDEN
from workbench.sandbox.warm_process import CAN_WARM, Warm, start_warm

FORKED_SCRIPT = Path(__file__).with_name("forked.py")
LONGEST_OUTPUT = 100_000


@dataclass(frozen=True)
class Finished:
    """How a command ended. `status` is None when it ran past its deadline and was stopped.

    `output` is what it wrote to standard output and standard error, the last 100,000 bytes.
    """

    status: int | None
    output: str


def run_python(
    project: Path, *argv: str, deadline_seconds: float, imported: tuple[str, ...] = ()
) -> Finished:
    """Runs `python ARGV` with `project` as the current folder, and ends all it started.

    `imported` names modules that it spends most of its time on importing. Where the platform can fork, a
    process that has imported them is kept, and the program runs in children of it; ARGV may then begin with
    `-S` (no packages beside the standard library) and goes on with a file, or with `-m` and the name of a
    package that can be run.
    """
    if imported and CAN_WARM:
        is_bare = argv[0] == "-S"
        with contextlib.suppress(OSError):
            address = _kept_warm(is_bare, imported).address
            return _run_forked(address, argv[is_bare:], project, deadline_seconds)
    command = [sys.executable, "-I", "-X", "utf8", "-B", *argv]
    env = scrubbed_environment(project)
    rules = _rules_of(project)
    return run_command(
        command, cwd=project, env=env, deadline_seconds=deadline_seconds, rules=rules
    )


@functools.cache
def _kept_warm(is_bare: bool, imported: tuple[str, ...]) -> Warm:
    """A process that has imported these modules; it ends with this one."""
    return Warm(*imported, is_bare=is_bare)


def _rules_of(project: Path) -> Rules:
    return rules_for(project, may_connect=True, shares_memory=True)


def _run_forked(
    address: str, argv: Sequence[str], project: Path, deadline_seconds: float
) -> Finished:
    """As `run_python`. Raises OSError when the warm process at `address` does not answer."""
    output = _file_for_output(project)
    request = [str(FORKED_SCRIPT), _rules_of(project).as_text(), *argv]
    env = scrubbed_environment(project)
    child = start_warm(address, request, cwd=project, env=env, stderr=output)
    WARDEN.guard(child.pid, project.parent)
    status = None
    try:
        for seconds in waits(deadline_seconds):
            if (status := child.wait(seconds)) is not None:
                break
    finally:
        child.kill()
    return Finished(status, _written_to(output, child.pid))


def run_command(
    command: list[str],
    *,
    cwd: Path,
    env: dict[str, str],
    deadline_seconds: float,
    rules: Rules | None = None,
) -> Finished:
    """Runs a command and ends all it started. With `rules` it is a learner's, and runs in the sandbox.

    Raises FileNotFoundError when there is no such command.
    """
    output = _file_for_output(cwd)
    group = {"start_new_session": True} if os.name == "posix" else {}
    under, env = under_rules(rules, env)
    with output.open("wb") as file:
        process = subprocess.Popen(
            [*under, *command],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            **group,
        )
    if rules:
        WARDEN.guard(process.pid, cwd.parent)
    status = None
    try:
        for seconds in waits(deadline_seconds):
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = process.wait(seconds)
                break
    finally:
        WARDEN.release(process.pid)
        _end_group(process)
    return Finished(status, _written_to(output, process.pid))


def _file_for_output(project: Path) -> Path:
    return project.parent / f"output-{os.urandom(6).hex()}.txt"


def _written_to(output: Path, group: int) -> str:
    """The end of what a command wrote, and why the watch ended it, if it did; removes the file."""
    with output.open("rb") as opened:
        opened.seek(max(0, output.stat().st_size - LONGEST_OUTPUT))
        text = opened.read(LONGEST_OUTPUT).decode("utf-8", "replace")
    output.unlink(missing_ok=True)
    reason = WARDEN.reason(group)
    return f"{text}\n{reason}." if reason else text


def _end_group(process: subprocess.Popen) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False
        )
    process.wait(10)
