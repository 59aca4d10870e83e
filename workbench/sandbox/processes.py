"""Starts the processes that run a learner's code: warm where the platform can fork, cold elsewhere.

Both ways give the same `Child`: its own process group, a scrubbed environment, the rules of the sandbox,
a deadline set by the caller, its standard error kept in a file of bounded size.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.sandbox.confinement import rules_for, scrubbed_environment
from workbench.sandbox.kernel import Rules
from workbench.sandbox.warden import WARDEN

HERE = Path(__file__).resolve().parent
RUN_SCRIPT = HERE / "kernel" / "run.py"
# runs a command and ends its whole group when the command ends, or when standard input closes: so a
# server does not outlive a judge that was killed
TIED = '("$@"; kill -9 0) & read -r _; kill -9 0'
# what a warm process needs of our environment: it hands its own down to the code it runs, for good
WARM_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")


@dataclass
class Child:
    """A running process. `stdin` and `stdout` are binary file objects; `wait` gives its status."""

    pid: int
    stdin: object
    stdout: object
    wait: Callable[[float | None], int | None]
    is_ours: bool = True

    @property
    def stopped(self) -> str:
        """Why the watch has ended it, as a sentence; empty when it did not."""
        return WARDEN.reason(self.pid)

    def kill(self) -> None:
        """Ends the process and everything it started."""
        WARDEN.release(self.pid)
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        else:
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(self.pid)], capture_output=True, check=False
            )
        for stream in (self.stdin, self.stdout):
            with contextlib.suppress(OSError):
                stream.close()
        if self.is_ours:  # a warm process reaps its own children, when its imports leave it time
            self.wait(5)


def start_cold(argv: list[str], *, cwd: Path, env: dict[str, str], stderr: Path) -> Child:
    """A new Python, isolated from the user's site and the current folder, running `argv`."""
    return _start(["-I", *argv], cwd=cwd, env=env, stderr=stderr)


def start_module(argv: list[str], *, cwd: Path, env: dict[str, str], stderr: Path) -> Child:
    """A new Python running a module of the folder `cwd` as `python -m` does, with its arguments.

    It may serve, and connect nowhere.
    """
    env = scrubbed_environment(cwd) | env
    tied = ["/bin/sh", "-c", TIED, "sh"] if os.name == "posix" else []
    under, env = under_rules(rules_for(cwd, shares_memory=True), env)
    return _start(["-s", "-m", *argv], cwd=cwd, env=env, stderr=stderr, under=[*tied, *under])


def under_rules(rules: Rules | None, env: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """What a command begins with to run in the sandbox under `rules`, and the environment to start with.

    The command itself gets `env`. Without rules, and on Windows, nothing comes before it.
    """
    if rules is None or os.name != "posix":
        return [], env
    start = [sys.executable, "-I", "-S", "-X", "utf8", "-B", str(RUN_SCRIPT)]
    own = {name: os.environ[name] for name in WARM_VARIABLES if name in os.environ}
    return [*start, rules.as_text(), json.dumps(env)], own


def _start(options: list[str], *, cwd: Path, env: dict, stderr: Path, under=()) -> Child:
    group = {"start_new_session": True} if os.name == "posix" else {}
    with stderr.open("ab") as errors:
        process = subprocess.Popen(
            [*under, sys.executable, "-X", "utf8", "-B", *options],
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            **group,
        )

    def wait(timeout: float | None) -> int | None:
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    WARDEN.guard(process.pid, cwd.parent)
    return Child(process.pid, process.stdin, process.stdout, wait)
