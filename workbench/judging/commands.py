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
    output = project.parent / f"output-{os.urandom(6).hex()}.txt"
    group = {"start_new_session": True} if os.name == "posix" else {}
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-B", "-m", *argv],
            cwd=project,
            env=scrubbed_environment(project),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            **group,
        )
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
    # not Linux, or it has already ended
    with contextlib.suppress(ImportError, AttributeError, OSError):
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
