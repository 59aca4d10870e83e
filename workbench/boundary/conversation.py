"""One process that runs a learner's project, asked one thing at a time."""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.boundary.answers import anything, is_list_of_errors, read_answer
from workbench.boundary.expect import Answer
from workbench.boundary.outcomes import LearnerError, LearnerTimeout, last_words
from workbench.sandbox.deadlines import deadline
from workbench.sandbox.processes import Child
from workbench.sandbox.warm_process import start_child

DEADLINE_SECONDS = 10.0  # for a call and for a request
LONGEST_LINE = 8 << 20
LONGEST_LOG = 4 << 20
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
        last = f"; the last it wrote was: {tail}" if tail else ""
        return LearnerError(
            did,
            f"The Python process ended (status {status}) before it answered{last}",
            "the call returns or raises an exception",
            "a call of sys.exit, os._exit or os.kill, or memory that ran out",
        )

    def stderr(self) -> str:
        """What the child has written to standard error so far (its prints too), 4 MB at most."""
        return read_log(self.stderr_file)

    def raised_in_views(self) -> list[dict]:
        """What the views of the service in it have raised since this was last asked."""
        return self.ask("", "raised_in_views", has_form=is_list_of_errors).value

    def close(self) -> None:
        self.is_closed = True
        self.child.kill()
        with contextlib.suppress(queue.Empty):  # the listener may wait for room
            while True:
                self.lines.get_nowait()
        with contextlib.suppress(queue.Full):  # and who asks may wait for an answer
            self.lines.put_nowait(b"")


def read_log(file: Path) -> str:
    """What a process has written to a file so far, 4 MB at most; empty when there is no such file."""
    try:
        with file.open("rb") as opened:
            return opened.read(LONGEST_LOG).decode("utf-8", "replace")
    except OSError:
        return ""
