"""A running service of a project, spoken to over HTTP, whatever it runs in."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import socket
import time
from typing import Any, Protocol

from workbench.boundary import conversation as conversations
from workbench.boundary.answers import is_count_of_predictions
from workbench.boundary.conversation import NOBODY_KNOWS, Conversation
from workbench.boundary.expect import Reply
from workbench.boundary.outcomes import LearnerError, LearnerTimeout, shortened
from workbench.boundary.serving import START_SECONDS
from workbench.sandbox.deadlines import deadline, waits
from workbench.sandbox.processes import Child

LOG_SECONDS = 0.5
LONGEST_BODY = 8 << 20
# a service that answers for its users answers these; who looks for a checker finds none
AGENTS = tuple(
    {"User-Agent": agent, "Accept": "*/*"}
    for agent in ("curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64)", "python-requests/2.32.3")
)


class Process(Protocol):
    """What a service runs in: a child that is asked, or the service's own command."""

    child: Child

    def raised_in_views(self) -> list[dict]:
        """What the views have raised since this was last asked."""

    def stderr(self) -> str:
        """What it has written to standard error so far."""

    def close(self) -> None:
        """Ends it."""


class Service:
    """A running service of the project, spoken to over HTTP."""

    def __init__(self, process: Process, port: int):
        self.process = process
        self.port = port
        self.agents = itertools.cycle(AGENTS)

    @property
    def is_running(self) -> bool:
        """Whether its process is still there."""
        return self.process.child.wait(0) is None

    def kill(self) -> None:
        """Ends its process at once, as a machine does whose power fails."""
        self.process.child.kill()

    def get(self, path: str, **headers: str) -> Reply:
        """GETs `path` with these headers."""
        return self.send("GET", path, headers=headers)

    def post(self, path: str, payload: Any, **headers: str) -> Reply:
        """POSTs `payload` as JSON."""
        body = json.dumps(payload).encode()
        return self.send("POST", path, body, {"Content-Type": "application/json"} | headers)

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: dict | None = None
    ) -> Reply:
        """Sends one request. Raises LearnerTimeout or LearnerError when no answer comes."""
        sent = shortened(body.decode("utf-8", "replace"), 200) if body else ""
        said = f"{method} {path} {sent}".rstrip()
        did = f"The check sent `{said}`"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        # the socket's own timeout begins anew with every byte, and a service may send one at a time
        opened: list[socket.socket] = []
        with deadline(conversations.DEADLINE_SECONDS, lambda: _cut(opened)) as clock:
            try:
                connection.connect()
                opened.append(connection.sock)  # the connection itself forgets it too soon
                connection.request(method, path, body, next(self.agents) | (headers or {}))
                reply = connection.getresponse()
                content = reply.read(LONGEST_BODY)
                broken = ""
            except (OSError, http.client.HTTPException, ValueError) as error:
                broken = type(error).__name__
            finally:
                connection.close()
        if clock.expired or broken == "TimeoutError":
            self.process.close()
            got = f"No answer came within {clock.seconds:g} seconds"
            raise LearnerTimeout(did, got, "a response", NOBODY_KNOWS)
        if broken:
            stopped = self.process.child.stopped
            got = stopped or f"The connection broke ({broken}) instead of an answer"
            raise LearnerError(did, got, "a response", "what ends the process")
        if len(content) == LONGEST_BODY:
            got = f"The body was {LONGEST_BODY >> 20} MB long, or longer"
            raise LearnerError(did, got, "a body of a size to read", "what the view returns")
        raised = self.process.raised_in_views() if reply.status >= 500 else []
        fields = {name.lower(): value for name, value in reply.getheaders()}
        return Reply(said, reply.status, fields, content, raised)

    def stderr(self) -> str:
        """All that it has written to standard error so far, 4 MB at most."""
        return self.process.stderr()

    def log_lines(self, count: int) -> list[str]:
        """The lines on standard error so far; waits a while until there are at least `count`.

        The wait is short: a line is written before its answer is sent, or the moment after.
        """
        lines: list[str] = []
        for seconds in waits(LOG_SECONDS):
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                lines = [line for line in self.stderr().split("\n") if line.strip()]
                if len(lines) >= count:
                    return lines
                time.sleep(0.01)
        return lines


class ScriptedService(Service):
    """A service whose predictor follows the check's script, in a child that can be asked about it."""

    def __init__(self, conversation: Conversation, port: int):
        super().__init__(conversation, port)
        self._ask = conversation.ask

    def break_model(self) -> None:
        """Makes the scripted predictor raise from now on, as a model does whose memory is gone."""
        self._ask("", "break_model")

    def predictions_asked(self) -> dict[str, Any]:
        """How the scripted predictor was asked since the last time: `singles`, a number, and `batches`,
        the number of customers in each call of `predict_probabilities`."""
        return self._ask("", "predictions_asked", has_form=is_count_of_predictions).value


def _cut(opened: list[socket.socket]) -> None:
    """Ends a connection under the thread that waits for it."""
    for connected in opened:
        with contextlib.suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)
