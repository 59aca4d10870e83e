"""A stack of containers that Docker Compose starts from a learner's file, under names of its own."""

from __future__ import annotations

import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from workbench.judging.commands import Finished, run_command
from workbench.judging.containers import Container
from workbench.judging.engine import STACKS, Engine, no_engine

COMPOSE_SECONDS = 120


class Stack:
    """The services of a Compose file (as data) in `folder`; `close` removes all it made."""

    def __init__(self, engine: Engine, folder: Path, described: dict[str, Any]):
        self.engine = engine
        self.folder = folder
        self.name = f"{STACKS}{int(time.time())}-{secrets.token_hex(3)}"
        self.file = folder / f"{self.name}.json"  # JSON is YAML too
        self.file.write_text(json.dumps(described), encoding="utf-8")
        engine.stacks.append(self)

    def compose(self, *arguments: str) -> Finished:
        """Runs `docker compose ARGUMENTS` on this stack."""
        return compose(self.folder, "-p", self.name, "-f", str(self.file), *arguments)

    def container(self, service: str, port: int) -> Container | None:
        """The container of a service; None when there is none."""
        labels = [
            f"com.docker.compose.project={self.name}",
            f"com.docker.compose.service={service}",
        ]
        found = self.engine.client.containers.list(all=True, filters={"label": labels})
        return Container(found[0], port) if found else None

    def close(self) -> None:
        self.compose("down", "--volumes", "--timeout", "1")
        self.file.unlink(missing_ok=True)


def compose(folder: Path, *arguments: str) -> Finished:
    """Runs `docker compose` in a folder. Raises EnvironmentProblem when there is no Compose."""
    command = ["docker", "compose", *arguments]
    env = {**os.environ, "CHURN_PSEUDONYM_KEY": "", "COMPOSE_ANSI": "never"}
    try:
        ended = run_command(command, cwd=folder, env=env, deadline_seconds=COMPOSE_SECONDS)
    except FileNotFoundError:
        raise no_engine("there is no `docker` command") from None
    if "is not a docker command" in ended.output or "unknown shorthand flag: 'f'" in ended.output:
        raise no_engine("`docker compose` is not installed")
    return ended
