"""The judge's side of the boundary: asks a child process, never imports what the child runs."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import queue
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.judging.answers import (
    anything,
    is_count_of_predictions,
    is_list_of_errors,
    is_test_run,
    read_answer,
)
from workbench.judging.confinement import rules_for
from workbench.judging.deadlines import PACE, deadline
from workbench.judging.expect import Answer, Reply, raised_outcome
from workbench.judging.outcomes import (
    EnvironmentProblem,
    LearnerError,
    LearnerTimeout,
    last_words,
)
from workbench.judging.processes import Child, start_child, start_module
from workbench.setup.layout import spelled

DEADLINE_SECONDS = 10.0
START_SECONDS = 30.0
LONGEST_LINE = 8 << 20
LONGEST_BODY = 8 << 20
LONGEST_LOG = 4 << 20
PORTS_TRIED = 3
LONG_AGO = 1_700_000_000
# a service that answers for its users answers these; who looks for a checker finds none
AGENTS = tuple(
    {"User-Agent": agent, "Accept": "*/*"}
    for agent in ("curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64)", "python-requests/2.32.3")
)
NOBODY_KNOWS = "an endless loop, or a wait for something that never comes"
WROTE_IT_ITSELF = "what your code writes to file descriptors, or how deep its answer is nested"


class Conversation:
    """One child process running `project`, asked one thing at a time. Close it to end the child.

    `rules`: those of the sandbox; empty for a tree that is the course's own.
    """

    def __init__(
        self, project: Path, *, warm: str | None, paths: tuple[Path, ...] = (), rules: str = ""
    ):
        self.project = project
        self.stderr_file = project.parent / f"stderr-{secrets.token_hex(6)}.txt"
        argv = [str(project), *map(str, paths)]
        self.child: Child = start_child(
            argv, cwd=project, stderr=self.stderr_file, warm=warm, rules=rules
        )
        # a flood of lines fills the pipe, not the judge's memory
        self.lines: queue.Queue[bytes] = queue.Queue(maxsize=2)
        self.is_closed = False
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            while line := self.child.stdout.readline(LONGEST_LINE):
                if not self.is_closed:
                    self.lines.put(line)
        except (OSError, ValueError):  # closed under us
            pass
        if not self.is_closed:
            self.lines.put(b"")

    def ask(
        self, said: str, do: str, *, has_form: Callable[[Any], bool] = anything, **request: Any
    ) -> Answer:
        """Sends one request and waits for its answer. `has_form` tells a value of the right form.

        Raises LearnerTimeout past the deadline, LearnerError when the process ended instead, or when
        something else than an answer came.
        """
        did = f"The check called `{said}`"
        name = secrets.token_hex(8)
        line = b""
        with (
            deadline(DEADLINE_SECONDS, self.close) as clock,
            contextlib.suppress(OSError, ValueError),
        ):
            self.child.stdin.write(json.dumps({"do": do, "id": name, **request}).encode() + b"\n")
            self.child.stdin.flush()
            line = self.lines.get()
        if clock.expired:
            got = f"It had not come back after {clock.seconds:g} seconds and was stopped"
            raise LearnerTimeout(did, got, "an answer", NOBODY_KNOWS)
        if not line:
            raise self._ended(did)
        answer = read_answer(line, name)
        if answer is None or not (answer["error"] or has_form(answer["value"])):
            self.close()
            got = "What came back from its process was no answer to this call"
            raise LearnerError(did, got, "the call returns or raises", WROTE_IT_ITSELF)
        return Answer(said, answer["value"], answer["error"])

    def _ended(self, did: str) -> LearnerError:
        status = self.child.wait(2)
        stopped = self.child.stopped
        self.close()
        if stopped:
            return LearnerError(did, stopped, "an answer", "what your code starts and keeps")
        tail = last_words(self.stderr())
        said = f"; the last it wrote was: {tail}" if tail else ""
        return LearnerError(
            did,
            f"The Python process ended (status {status}) before it answered{said}",
            "the call returns or raises an exception",
            "a call of sys.exit, os._exit or os.kill, or memory that ran out",
        )

    def stderr(self) -> str:
        """What the child has written to standard error so far (its prints too), 4 MB at most."""
        try:
            with self.stderr_file.open("rb") as file:
                return file.read(LONGEST_LOG).decode("utf-8", "replace")
        except OSError:
            return ""

    def close(self) -> None:
        self.is_closed = True
        self.child.kill()
        with contextlib.suppress(queue.Empty):  # the listener may wait for room
            while True:
                self.lines.get_nowait()
        with contextlib.suppress(queue.Full):  # and who asks may wait for an answer
            self.lines.put_nowait(b"")


class Project:
    """A project tree a check can call: functions, probes, its service, its tests.

    `is_ours`: the course's own code runs in it, outside the sandbox.
    """

    def __init__(self, folder: Path, *, warm: str | None, is_ours: bool = False):
        self.folder = folder
        self.warm = warm
        self.is_ours = is_ours
        self._opened: list[Conversation | Project | Command] = []
        self._shared: Conversation | None = None

    def converse(self, **allowed: bool) -> Conversation:
        """A fresh child process for this tree; `allowed` as `rules_for` takes it."""
        paths = (self.folder.parent / "handover",)
        rules = "" if self.is_ours else rules_for(self.folder, **allowed).as_text()
        conversation = Conversation(self.folder, warm=self.warm, paths=paths, rules=rules)
        self._opened.append(conversation)
        return conversation

    @property
    def shared(self) -> Conversation:
        """The child process that `call` and `probe` use; a new one when it has ended."""
        if self._shared is None or self._shared.child.wait(0) is not None:
            self._shared = self.converse()
        return self._shared

    def call(self, module: str, function: str, *args: Any, **kwargs: Any) -> Answer:
        """Calls a function of the project with JSON values; returns its Answer."""
        said = f"{function}({_arguments(args, kwargs)})"
        return self.shared.ask(
            said, "call", module=module, function=function, args=args, kwargs=kwargs
        )

    def probe(self, file: Path, function: str, *args: Any, said: str, **kwargs: Any) -> Answer:
        """Runs a function of a check's own probe file beside the project; `said` describes it."""
        source = file.read_text(encoding="utf-8")  # the process itself cannot read the checks
        return self.shared.ask(
            said,
            "probe",
            file=file.name,
            source=source,
            function=function,
            args=args,
            kwargs=kwargs,
        )

    def start_service(self, model: dict | None, settings: dict[str, str]) -> Service:
        """Starts the service in a fresh child. `model`: scripted answers, a folder, or None."""
        conversation = self.converse()
        answer = conversation.ask(
            "create_app(predictor, settings)",
            "serve",
            has_form=lambda port: type(port) is int and 0 < port < 65536,
            model=model,
            settings=settings,
        )
        if answer.error:
            raise raised_outcome("The check started the service with `create_app`", answer.error)
        return Service(conversation, answer.value)

    def start_command(self, *, workers: int, settings: dict[str, str]) -> Command:
        """Runs `python -m churn_service --workers N` and waits until all workers serve.

        `settings` are its CHURN_ variables; without CHURN_PREDICTION_LOG it keeps no predictions.
        """
        if not (self.folder / "model" / "metadata.json").exists():
            raise EnvironmentProblem(
                "There is no model to serve yet", look=f"`{spelled('start --prepare')}` makes it"
            )
        told = {"CHURN_PREDICTION_LOG": "off"} | settings
        for _ in range(PORTS_TRIED):
            command = Command(self.folder, workers, told)
            self._opened.append(command)
            try:
                command.wait_until_serving()
                return command
            except LearnerError:
                if not command.lost_its_port():
                    raise
        raise EnvironmentProblem(
            "The check could not start the service; your answer is not to blame",
            "Other programs took every free port that it chose",
            look=f"`{spelled('doctor')}`, and try again",
        )

    def run_tests(self, path: str, *, stop_at_first_failure: bool = False) -> Answer:
        """Runs a pytest file of the project in a fresh child; see `run_tests` in child.py."""
        # no folder in common with other runs: a test must not know which run it is in
        conversation = self.converse(exchanges=False)
        answer = conversation.ask(
            f"pytest {path}",
            "run_tests",
            has_form=is_test_run,
            path=path,
            stop_at_first_failure=stop_at_first_failure,
        )
        conversation.close()
        return answer

    def variant(self, files: dict[str, str]) -> Project:
        """A copy of this project with the texts of some files replaced, by path. Closed with this one."""
        folder = self.folder.with_name(f"project-{secrets.token_hex(4)}")
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(
            self.folder, folder, symlinks=True, ignore=ignored, copy_function=shutil.copyfile
        )
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8", newline="\n")
        for place in sorted(folder.rglob("*")):  # no date tells which files were replaced
            os.utime(place, (LONG_AGO, LONG_AGO))
        made = Project(folder, warm=self.warm, is_ours=self.is_ours)
        self._opened.append(made)
        return made

    def close(self) -> None:
        for opened in self._opened:
            opened.close()


class Service:
    """A running service of the project, spoken to over HTTP."""

    def __init__(self, conversation: Conversation, port: int):
        self.conversation = conversation
        self.port = port
        self.agents = itertools.cycle(AGENTS)

    def get(self, path: str, **headers: str) -> Reply:
        return self.send("GET", path, headers=headers)

    def post(self, path: str, payload: Any, **headers: str) -> Reply:
        """POSTs `payload` as JSON."""
        body = json.dumps(payload).encode()
        return self.send("POST", path, body, {"Content-Type": "application/json"} | headers)

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: dict | None = None
    ) -> Reply:
        """Sends one request. Raises LearnerTimeout or LearnerError when no answer comes."""
        said = f"{method} {path}" + (f" {body[:200].decode('utf-8', 'replace')}" if body else "")
        did = f"The check sent `{said}`"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        # the socket's own timeout begins anew with every byte, and a service may send one at a time
        opened: list[socket.socket] = []
        with deadline(DEADLINE_SECONDS, lambda: _cut(opened)) as clock:
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

    def log_lines(self, count: int, patience_seconds: float = 5.0) -> list[str]:
        """The lines on standard error so far; waits until there are at least `count`."""
        until = time.monotonic() + patience_seconds * PACE.slowness
        while True:
            lines = [line for line in self.conversation.stderr().split("\n") if line.strip()]
            if len(lines) >= count or time.monotonic() > until:
                return lines
            time.sleep(0.01)


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


def _arguments(args: tuple, kwargs: dict) -> str:
    from workbench.judging.expect import shown

    return ", ".join(
        [*map(shown, args), *(f"{name}={shown(value)}" for name, value in kwargs.items())]
    )
