"""A service that is killed in its container while requests come in."""

from __future__ import annotations

import http.client
import threading
from dataclasses import dataclass

from workbench.instruments.docker.containers import Container


@dataclass
class Crash:
    """How it went: whether the service came back healthy, and what became of the requests."""

    is_back: bool = False
    answered: int = 0
    failed: int = 0


def crash_under_load(container: Container, path: str, body: bytes) -> Crash:
    """Kills the service's processes while POSTs of `body` come one after the other."""
    seen = Crash()
    over = threading.Event()

    def send() -> None:
        while not over.wait(0.01):
            try:
                is_answered = container.send("POST", path, body).status == 200
            except (OSError, http.client.HTTPException):
                is_answered = False
            seen.answered += is_answered
            seen.failed += not is_answered

    loading = threading.Thread(target=send)
    loading.start()
    try:
        seen.is_back = container.crash()
    finally:
        over.set()
        loading.join()
    return seen
