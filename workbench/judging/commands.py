"""Runs a command of a learner's project: own process group, scrubbed environment, deadline, limits."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from workbench.judging.child import CPU_SECONDS, FILE_BYTES, MEMORY_BYTES
from workbench.judging.processes import scrubbed_environment

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
    return run_command(command, cwd=project, env=env, deadline_seconds=deadline_seconds)


def run_command(
    command: list[str],
    *,
    cwd: Path,
    env: dict[str, str],
    deadline_seconds: float,
    is_limited: bool = True,
) -> Finished:
    """Runs a command and ends all it started. `is_limited`: with a learner's limits on resources.

    Raises FileNotFoundError when there is no such command.
    """
    output = cwd.parent / f"output-{os.urandom(6).hex()}.txt"
    group = {"start_new_session": True} if os.name == "posix" else {}
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            **group,
        )
    if is_limited:
        _limit(process.pid)
    try:
        status = process.wait(deadline_seconds)
    except subprocess.TimeoutExpired:
        status = None
    finally:
        _end_group(process)
    text = output.read_bytes()[-LONGEST_OUTPUT:].decode("utf-8", "replace")
    output.unlink(missing_ok=True)
    return Finished(status, text)


def _limit(pid: int) -> None:
    """Sets the limits a learner's process has; the deadline alone holds where there are none."""
    with contextlib.suppress(ImportError, AttributeError, OSError):  # not Linux, or already ended
        import resource

        for name, most in (
            ("RLIMIT_AS", MEMORY_BYTES),
            ("RLIMIT_FSIZE", FILE_BYTES),
            ("RLIMIT_CPU", CPU_SECONDS),
        ):
            resource.prlimit(pid, getattr(resource, name), (most, most))


def _end_group(process: subprocess.Popen) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False
        )
    process.wait(10)
