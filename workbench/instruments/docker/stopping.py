"""`docker stop` with requests in flight: what becomes of them, and of the service."""

from __future__ import annotations

import threading
import time

from workbench.boundary.outcomes import mismatch
from workbench.instruments.docker.containers import Container
from workbench.instruments.docker.uploads import Upload

UPLOADS = 8
GRACE_SECONDS = 10
KILLED = 137


def require_stop_in_order(container: Container, path: str, body: bytes) -> None:
    """Stops the container while POSTs of `body` are half sent: each is answered, then it ends by itself."""
    port = container.port
    begun = [Upload(port, path, body) for _ in range(UPLOADS)]
    container.send("GET", "/health")  # answered after all of them have arrived
    stopping = threading.Thread(target=lambda: container.made.stop(timeout=GRACE_SECONDS))
    stopping.start()
    time.sleep(0.5)
    answers = [upload.finish() for upload in begun]
    stopping.join()
    did = f"The check ran `docker stop` while {UPLOADS} requests were half sent, then sent the rest"
    failed = [str(answer) for answer in answers if answer != 200]
    if failed:
        raise mismatch(
            did,
            got=f"{len(failed)} of {UPLOADS} were not answered with 200, the first: {failed[0]}",
            expected="each gets its answer before the service ends",
            look="STOPSIGNAL and CMD: which signal does the service get, and does it wait for its work?",
        )
    if container.state["ExitCode"] == KILLED:
        raise mismatch(
            did,
            got=f"It went on as if nothing had been said, and was killed after {GRACE_SECONDS} s",
            expected="it ends by itself as soon as the requests are answered",
            look="who is process 1 in the container: a shell there keeps the signal to itself; "
            "`exec` in front of the service's command replaces the shell",
        )
