"""Running other programs: logged and watched, or in our place."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from workbench.setup.progress import Steps

# They would send pip, uv and Jupyter to packages outside .venv, or keep bytecode from being kept.
UNWANTED = ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "__PYVENV_LAUNCHER__")


def clean_environment(**extra: str) -> dict[str, str]:
    """The user's environment, as it is, less what would lead the course's Python astray."""
    kept = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    # A path with an accent in it must survive a tool's output on any code page.
    # onnxruntime would report to its maker, from notebooks and tests too.
    return {**kept, "PYTHONIOENCODING": "utf-8", "ORT_DISABLE_TELEMETRY": "1", **extra}


def run_watched(
    command: list[str],
    *,
    cwd: Path,
    env: dict[str, str],
    log: Path,
    progress: Steps,
    detail: Callable[[str], str],
    keep_open: int | None = None,
) -> tuple[int, str]:
    """Run ``command`` with its output in ``log``; return its exit status and that output.

    ``detail`` turns the output so far into the progress line's last part. ``keep_open`` is a file
    descriptor the child inherits (POSIX): the set-up lock, so that a tool that outlives a killed
    parent still holds it.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    inherited = (keep_open,) if keep_open is not None and os.name == "posix" else ()
    with log.open("wb") as sink:
        child = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            pass_fds=inherited,
        )
        try:
            while child.poll() is None:
                progress.tick(detail(_read(log)))
                time.sleep(0.1)
        except BaseException:
            child.terminate()
            child.wait()
            raise
    return child.returncode, _read(log)


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def last_line(output: str) -> str:
    """The last thing a tool said, for a progress line."""
    lines = output.replace("\r", "\n").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def become(command: list[str], env: dict[str, str] | None = None, cwd: Path | None = None) -> int:
    """Run ``command`` in our place and return its exit status (on POSIX it never returns)."""
    sys.stdout.flush()
    sys.stderr.flush()
    environment = dict(os.environ) if env is None else env
    if os.name == "posix":
        if cwd is not None:
            os.chdir(cwd)
        os.execve(command[0], command, environment)
    child = subprocess.Popen(command, cwd=cwd, env=environment)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the child had it too, and stops in its own way
            continue
