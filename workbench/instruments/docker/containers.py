"""A running container of a learner's image: spoken to over HTTP, or by commands inside it."""

from __future__ import annotations

import contextlib
import http.client
import time
from typing import Any

from workbench.boundary.expect import Reply
from workbench.boundary.outcomes import EnvironmentProblem, LearnerError, LearnerTimeout

START_SECONDS = 60
ANSWER_SECONDS = 15
HEALTH_SECONDS = 60
HANG_TRIES = 5
STOP_ALL = "import os, signal; os.kill(-1, signal.SIGSTOP)"
PROBE_SECONDS = 20  # longer than the engine waits: a slow machine is no hang
RUN_PROBE = """
import subprocess, sys
try:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    print("status", subprocess.run(sys.argv[2:], timeout=float(sys.argv[1]), **quiet).returncode)
except subprocess.TimeoutExpired:
    print("no end")
"""


class Container:
    """A container that was started; `inner_port` is published on this machine's loopback interface."""

    def __init__(self, made: Any, inner_port: int):
        self.made = made
        self.inner_port = inner_port

    @property
    def port(self) -> int:
        """The port on this machine."""
        self.made.reload()
        published = self.made.attrs["NetworkSettings"]["Ports"].get(f"{self.inner_port}/tcp")
        return int(published[0]["HostPort"]) if published else 0

    @property
    def state(self) -> dict:
        """`State` as `docker inspect` shows it."""
        self.made.reload()
        return self.made.attrs["State"]

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        patience_seconds: float = ANSWER_SECONDS,
    ) -> Reply:
        """Sends one request, a body as JSON. Raises OSError or HTTPException when no answer comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience_seconds)
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            fields = {name.lower(): value for name, value in reply.getheaders()}
            return Reply(f"{method} {path}", reply.status, fields, reply.read())
        finally:
            connection.close()

    def wait_until_it_answers(self, did: str) -> Reply:
        """Returns the first answer to GET /health. Raises an Outcome that says why there is none."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self.send("GET", "/health")
            state = self.state
            if state["Status"] == "exited" or self.restarts > 1:
                raise LearnerError(
                    did,
                    f"The container ended with status {state['ExitCode']}"
                    f"{' (out of memory)' if state['OOMKilled'] else ''}; the last it wrote was: "
                    f"{self.last_words()}",
                    "it runs until it is stopped",
                    "its limit of memory"
                    if state["OOMKilled"]
                    else "what the container wrote, and the CMD that started it",
                )
            listening = self.listening()
            if listening and f"0.0.0.0:{self.inner_port}" not in listening:
                raise LearnerError(
                    did,
                    f"Nothing answered. Inside the container it listens on {', '.join(listening)}",
                    f"it listens on 0.0.0.0:{self.inner_port}",
                    "the arguments in CMD: 127.0.0.1 inside a container can be reached from inside "
                    f"that container only, and the published port is {self.inner_port}",
                )
            time.sleep(0.1)
        got = f"No answer came within {START_SECONDS} seconds; it last wrote: {self.last_words()}"
        raise LearnerTimeout(did, got, "an answer to GET /health", "what the container wrote")

    def listening(self) -> list[str]:
        """The IPv4 addresses that something inside listens on; IPv6's `[::]` counts as all of them."""
        found = []
        for line in self.run("cat /proc/net/tcp /proc/net/tcp6").splitlines():
            fields = line.split()
            if len(fields) > 3 and fields[3] == "0A":
                address, _, port = fields[1].partition(":")
                quads = [int(address[i : i + 2], 16) for i in (6, 4, 2, 0)]
                host = "0.0.0.0" if set(address) == {"0"} else ".".join(map(str, quads))
                found.append(f"{host}:{int(port, 16)}")
        return [place for place in found if not place.startswith("127.0.0.11:")]  # Docker's own DNS

    def run(self, command: str | list[str], user: str = "") -> str:
        """What a command inside the container writes; empty when it cannot be run."""
        with contextlib.suppress(Exception):
            return self.made.exec_run(command, user=user).output.decode("utf-8", "replace")
        return ""

    def probes(self) -> list[dict]:
        """What each run of the health check came to (`ExitCode`, `Output`), the last five of them."""
        return (self.state.get("Health") or {}).get("Log") or []

    def turns(self, status: str, *, against: int) -> bool:
        """Waits for a health status; False after `against` more probes that spoke against it."""
        first = {probe["Start"] for probe in self.probes()}
        other: set[str] = set()
        deadline = time.monotonic() + HEALTH_SECONDS
        while time.monotonic() < deadline and len(other) < against:
            if self.state["Health"]["Status"] == status:
                return True
            passed = [(p["ExitCode"] == 0) is (status == "healthy") for p in self.probes()]
            starts = [p["Start"] for p in self.probes()]
            other |= {s for s, agrees in zip(starts, passed, strict=False) if not agrees} - first
            time.sleep(0.1)
        return False

    def hang(self) -> None:
        """Stops all processes inside but the first (start it with `init=True`): nothing answers then.

        Raises EnvironmentProblem when something still does after HANG_TRIES tries, with what each try to
        stop them came to: once did not always do on a busy machine.
        """
        tries = []
        for _ in range(HANG_TRIES):
            try:
                done = self.made.exec_run(["python", "-c", STOP_ALL], user="0")
                tries.append(f"status {done.exit_code} {done.output.decode('utf-8', 'replace')}")
            except Exception as error:
                # whatever the engine says: the service shows whether it hangs
                tries.append(f"{type(error).__name__}: {error}")
            try:
                self.send("GET", "/health", patience_seconds=2)
            except (OSError, http.client.HTTPException):
                return
        raise EnvironmentProblem(
            f"The check could not make the service hang in its container ({'; '.join(tries)[:300]})"
        )

    def probe_passes(self, test: list[str]) -> bool:
        """Whether a health check (`Test` of an image's settings), run now, ends with status 0.

        On a busy machine the engine counts a command that took too long as one that failed; here it has
        PROBE_SECONDS.
        """
        kind, *command = test
        words = ["/bin/sh", "-c", *command] if kind == "CMD-SHELL" else command
        said = self.run(["python", "-c", RUN_PROBE, str(PROBE_SECONDS), *words])
        return said.strip() == "status 0"

    def crash(self) -> bool:
        """Kills all processes inside but the first, as running out of memory would.

        Returns whether the engine has started the container again and its health check passes.
        (`docker kill` would not do: it counts as the user's wish, and no restart policy acts on it.)
        """
        before = self.restarts
        self.run(["python", "-c", "import os, signal; os.kill(-1, signal.SIGKILL)"])
        deadline = time.monotonic() + HEALTH_SECONDS
        while time.monotonic() < deadline:
            is_healthy = (self.state.get("Health") or {}).get("Status") == "healthy"
            if is_healthy and self.made.attrs["RestartCount"] > before:
                return True
            time.sleep(0.1)
        return False

    @property
    def restarts(self) -> int:
        """How often the engine has started it again by itself."""
        self.made.reload()
        return self.made.attrs["RestartCount"]

    def last_words(self) -> str:
        """The end of what the container wrote."""
        text = self.made.logs(tail=8).decode("utf-8", "replace").strip()
        return text[-500:] or "nothing"

    def remove(self) -> None:
        with contextlib.suppress(Exception):
            self.made.remove(force=True, v=True)
