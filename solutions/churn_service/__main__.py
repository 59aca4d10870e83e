"""`python -m churn_service`: the service on granian, a WSGI server for every platform."""

import argparse
import contextlib
import multiprocessing
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from granian import Granian

from churn_service.artefact import ModelRefused
from churn_service.settings import SettingsError

if TYPE_CHECKING:
    from flask import Flask

STOP_WITHIN_SECONDS = 5
COUNTS = "PROMETHEUS_MULTIPROC_DIR"


def build_or_exit(address: str, port: int) -> "Flask":
    """Build the app in a worker, or end it with status 1 and one sentence on stderr."""
    if parent := multiprocessing.parent_process():
        tie_to(parent)
    if COUNTS in os.environ:
        forget_dead_workers(Path(os.environ[COUNTS]))
    # Only now: prometheus_client looks at the variable COUNTS once, when it is imported.
    from churn_service.wsgi import build

    try:
        app = build()
    except (ModelRefused, SettingsError) as refusal:
        sys.exit(f"The churn service did not start: {refusal}")
    print(f"Serving on http://{f'[{address}]' if ':' in address else address}:{port}", flush=True)
    return app


def tie_to(parent: multiprocessing.Process) -> None:
    """Make this worker end when asked to, from its first moment, and when its parent is gone.

    Until granian sets its own, a forked worker has the parent's signal handlers, which would take a
    request to stop and do nothing. A worker that outlived its parent would keep the port.
    """
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, signal.SIG_DFL)

    def end_with_parent() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


@contextlib.contextmanager
def shared_counts(workers: int) -> Iterator[None]:
    """Give several workers a fresh folder to count in, for as long as the service runs.

    A scrape reaches one worker, and must get the counts of all. A worker that ends leaves its file
    there, so its counts stay. One worker counts in memory, which is faster.
    """
    os.environ.pop(COUNTS, None)
    # Prometheus' text format has no use for the time at which each series was made.
    os.environ.setdefault("PROMETHEUS_DISABLE_CREATED_SERIES", "true")
    if workers == 1:
        yield
        return
    folder = tempfile.mkdtemp(prefix="churn-counts-")
    os.environ[COUNTS] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def forget_dead_workers(folder: Path) -> None:
    """Remove what holds only while a worker lives, for the workers that a new one replaces."""
    from prometheus_client.multiprocess import mark_process_dead

    for file in folder.glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))
        except OSError:
            pass  # it lives, and is not ours


def claim_address(host: str, port: int) -> tuple[str, int]:
    """Return the numeric address and the port to listen on, or exit when they cannot be had.

    Granian shares a port with whoever else shares it, so a service left running would go on
    answering every second request without a word. Port 0 asks for any free port.
    """
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.create_server((place[0], port), family=family) as probe:
            return probe.getsockname()[:2]
    except (OSError, OverflowError) as error:
        sys.exit(f"The churn service cannot listen on {host}:{port}: {error}.")


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Return host, port and the number of workers from the command line.

    Without --port the environment's PORT counts, as hosting platforms set it.
    """
    parser = argparse.ArgumentParser(prog="python -m churn_service", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="name or address to listen on")
    # argparse converts a default that is a text too, and refuses one that is no number
    port = os.environ.get("PORT") or "8000"
    parser.add_argument("--port", type=int, default=port, help="port to listen on, 0 for any")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the port")
    asked = parser.parse_args(arguments)
    if asked.workers < 1:
        parser.error("--workers must be 1 or more")
    if asked.workers > 1 and os.name == "nt":
        parser.error("--workers above 1 needs sockets that Windows cannot share")
    return asked


def main(arguments: list[str]) -> None:
    """Serve until interrupted."""
    asked = parse_arguments(arguments)
    address, port = claim_address(asked.host, asked.port)
    # Every worker must agree on the pseudonyms, one that is restarted included.
    os.environ.setdefault("CHURN_PSEUDONYM_KEY", secrets.token_hex(32))
    server = Granian(
        "churn_service.wsgi:build",
        address=address,
        port=port,
        interface="wsgi",
        http="1",
        websockets=False,
        # A client that stalls in mid-body holds a thread, so there are more threads than work.
        blocking_threads=128,
        workers=asked.workers,
        # One worker's end is the service's end, and whatever started it decides what happens then.
        respawn_failed_workers=asked.workers > 1,
        workers_kill_timeout=STOP_WITHIN_SECONDS,
        log_enabled=False,
    )
    with shared_counts(asked.workers):
        server.serve(target_loader=partial(build_or_exit, address, port), wrap_loader=False)


if __name__ == "__main__":
    main(sys.argv[1:])
