"""The judge's Docker: builds a project's image, starts containers of it, and leaves nothing behind.

Images are built with the command-line client (the SDK's builder has no BuildKit); all else goes
through the SDK. What is made carries a label and is removed at the end. When the judge itself was
killed, the next one sweeps up what is older than `SWEPT_AFTER_SECONDS`.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.boundary.outcomes import EnvironmentProblem, LearnerError, LearnerTimeout, Outcome
from workbench.instruments.docker.containers import Container
from workbench.sandbox.commands import run_command
from workbench.setup.layout import spelled

LABEL = "workbench.check"
TAGGED = "workbench-check:"
PROJECT = "com.docker.compose.project"
STACKS = "workbench-check-"  # the names of Compose projects begin so
SWEPT_AFTER_SECONDS = 1800
BUILD_SECONDS = 400
LIMITS = {"mem_limit": "1g", "pids_limit": 512}
UNREACHABLE = re.compile(
    r"temporary failure in name resolution|could not resolve|no such host|network is unreachable"
    r"|newconnectionerror|connecttimeouterror|readtimeouterror|proxyerror|i/o timeout|dial tcp"
    r"|tls handshake|failed to do request|toomanyrequests",
    re.IGNORECASE,
)
NO_BUILDKIT = re.compile(r"buildx component is missing|unknown flag: --progress", re.IGNORECASE)


class Engine:
    """A connection to the Docker engine; `close` removes every container and image it made.

    Raises EnvironmentProblem, with the reason, when there is no engine.
    """

    def __init__(self):
        try:
            import docker

            self.client = docker.from_env(timeout=BUILD_SECONDS)
            self.client.ping()
        except Exception as error:  # the SDK raises its own, requests' and urllib3's
            raise no_engine(str(error)) from None
        if not shutil.which("docker"):
            raise no_engine("the engine runs, but there is no `docker` command to build with")
        self.containers: list[Container] = []
        self.tags: list[str] = []
        self.stacks: list[Any] = []
        self._sweep()

    def build(self, folder: Path, *options: str, what: str = "docker build") -> str:
        """Builds the image of a project folder; returns its tag.

        Raises LearnerError with the step that failed, LearnerTimeout past the deadline, and
        EnvironmentProblem when the base image or the package index cannot be reached.
        """
        tag = f"{TAGGED}{int(time.time())}-{secrets.token_hex(6)}"
        self.tags.append(tag)
        self.build_with(folder, "--tag", tag, *options, what=what)
        return tag

    def build_with(self, folder: Path, *options: str, what: str) -> None:
        """Runs `docker build` in a folder, with BuildKit. `what` names it in a failure."""
        ended = run_command(
            ["docker", "build", "--progress=plain", "--label", f"{LABEL}=1", *options, str(folder)],
            cwd=folder,
            env={**os.environ, "DOCKER_BUILDKIT": "1"},
            deadline_seconds=BUILD_SECONDS,
        )
        if ended.status != 0:
            raise build_failure(what, ended.status, ended.output.replace(str(folder), "."))

    def start(self, tag: str, port: int = 5000, **options: Any) -> Container:
        """Starts a container of an image, its `port` published on the loopback interface."""
        made = self.client.containers.create(
            tag,
            labels={LABEL: "1"},
            ports={f"{port}/tcp": ("127.0.0.1", None)},
            **(LIMITS | options),
        )
        container = Container(made, port)
        self.containers.append(container)
        try:
            made.start()
        except Exception as error:
            did = "The check started the image with `docker run`"
            raise LearnerError(
                did,
                f"The engine could not start it: {getattr(error, 'explanation', None) or error}",
                "a container that starts",
                "ENTRYPOINT and CMD: is that program in the image, and on its PATH?",
            ) from None
        return container

    def image(self, tag: str) -> Any:
        """The SDK's image of a tag; pulls it when the engine does not have it."""
        import docker

        with contextlib.suppress(docker.errors.ImageNotFound):
            return self.client.images.get(tag)
        try:
            return self.client.images.pull(tag)
        except Exception as error:
            raise EnvironmentProblem(
                f"The check needs the image {tag} and could not pull it", str(error)
            ) from None

    def close(self) -> None:
        """Removes every container and image that was made here."""
        for stack in self.stacks:
            stack.close()
        for container in self.containers:
            container.remove()
        for tag in self.tags:
            with contextlib.suppress(Exception):
                self.client.images.remove(tag, force=True)
        self.client.close()

    def _sweep(self) -> None:
        """Removes what a judge that was killed could not."""
        with contextlib.suppress(Exception):  # another judge may be sweeping too
            for container in self.client.containers.list(all=True, filters={"label": LABEL}):
                born = datetime.fromisoformat(container.attrs["Created"][:19] + "+00:00")
                if time.time() - born.timestamp() > SWEPT_AFTER_SECONDS:
                    container.remove(force=True, v=True)
            for image in self.client.images.list(filters={"label": LABEL}):
                for tag in image.tags:
                    if _is_forgotten(tag, TAGGED):
                        self.client.images.remove(tag)
            of_stacks = {"filters": {"label": PROJECT}}
            for container in self.client.containers.list(all=True, **of_stacks):
                if _is_forgotten(container.labels[PROJECT], STACKS):
                    container.remove(force=True, v=True)
            for made in (
                *self.client.networks.list(**of_stacks),
                *self.client.volumes.list(**of_stacks),
            ):
                labels = made.attrs.get("Labels") or {}
                if _is_forgotten(labels.get(PROJECT, ""), STACKS):
                    made.remove()


def no_engine(reason: str) -> EnvironmentProblem:
    """The outcome for a machine without a Docker engine that answers."""
    return EnvironmentProblem(
        "This needs a Docker engine, and none answered here; your file is not to blame",
        f"The reason given: {reason}",
        look=f"`{spelled('doctor')}` says what is missing; what the file alone shows was judged",
    )


def build_failure(what: str, status: int | None, log: str) -> Outcome:
    """The outcome for a build that ended with `status`, or ran out of time (None)."""
    did = f"The check ran `{what}` in the project folder"
    if status is None:
        got = f"It had not ended after {BUILD_SECONDS} seconds; its last lines: {log[-400:]}"
        return LearnerTimeout(did, got, "a build that ends", "the step in the last line")
    if UNREACHABLE.search(log) or NO_BUILDKIT.search(log):
        return EnvironmentProblem(
            f"{did}; something that the build fetches could not be had, so nothing could be judged",
            f"It ended with: {log.strip()[-400:]}",
            look="first the names it names: an image that does not exist is missing in the same way. If "
            "they are right, the network: a build needs the base image and the package index",
        )
    _, _, step = log.rpartition("------\n > ")
    told = (step or log).replace("------\n", "").strip()
    return LearnerError(
        did,
        f"The build failed: {told[-700:]}",
        "an image",
        "the step that is named, and what the build context holds for it (see .dockerignore)",
    )


def _is_forgotten(name: str, prefix: str) -> bool:
    """Whether a name is one of ours and old; a cached image's own date would say nothing."""
    born, _, _ = name.removeprefix(prefix).partition("-")
    return name.startswith(prefix) and time.time() - int(born) > SWEPT_AFTER_SECONDS
