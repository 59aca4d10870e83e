"""Runs a learner's locustfile with real Locust against a scripted service; reads what Locust wrote."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from workbench.boundary.made_files import read_made
from workbench.instruments.http.recorder import Received, RecordingService, Scripted
from workbench.sandbox.commands import Finished, run_python
from workbench.sandbox.confinement import scratch_of

STOP_SECONDS = 8
DEADLINE_SECONDS = 60
EXCEPTION = re.compile(r"[\w.]*(Error|Exception|Interrupt)\b")
CONSTANT_USERS = """
from locust import HttpUser, constant, task

class Constant(HttpUser):
    wait_time = constant({seconds})

    @task
    def ask(self):
        self.client.get("/ready")
"""


@dataclass
class LoadRun:
    """One run: how Locust ended, what it counted, and what the service noted.

    `statistics` holds Locust's final entry per name; `failures` and `raised` are rows of its tables
    of failures and of exceptions, which may lack the last second.
    """

    finished: Finished
    received: list[Received]
    statistics: dict[str, dict] = field(default_factory=dict)
    failures: list[dict[str, str]] = field(default_factory=list)
    raised: list[dict[str, str]] = field(default_factory=list)

    def requests(self, name: str) -> int:
        """How many requests Locust counted under `name`."""
        return self.statistics.get(name, {}).get("num_requests", 0)

    def failed(self, name: str) -> int:
        """How many of them Locust counted as failures."""
        return self.statistics.get(name, {}).get("num_failures", 0)

    def response_seconds(self, name: str) -> list[float]:
        """Locust's response times under `name`, shortest first, to two digits, as Locust keeps them."""
        times = self.statistics.get(name, {}).get("response_times", {})
        return sorted(float(ms) / 1000 for ms, count in times.items() for _ in range(count))

    def said(self) -> str:
        """The last exception in Locust's output, or else its last line, without time and place."""
        lines = [line.strip() for line in self.finished.output.splitlines() if line.strip()]
        raised = [line for line in lines if EXCEPTION.match(line)]
        return re.sub(r"^\[[^]]*\] \S+/", "", (raised or lines or ["nothing"])[-1])[-300:]

    def raised_at(self, path: str) -> tuple[str, str]:
        """Number and text of the last line of the file in a traceback; two empty texts without one."""
        traces = "".join(row["Traceback"] for row in self.raised) + self.finished.output
        places = re.findall(rf'{re.escape(Path(path).name)}", line (\d+).*\n\s*(.*)', traces)
        return places[-1] if places else ("", "")

    def pauses(self) -> list[float]:
        """Seconds between an answer and the next request on the same connection, shortest first."""
        answered_at: dict[object, float] = {}
        pauses = []
        for request in sorted(self.received, key=lambda request: request.arrived_at):
            if answered_at.get(request.connection):
                pauses.append(request.arrived_at - answered_at[request.connection])
            answered_at[request.connection] = request.answered_at
        return sorted(pauses)


def run_locust(
    project: Path,
    file: str,
    answer: Callable[[Received], Scripted],
    *,
    users: int,
    seconds: int,
) -> LoadRun:
    """Runs `file` of the project headless, with `users` at once from the start, for `seconds`.

    Locust then lets tasks under way end for up to 8 seconds. Ends within 60 seconds in any case.
    """
    with RecordingService(answer) as service:
        tables = scratch_of(project) / f"load-{service.url.rpartition(':')[2]}"
        command = ["-f", file, "--headless", "--host", service.url]
        command += ["--users", str(users), "--spawn-rate", str(users)]
        command += ["--run-time", f"{seconds}s", "--stop-timeout", str(STOP_SECONDS)]
        command += ["--csv", str(tables), "--json-file", str(tables), "--only-summary"]
        command += ["--exit-code-on-error", "0"]
        finished = run_python(
            project,
            "-m",
            "locust",
            *command,
            deadline_seconds=DEADLINE_SECONDS,
            imported=("locust.main",),
        )
        received = list(service.received)
    statistics = {entry["name"]: entry for entry in _entries(f"{tables}.json")}
    failures, raised = _rows(f"{tables}_failures.csv"), _rows(f"{tables}_exceptions.csv")
    return LoadRun(finished, received, statistics, failures, raised)


def run_constant_users(
    project: Path,
    think_seconds: float,
    answer: Callable[[Received], Scripted],
    *,
    users: int,
    seconds: int,
) -> LoadRun:
    """Runs users who think for exactly `think_seconds`, where and how `run_locust` runs a learner's.

    What their pauses are longer is the machine's doing.
    """
    file = scratch_of(project) / "constant_users.py"
    file.write_text(CONSTANT_USERS.format(seconds=think_seconds), encoding="utf-8")
    return run_locust(project, str(file), answer, users=users, seconds=seconds)


def _entries(path: str) -> list[dict]:
    try:
        found = json.loads(read_made(Path(path)))
    except (ValueError, RecursionError):
        return []
    return [entry for entry in found if _is_entry(entry)] if isinstance(found, list) else []


def _is_entry(entry: object) -> bool:
    """Whether this is one of Locust's entries: the file lies where the learner's code can write."""
    if not isinstance(entry, dict) or type(entry.get("name")) is not str:
        return False
    counts = (entry.get("num_requests"), entry.get("num_failures"))
    times = entry.get("response_times")
    return all(type(count) is int for count in counts) and isinstance(times, dict)


def _rows(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read_made(Path(path)), newline="")))
