"""How the service runs as its own command: a real server, with one worker process or several."""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
import time
from pathlib import Path

from workbench.boundary.conversation import NOBODY_KNOWS, read_log
from workbench.boundary.outcomes import LearnerError, LearnerTimeout, last_words
from workbench.sandbox.deadlines import PACE
from workbench.sandbox.processes import start_module

START_SECONDS = 30.0


class CommandProcess:
    """`python -m churn_service --workers N`, started at a port that was free a moment ago."""

    def __init__(self, project: Path, workers: int, settings: dict[str, str]):
        self.port = free_port()
        self.workers = workers
        self.stderr_file = project.parent / f"stderr-{secrets.token_hex(6)}.txt"
        argv = ["churn_service", "--port", str(self.port), "--workers", str(workers)]
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
            if missing and self.serving.acquire(timeout=0.05):
                missing -= 1
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

    def raised_in_views(self) -> list[dict]:
        """Nothing: its workers tell nobody what their views raise."""
        return []

    def stderr(self) -> str:
        """What it has written to standard error so far, 4 MB at most."""
        return read_log(self.stderr_file)

    def close(self) -> None:
        """Ends the process and everything it started."""
        self.child.kill()


def free_port() -> int:
    """A port of the loopback interface that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
