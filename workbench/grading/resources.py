"""Limits that the operating system keeps for us, where it has them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess


def limit(pid: int, *, memory_bytes: int, file_bytes: int, cpu_seconds: int) -> None:
    """Limits a process that was just started. Does nothing where the system has no such limits."""
    with contextlib.suppress(ImportError, AttributeError, OSError, ValueError):
        import resource

        for name, most in (
            ("RLIMIT_AS", memory_bytes),
            ("RLIMIT_FSIZE", file_bytes),
            ("RLIMIT_CPU", cpu_seconds),
            ("RLIMIT_CORE", 0),
        ):
            resource.prlimit(pid, getattr(resource, name), (most, most))


def end_group(process: subprocess.Popen) -> None:
    """Ends a process that leads a session of its own, with what it started there."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False
        )
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
