"""Starts the reference service as a process of its own and speaks to it, politely or not."""

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import requests

PROJECT = Path(__file__).resolve().parents[2] / "solutions"
KEY = "a key that only these tests use"
VALID = {
    "customer_id": "C-1001",
    "days_since_last_order": 45,
    "total_orders": 12,
    "lifetime_value": 310.5,
    "email_open_rate": 0.35,
}


def environment_for(model_dir: Path, settings: dict[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a service process that serves this artefact and keeps nothing."""
    told = {"CHURN_MODEL_DIR": str(model_dir), "CHURN_PSEUDONYM_KEY": KEY}
    return os.environ | told | {"CHURN_PREDICTION_LOG": "off"} | (settings or {})


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Service:
    """A running service: where it listens, what it serves, its process, its stderr as a file."""

    port: int
    model_dir: Path
    process: subprocess.Popen
    stderr_file: Path

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **options) -> requests.Response:
        """GET a path."""
        return requests.get(self.url + path, timeout=10, **options)

    def predict(self, body: object, content_type: str = "application/json") -> requests.Response:
        """POST /predict; bytes and strings go as they are, anything else as JSON."""
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        data = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        headers = {"Content-Type": content_type}
        return requests.post(self.url + "/predict", data=data, headers=headers, timeout=10)

    def send_raw(self, request: bytes, *, patience_seconds: float = 5) -> bytes:
        """Send bytes on a fresh connection; return what comes until it closes or goes quiet."""
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.settimeout(patience_seconds)
            try:
                connection.sendall(request)
                while chunk := connection.recv(65536):
                    answer += chunk
                    connection.settimeout(0.3)
            except OSError:  # quiet (a timeout) or cut off: the caller judges what has come
                pass
        return answer

    def log_lines(self, request_id: str) -> list[dict]:
        """Return the log lines of one request, waiting up to five seconds for the first."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            lines = [json.loads(line) for line in self.log_text().splitlines()]
            if found := [line for line in lines if line.get("request_id") == request_id]:
                return found
            time.sleep(0.02)
        raise AssertionError(f"no log line has the request id {request_id!r}: {self.log_text()}")

    def log_text(self) -> str:
        """Return everything on stderr so far, up to the last complete line."""
        text = self.stderr_file.read_text("utf-8")
        return text[: text.rfind("\n") + 1]


def start_service(
    model_dir: Path,
    stderr_file: Path,
    settings: dict[str, str] | None = None,
    options: tuple[str, ...] = (),
) -> Service:
    """Start `python -m churn_service` and return once /health answers; raise when it does not."""
    port = free_port()
    with stderr_file.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "churn_service", "--port", str(port), *options],
            cwd=PROJECT,
            env=environment_for(model_dir, settings),
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
    service = Service(port, model_dir, process, stderr_file)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if service.get("/health").ok:
                return service
        except requests.ConnectionError:
            time.sleep(0.05)
    stop_service(service)
    raise RuntimeError(f"the service did not start: {stderr_file.read_text('utf-8')}")


def stop_service(service: Service) -> None:
    """Ask the process to end, insist after ten seconds, and wait for it."""
    service.process.terminate()
    try:
        service.process.wait(10)
    except subprocess.TimeoutExpired:
        service.process.kill()
        service.process.wait(10)
