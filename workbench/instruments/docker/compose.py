"""A stack of containers that Docker Compose starts from a learner's file, under names of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from pathlib import Path
from typing import Any

from workbench.boundary.outcomes import mismatch
from workbench.instruments.docker.containers import Container
from workbench.instruments.docker.engine import STACKS, Engine, no_engine
from workbench.sandbox.commands import Finished, run_command

COMPOSE_SECONDS = 120
# what Compose needs of our environment; the rest is nobody's: a file may put any variable into a container
KEPT = re.compile(
    r"PATH|HOME|DOCKER_\w+|SYSTEMROOT|TEMP|TMP|TMPDIR|USERPROFILE|APPDATA|PROGRAMFILES"
)
NAME = re.compile(r"[A-Za-z0-9][\w.-]*|\./?|\./\w[\w.-]*(/\w[\w.-]*)*")
OUTWARD = (
    *(
        "privileged",
        "devices",
        "device_cgroup_rules",
        "cap_add",
        "pid",
        "ipc",
        "uts",
        "userns_mode",
    ),
    *("network_mode", "cgroup", "cgroup_parent", "extends", "env_file", "volumes_from", "configs"),
    *("secrets", "provider", "use_api_socket", "runtime", "label_file", "external_links", "gpus"),
)


class Stack:
    """The services of a Compose file (as data) in `folder`; `close` removes all it made."""

    def __init__(self, engine: Engine, folder: Path, described: dict[str, Any]):
        if reached := reaches_out(described):
            raise mismatch(
                "The check looked at what the stack may reach before it starts it",
                got=f"It asks for {reached}, which leads out of its containers",
                expected="services that reach their own volumes, the project's folder, and each other",
                look="what the comment at the top of the file asks for",
            )
        self.engine = engine
        self.folder = folder
        self.name = f"{STACKS}{int(time.time())}-{secrets.token_hex(3)}"
        self.file = folder / f"{self.name}.json"  # JSON is YAML too
        self.file.write_text(json.dumps(described, default=str, skipkeys=True), encoding="utf-8")
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


def reaches_out(described: dict[str, Any]) -> str:
    """What in a Compose file would give a container more than its own; empty when nothing does."""
    for name in ("include", "configs", "secrets"):
        if described.get(name):
            return f"`{name}`"
    for volume in _mappings(described.get("volumes")):
        is_local = volume.get("driver", "local") == "local"
        if not is_local or volume.get("driver_opts") or volume.get("external"):
            return "a volume with a driver, or from outside"
    for service in _mappings(described.get("services")):
        for name in OUTWARD:
            if service.get(name):
                return f"`{name}`"
        options = service.get("security_opt") or []
        if not all("no-new-privileges" in str(option) for option in options):
            return "`security_opt`"
        for volume in service.get("volumes") or []:
            source = volume.get("source") if isinstance(volume, dict) else str(volume).split(":")[0]
            # a name, a path inside the container, or the folder of the file
            if not NAME.fullmatch(str(source or "anonymous")) and (":" in str(volume)):
                return f"the volume `{volume}`"
    return ""


def _mappings(value: Any) -> list[dict]:
    return (
        [part for part in value.values() if isinstance(part, dict)]
        if isinstance(value, dict)
        else []
    )


def compose(folder: Path, *arguments: str) -> Finished:
    """Runs `docker compose` in a folder. Raises EnvironmentProblem when there is no Compose."""
    command = ["docker", "compose", *arguments]
    kept = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
    env = kept | {"CHURN_PSEUDONYM_KEY": "", "COMPOSE_ANSI": "never"}
    try:
        ended = run_command(command, cwd=folder, env=env, deadline_seconds=COMPOSE_SECONDS)
    except FileNotFoundError:
        raise no_engine("there is no `docker` command") from None
    if "is not a docker command" in ended.output or "unknown shorthand flag: 'f'" in ended.output:
        raise no_engine("`docker compose` is not installed")
    return ended
