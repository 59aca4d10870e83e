"""A small HTTP service that a check scripts: it notes every request and answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONGEST_BODY = 1 << 20


@dataclass
class Received:
    """One request. Times are of `time.monotonic`, in seconds; `connection` is equal for requests
    that came over the same one. `answer` is what was sent back."""

    connection: tuple
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    arrived_at: float
    answered_at: float = 0.0
    answer: Scripted | None = None

    def json(self) -> Any:
        """The body as JSON, or None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Scripted:
    """One answer: after `delay_seconds`, `status` and `body` (bytes, or what JSON can carry).

    `kind` is a label of the check's own, to find the answer again.
    """

    status: int
    body: Any
    delay_seconds: float = 0.0
    kind: str = ""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class RecordingService:
    """A service on a free port of the loopback interface, in threads of this process.

    `answer(request)` is called for one request at a time and says what to send; delays overlap.
    """

    def __init__(self, answer: Callable[[Received], Scripted]):
        self.received: list[Received] = []
        self._answer = answer
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, request: Received) -> Scripted:
        """Notes the request and says what to answer."""
        with self._lock:
            request.answer = self._answer(request)
            self.received.append(request)
        return request.answer

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> RecordingService:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request, client_address) -> None:
        """A client that went away is no event here."""


def _handler_of(service: RecordingService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body in one packet

        def reply(self) -> None:
            arrived_at = time.monotonic()
            length = min(int(self.headers.get("Content-Length") or 0), LONGEST_BODY)
            body = self.rfile.read(length)
            fields = {name.lower(): value for name, value in self.headers.items()}
            request = Received(
                self.client_address, self.command, self.path, fields, body, arrived_at
            )
            scripted = service.take(request)
            time.sleep(scripted.delay_seconds)
            content = scripted.body
            if not isinstance(content, bytes):
                content = json.dumps(content).encode()
            self.send_response(scripted.status)
            self.send_header("Content-Type", scripted.content_type)
            self.send_header("Content-Length", str(len(content)))
            for name, value in scripted.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            request.answered_at = time.monotonic()  # before it leaves: a gap is never too short
            self.wfile.flush()

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = reply  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    return Handler
