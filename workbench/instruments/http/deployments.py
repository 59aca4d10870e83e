"""Deployments to point a smoke test at: a right one, and ones with exactly one fault each."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """What the deployment is about to answer; a fault changes it."""

    status: int
    body: object
    headers: dict[str, str | None] = field(default_factory=dict)  # None: not sent
    delay_seconds: float = 0.0


@dataclass(frozen=True)
class Asked:
    """A request as the deployment got it: method, path, its JSON (or None), its number (from 1)."""

    method: str
    path: str
    payload: object
    number: int


class Deployment:
    """A server on a free port that answers as the wire contract says, but for its fault.

    `probabilities` maps customer ids to churn probabilities. `fault(asked, reply)` may change the
    reply, or return raw bytes that are sent in its place (then the connection is closed).
    """

    def __init__(
        self,
        version: str,
        probabilities: dict[str, float],
        fault: Callable[[Asked, Reply], bytes | None] = lambda asked, reply: None,
    ):
        self.version = version
        self.probabilities = probabilities
        self.fault = fault
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a client that has left is no news
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def reply_to(self, asked: Asked) -> Reply:
        """The right answer."""
        if (asked.method, asked.path) == ("GET", "/health"):
            return Reply(200, {"model_version": self.version, "status": "healthy"})
        if (asked.method, asked.path) != ("POST", "/predict"):
            return _problem(404, "Not Found", [])
        if not isinstance(asked.payload, dict):
            return _problem(422, "Unprocessable Entity", ["body"])
        orders = asked.payload.get("total_orders")
        if type(orders) is not int or orders < 0:
            return _problem(422, "Unprocessable Entity", ["total_orders"])
        name = asked.payload.get("customer_id")
        probability = self.probabilities.get(str(name), 0.5)
        body = {
            "model_version": self.version,
            "churn_probability": probability,
            "customer_id": name,
        }
        level = "high" if probability > 0.7 else "medium" if probability > 0.4 else "low"
        return Reply(200, body | {"churn_prediction": probability > 0.5, "risk_level": level})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        deployment = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                try:
                    payload = json.loads(self.rfile.read(length))
                except ValueError:
                    payload = None
                with deployment._lock:
                    asked = Asked(self.command, self.path, payload, len(deployment.asked) + 1)
                    deployment.asked.append(asked)
                reply = deployment.reply_to(asked)
                reply.headers["x-request-id"] = self.headers.get("X-Request-ID", "none-was-sent")
                raw = deployment.fault(asked, reply)
                time.sleep(reply.delay_seconds)
                if raw is not None:
                    self.wfile.write(raw)
                    self.close_connection = True
                    return
                body = (
                    reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                )
                kind = "application/json; charset=utf-8"
                self.send_response(reply.status)
                for name, value in ({"content-type": kind} | reply.headers).items():
                    if value is not None:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_HEAD = answer  # noqa: N815 (the names that http.server calls)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _problem(status: int, title: str, fields: list[str]) -> Reply:
    errors = [{"problem": "not as it must be", "field": name} for name in fields]
    body = {"type": "about:blank", "status": status, "title": title, "errors": errors}
    return Reply(status, body, {"content-type": "application/problem+json"})
