"""A process that has the slow libraries imported, and children of it: how learners' code starts quickly."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from workbench.sandbox.confinement import scrubbed_environment
from workbench.sandbox.processes import WARM_VARIABLES, Child, start_cold
from workbench.sandbox.warden import WARDEN

WARM_VARIABLE = "WORKBENCH_WARM"
HERE = Path(__file__).resolve().parent
WARM_SCRIPT = HERE / "warm.py"
CHILD_SCRIPT = HERE / "child.py"
# a request waits for the import under way, so what takes long is left to the children that need it,
# but for a warm process that lives long enough to import it once for all of them; `pydantic` and `msgspec`
# alone import next to nothing
LIBRARIES = (
    "flask",
    "werkzeug.serving",
    "pydantic.main",
    "pydantic.fields",
    "msgspec.json",
    "prometheus_client.multiprocess",
    "sqlite3",
    "importlib.metadata",
    "pydantic.plugin._loader",
    "numpy",
    "pytest",
    "duckdb",
)
SLOW_LIBRARIES = ("pandas", "joblib", "sklearn.ensemble", "sklearn.metrics", "skl2onnx")
# forking a process that uses macOS's own frameworks is not safe
CAN_WARM = sys.platform == "linux" and hasattr(socket, "send_fds")


class Warm:
    """Owns a warm process (see warm.py). Closing it, or ending this process, ends it too."""

    def __init__(self, *preload: str, path: str = "", is_bare: bool = False):
        """Imports the modules `preload`; `is_bare`: with no packages beside the standard library."""
        self.folder = tempfile.TemporaryDirectory(prefix="workbench-warm-")
        self.address = str(Path(self.folder.name) / "socket")
        env = {name: os.environ[name] for name in WARM_VARIABLES if name in os.environ}
        env |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "JOBLIB_MULTIPROCESSING": "0"}
        options = ["-I", "-X", "utf8", *(["-S"] if is_bare else [])]
        self.process = subprocess.Popen(
            [sys.executable, *options, str(WARM_SCRIPT), self.address, path, *preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=env,
            start_new_session=True,
        )

    def close(self) -> None:
        self.process.kill()  # its children belong to conversations, which end their own
        self.process.wait(5)
        self.process.stdin.close()
        self.folder.cleanup()


@contextlib.contextmanager
def kept_warm(*preload: str) -> Iterator[str | None]:
    """Keeps one warm process for all checks of the block, which find it by WARM_VARIABLE.

    Gives its address; one that an outer block keeps serves too. None where a process cannot be kept warm.
    """
    if not CAN_WARM or WARM_VARIABLE in os.environ:
        yield os.environ.get(WARM_VARIABLE)
        return
    warm = Warm(*preload)
    os.environ[WARM_VARIABLE] = warm.address
    try:
        yield warm.address
    finally:
        os.environ.pop(WARM_VARIABLE)
        warm.close()


def start_warm(
    address: str, argv: list[str], *, cwd: Path, env: dict[str, str], stderr: Path
) -> Child:
    """Asks the warm process at `address` for a child. Raises OSError when it does not answer."""
    connection = _connect(address, patience_seconds=5)
    child_in, ours_out = os.pipe()
    ours_in, child_out = os.pipe()
    with stderr.open("ab") as errors:
        request = json.dumps({"argv": argv, "env": env, "cwd": str(cwd)}).encode()
        socket.send_fds(connection, [request], [child_in, child_out, errors.fileno()])
    os.close(child_in)
    os.close(child_out)
    answers = connection.makefile("rb")
    pid = int(answers.readline())

    def wait(timeout: float | None) -> int | None:
        ready, _, _ = select.select([connection], [], [], timeout)
        return int(answers.readline() or -1) if ready else None

    return Child(pid, os.fdopen(ours_out, "wb"), os.fdopen(ours_in, "rb"), wait, is_ours=False)


def start_child(
    argv: list[str], *, cwd: Path, stderr: Path, warm: str | None, rules: str = ""
) -> Child:
    """Starts `child.py` with `argv`, from the warm process at address `warm` when there is one.

    It puts itself under `rules` (empty: limits alone) before it meets the project.
    """
    env = scrubbed_environment(cwd)
    command = [str(CHILD_SCRIPT), rules, *argv]
    if warm:
        with contextlib.suppress(OSError):
            child = start_warm(warm, command, cwd=cwd, env=env, stderr=stderr)
            WARDEN.guard(child.pid, cwd.parent)
            return child
    return start_cold(command, cwd=cwd, env=env, stderr=stderr)


def _connect(address: str, patience_seconds: float) -> socket.socket:
    deadline = time.monotonic() + patience_seconds
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(address)
            return connection
        except OSError:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)
