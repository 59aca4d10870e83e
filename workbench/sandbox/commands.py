"""Runs a command of a learner's project: own process group, scrubbed environment, deadline, limits."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from workbench.sandbox.confinement import rules_for, scrubbed_environment
from workbench.sandbox.deadlines import waits
from workbench.sandbox.kernel import Rules
from workbench.sandbox.processes import under_rules
from workbench.sandbox.warden import WARDEN

LONGEST_OUTPUT = 100_000


@dataclass(frozen=True)
class Finished:
    """How a command ended. `status` is None when it ran past its deadline and was stopped.

    `output` is what it wrote to standard output and standard error, the last 100,000 bytes.
    """

    status: int | None
    output: str


def run_module(project: Path, *argv: str, deadline_seconds: float) -> Finished:
    """Runs `python -m ARGV` with `project` as the current folder, and ends all it started."""
    return run_python(project, "-m", *argv, deadline_seconds=deadline_seconds)


def run_python(project: Path, *argv: str, deadline_seconds: float) -> Finished:
    """Runs `python ARGV` with `project` as the current folder, and ends all it started."""
    command = [sys.executable, "-I", "-X", "utf8", "-B", *argv]
    env = scrubbed_environment(project)
    rules = rules_for(project, may_connect=True, shares_memory=True)
    return run_command(
        command, cwd=project, env=env, deadline_seconds=deadline_seconds, rules=rules
    )


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
    output = cwd.parent / f"output-{os.urandom(6).hex()}.txt"
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
    text = _end_of(output)
    output.unlink(missing_ok=True)
    if WARDEN.reason(process.pid):
        text += f"\n{WARDEN.reason(process.pid)}."
    return Finished(status, text)


def _end_of(file: Path) -> str:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - LONGEST_OUTPUT))
        return opened.read(LONGEST_OUTPUT).decode("utf-8", "replace")


def _end_group(process: subprocess.Popen) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False
        )
    process.wait(10)
