"""Runs the service for the learner: their finished modules over the reference."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from workbench.course.catalog import Exercise, load_catalog
from workbench.course.overlay import overlay
from workbench.course.place import Course
from workbench.course.problems import UserError
from workbench.learning.progress import Progress

START_SECONDS = 60


def finished_exercises(course: Course) -> list[Exercise]:
    """The exercises whose check has passed in the learner's project."""
    if not course.is_learners_project:
        return []
    progress = Progress(course)
    return [
        e for e in load_catalog(course.catalog_file).exercises if progress.state(e.id) == "passed"
    ]


class RunningService:
    """A service in a process of its own, at `url`. Its standard error is kept in `log_file`."""

    def __init__(self, course: Course, exercises: list[Exercise], port: int):
        self.exercises = exercises
        self.port = port or _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._stack = contextlib.ExitStack()
        self.folder = self._stack.enter_context(overlay(course, exercises))
        self.log_file = self.folder.parent / "service.log"
        self.prediction_log = self.folder.parent / "predictions.sqlite3"
        env = {**os.environ, "CHURN_MODEL_DIR": str(course.model), "PYTHONUTF8": "1"}
        env.setdefault("CHURN_PREDICTION_LOG", str(self.prediction_log))
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "churn_service", "--port", str(self.port)],
                cwd=self.folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._stack.callback(self._end)
        atexit.register(self.stop)  # a kernel that shuts down takes its services with it

    def description(self) -> str:
        """Which module is whose, and where the service listens."""
        yours = sorted(path for exercise in self.exercises for path in exercise.files)
        whose = (
            f"yours: {', '.join(yours)}; the rest is the reference"
            if yours
            else "all of it is the reference"
        )
        return f"The service listens at {self.url} ({whose})."

    def wait_until_healthy(self) -> None:
        """Returns when GET /health answers. Raises UserError with the log's end when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/health", timeout=2).close()
                return
            except urllib.error.HTTPError:
                return  # it answers; what it answers is the learner's business
            except OSError:
                time.sleep(0.05)
        tail = "\n".join(self.log_lines()[-5:])
        self.stop()
        raise UserError(f"The service did not start. The end of its log:\n{tail}")

    def log_lines(self) -> list[str]:
        """What the service has written to standard error so far, a line each."""
        return self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()

    def stop(self) -> None:
        """Stops the service and removes its temporary files. Stopping twice does no harm."""
        atexit.unregister(self.stop)
        self._stack.close()

    def _end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> RunningService:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<service at {self.url}>"


def start_service(course: Course, *, reference: bool, port: int) -> RunningService:
    """Starts the service and waits until it answers. Raises UserError saying what stands in the way."""
    if not (course.model / "metadata.json").exists():
        raise UserError(
            "There is no model in data/model yet: `python3 -m workbench start --prepare` trains it."
        )
    if port and not _is_free(port):
        raise UserError(
            f"Port {port} is taken. Stop what listens there, or choose another: `--port {port + 1}`."
        )
    service = RunningService(course, [] if reference else finished_exercises(course), port)
    service.wait_until_healthy()
    return service


def serve_in_foreground(course: Course, *, reference: bool, port: int) -> int:
    """Runs the service until Ctrl-C or a polite kill, showing its log; returns the exit status."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with start_service(course, reference=reference, port=port) as service:
        print(service.description(), "Ctrl-C stops it.", flush=True)
        with (
            service.log_file.open(encoding="utf-8", errors="replace") as log,
            contextlib.suppress(KeyboardInterrupt),
        ):
            while service.process.poll() is None:
                print(log.read(), end="", file=sys.stderr, flush=True)
                time.sleep(0.1)
        return service.process.poll() or 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
