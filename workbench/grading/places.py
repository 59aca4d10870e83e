"""Where a submission is judged: a container without a network, or a process of this machine."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from workbench.grading.resources import end_group, limit
from workbench.setup.machine import cores

JUDGE = ("-m", "workbench.grading.judge")
# with the order of sets fixed, the same seed draws the same inputs whatever a check is written like
PYTHON = {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
KEPT_VARIABLES = (
    "PATH",
    "LANG",
    "LC_ALL",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "HOME",
    "USERPROFILE",
    "DOCKER_HOST",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
    "XDG_RUNTIME_DIR",
)
MEMORY_BYTES = 8 << 30  # of the judge; a learner's process has its own, lower limit
FILE_BYTES = 2 << 30  # the layers of a learner's image are written to disk
CPU_SECONDS = 3600
CONTAINER_SECONDS_TO_END = 30
CLIENT_SECONDS = 1  # for the client to notice that its container is gone
# 10001 is nobody on any machine; what a learner's service writes goes to memory, and goes with it
CONTAINER_LIMITS = (
    "--network=none",
    "--read-only",
    "--user=10001:10001",
    "--init",
    "--memory=3g",
    "--memory-swap=3g",
    "--pids-limit=512",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--log-driver=none",
    # a check puts commands of its own there, to see what a learner's file calls
    "--tmpfs=/tmp:rw,exec,nosuid,nodev,size=1g",
    "--tmpfs=/course/.workbench:rw,mode=1777",
)
MOST_CORES = 2  # of one container
COURSE_PARTS = (
    "workbench",
    "tests/checks",
    "solutions",
    "bookstore_model",
    "exercises/catalog.toml",
)
LABEL = "workbench.grade"


@dataclass(frozen=True)
class OnThisMachine:
    """A process with limits, in a session of its own, with a scrubbed environment and its own folder
    for temporary files below `scratch`, which is removed with the submission."""

    root: Path
    folder: Path
    scratch: Path
    name: str = "process"
    protections: list[str] = field(default_factory=list)

    @property
    def project(self) -> str:
        return str(self.folder)

    def start(self, errors: IO[bytes]) -> subprocess.Popen:
        self.scratch.mkdir(parents=True, exist_ok=True)
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        own = {"TMPDIR": str(self.scratch), **PYTHON}
        group = {"start_new_session": True} if os.name == "posix" else {}
        process = subprocess.Popen(
            [sys.executable, "-s", *JUDGE],
            cwd=self.root,
            env=kept | own,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            **group,
        )
        limit(
            process.pid, memory_bytes=MEMORY_BYTES, file_bytes=FILE_BYTES, cpu_seconds=CPU_SECONDS
        )
        return process

    def end(self, process: subprocess.Popen) -> None:
        end_group(process)


@dataclass(frozen=True)
class InContainer:
    """A container of the grading image: no network, nothing writable but memory, limits, no rights."""

    root: Path
    folder: Path
    image: str
    name: str = "docker"
    project: str = "/submission/exercises"
    protections: list[str] = field(default_factory=list)

    def start(self, errors: IO[bytes]) -> subprocess.Popen:
        mounts = [f"{self.root / part}:/course/{part}:ro" for part in COURSE_PARTS]
        mounts.append(f"{self.folder}:{self.project}:ro")
        environment = {"HOME": "/tmp", **PYTHON}
        variables = [o for name, value in environment.items() for o in ("--env", f"{name}={value}")]
        volumes = [option for mount in mounts for option in ("--volume", mount)]
        container = f"workbench-grade-{secrets.token_hex(6)}"
        command = ["docker", "run", "--rm", "--interactive", "--name", container, "--label", LABEL]
        command += [
            *CONTAINER_LIMITS,
            "--cpus",
            str(min(MOST_CORES, cores())),
            *volumes,
            *variables,
        ]
        command += ["--workdir", "/course", self.image]
        return subprocess.Popen(
            [*command, "python", "-s", *JUDGE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            **({"start_new_session": True} if os.name == "posix" else {}),
        )

    def end(self, process: subprocess.Popen) -> None:
        """Removes the container, and waits for the client to say that it is gone.

        A client that is still starting makes the container after a first attempt to remove it, so there is
        another attempt for as long as the client lives.
        """
        until = time.monotonic() + CONTAINER_SECONDS_TO_END
        remove = ["docker", "rm", "--force", "--volumes", _container_of(process)]
        while time.monotonic() < until:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                seconds = until - time.monotonic()
                subprocess.run(remove, capture_output=True, timeout=seconds, check=False)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(CLIENT_SECONDS)
                break
        end_group(process)


def _container_of(process: subprocess.Popen) -> str:
    return process.args[process.args.index("--name") + 1]
