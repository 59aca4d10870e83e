"""A running service of a project, spoken to over HTTP: in a child process, or as its own command runs it."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import secrets
import socket
import threading
import time
from pathlib import Path
from typing import Any

from workbench.boundary import conversation as conversations
from workbench.boundary.answers import is_count_of_predictions, is_list_of_errors
from workbench.boundary.conversation import NOBODY_KNOWS, Conversation
from workbench.boundary.expect import Reply
from workbench.boundary.outcomes import LearnerError, LearnerTimeout, last_words, shortened
from workbench.sandbox.deadlines import PACE, deadline, waits
from workbench.sandbox.processes import start_module

START_SECONDS = 30.0
LOG_SECONDS = 0.5
LONGEST_BODY = 8 << 20
# a service that answers for its users answers these; who looks for a checker finds none
AGENTS = tuple(
    {"User-Agent": agent, "Accept": "*/*"}
    for agent in ("curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64)", "python-requests/2.32.3")
)


class Service:
    """A running service of the project, spoken to over HTTP."""

    def __init__(self, conversation: Conversation, port: int):
        self.conversation = conversation
        self.port = port
        self.agents = itertools.cycle(AGENTS)

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
            self.conversation.close()
            got = f"No answer came within {clock.seconds:g} seconds"
            raise LearnerTimeout(did, got, "a response", NOBODY_KNOWS)
        if broken:
            stopped = self.conversation.child.stopped
            got = stopped or f"The connection broke ({broken}) instead of an answer"
            raise LearnerError(did, got, "a response", "what ends the process")
        if len(content) == LONGEST_BODY:
            got = f"The body was {LONGEST_BODY >> 20} MB long, or longer"
            raise LearnerError(did, got, "a body of a size to read", "what the view returns")
        raised = self.raised() if reply.status >= 500 else []
        fields = {name.lower(): value for name, value in reply.getheaders()}
        return Reply(said, reply.status, fields, content, raised)

    def raised(self) -> list[dict]:
        """What the views have raised since this was last asked."""
        return self.conversation.ask("", "raised_in_views", has_form=is_list_of_errors).value

    def break_model(self) -> None:
        """Makes the scripted predictor raise from now on, as a model does whose memory is gone."""
        self.conversation.ask("", "break_model")

    def predictions_asked(self) -> dict[str, Any]:
        """How the scripted predictor was asked since the last time: `singles`, a number, and `batches`,
        the number of customers in each call of `predict_probabilities`."""
        form = is_count_of_predictions
        return self.conversation.ask("", "predictions_asked", has_form=form).value

    def log_lines(self, count: int) -> list[str]:
        """The lines on standard error so far; waits a while until there are at least `count`.

        The wait is short: a line is written before its answer is sent, or the moment after.
        """
        lines: list[str] = []
        for seconds in waits(LOG_SECONDS):
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                lines = [line for line in self.conversation.stderr().split("\n") if line.strip()]
                if len(lines) >= count:
                    return lines
                time.sleep(0.01)
        return lines


class Command(Service):
    """The service as its own command runs it: a real server, with one worker process or several."""

    def __init__(self, project: Path, workers: int, settings: dict[str, str]):
        port = free_port()
        super().__init__(self, port)
        self.workers = workers
        self.stderr_file = project.parent / f"stderr-{secrets.token_hex(6)}.txt"
        argv = ["churn_service", "--port", str(port), "--workers", str(workers)]
        self.child = start_module(argv, cwd=project, env=settings, stderr=self.stderr_file)
        self.serving = threading.Semaphore(0)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed under us
            for line in self.child.stdout:
                if line.startswith(b"Serving"):
                    self.serving.release()

    def wait_until_serving(self) -> None:
        """Returns when each worker has said that it serves, and the service answers.

        Raises LearnerError when it ends instead, LearnerTimeout when it takes too long.
        """
        did = f"The check ran `python -m churn_service --workers {self.workers}`"
        until = time.monotonic() + START_SECONDS * PACE.slowness
        missing = self.workers
        while time.monotonic() < until:
            missing -= missing > 0 and self.serving.acquire(timeout=0.05)
            if not missing and self._listens():  # a worker says so a moment before it does
                return
            if self.child.wait(0) is not None:
                tail = last_words(self.stderr())
                raise LearnerError(did, f"It ended and said: {tail}", "a service that answers")
        self.close()
        raise LearnerTimeout(did, "Its workers did not start", "a service", NOBODY_KNOWS)

    def _listens(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        time.sleep(0.02)
        return False

    def lost_its_port(self) -> bool:
        """Whether somebody else serves at the port that was free a moment ago."""
        return self.child.wait(0) is not None and self._listens()

    def raised(self) -> list[dict]:
        return []

    stderr = Conversation.stderr

    def close(self) -> None:
        self.child.kill()


def free_port() -> int:
    """A port of the loopback interface that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _cut(opened: list[socket.socket]) -> None:
    """Ends a connection under the thread that waits for it."""
    for connected in opened:
        with contextlib.suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)
