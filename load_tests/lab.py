"""The lab's side inside Locust: shape, users, timeline. `python -m load_tests` starts Locust with it.

Works alike in one process, with `--processes`, and on a master with workers: users note each request in
a timeline, workers send theirs with Locust's own reports, and the master (or the one process) keeps all.
"""

import json
import sys
import time
from pathlib import Path

import gevent
from locust import LoadTestShape, events
from locust.runners import MasterRunner, WorkerRunner

# Locust loads this file by its path, so its own folder's parent is not yet known to Python.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from load_tests import locustfile
from load_tests.objectives import Objectives
from load_tests.record import judge_step
from load_tests.shapes import Stage, users_at
from load_tests.timeline import Timeline, percentile

REPORT_SECONDS = 4  # a worker reports every three seconds


class Lab:
    """What one process knows of the run: its timeline, when it began and ended, how busy it was."""

    def __init__(self):
        self.environment = None
        self.begin()

    def begin(self) -> None:
        self.timeline = Timeline()
        self.started = time.time()
        self.ended = None
        self.users: dict[int, int] = {}
        self.busiest_percent = 0.0

    @property
    def settings(self) -> dict:
        """What `python -m load_tests` was asked for; a worker gets it from its master."""
        return json.loads(self.environment.parsed_options.lab)

    def raw(self) -> dict:
        """What the record is made from."""
        return {
            "started": self.started,
            "ended": self.ended or time.time(),
            "users": self.users,
            "timeline": self.timeline.drain(),
            "client": {
                "busiest_client_percent": round(self.busiest_percent, 1),
                "client_was_busy": self.environment.runner.cpu_warning_emitted
                or self.busiest_percent > 90,
            },
        }


lab = Lab()


class Visitor(locustfile.MarketingTool):
    """The lab's user. In a closed loop it thinks between answer and question, as people do.

    With `arrivals` it keeps a timetable instead: every `period` seconds a request is due, whether or not
    the last one has been answered, and latency counts from the moment it was due. What a stalled
    service makes wait is measured, where a closed loop would have asked less (coordinated omission).
    """

    def on_start(self):
        super().on_start()
        settings = lab.settings
        self.think_seconds = settings["think_seconds"]
        self.period = None
        if settings["arrivals_per_second"]:
            self.period = settings["users"] / settings["arrivals_per_second"]
            self.ends = time.perf_counter() + settings["run_seconds"]
            self.due = time.perf_counter() + self.random.uniform(0, self.period)
            gevent.sleep(max(0, self.due - time.perf_counter()))

    def wait_time(self):
        if self.period is None:
            return self.random.uniform(*self.think_seconds)
        return max(0, self.due - time.perf_counter())

    def settle(self, response, status, wrong_with):
        if self.period is not None:
            since_due = (time.perf_counter() - self.due) * 1000
            measured = response.request_meta["response_time"]
            response.request_meta["response_time"] = max(since_due, measured)
            self.due += self.period
        super().settle(response, status, wrong_with)

    def on_stop(self):
        if self.period is not None:
            late = min(time.perf_counter(), self.ends) - self.due
            lab.timeline.unsent += max(0, int(late / self.period) + 1) if late > 0 else 0


class Shape(LoadTestShape):
    """Follows the plan it was given. A ramp ends early when two steps in a row missed an objective."""

    def tick(self):
        settings, elapsed = lab.settings, self.get_run_time()
        stages = [Stage(*stage) for stage in settings["stages"]]
        users = users_at(stages, elapsed)
        if users is None or (settings["shape"] == "ramp-to-break" and broke(stages, elapsed)):
            lab.ended = time.time()
            return None
        return users, settings["users"]


def broke(stages: list[Stage], elapsed: float) -> bool:
    """Whether the last two steps that can be judged by now both missed an objective."""
    delay = REPORT_SECONDS if isinstance(lab.environment.runner, MasterRunner) else 0
    over = [stage for stage in stages if stage.end + delay <= elapsed][-2:]
    limits = Objectives(**lab.settings["objectives"] | {"requests_per_second": None})
    judged = [judge_step(lab.timeline, stage, lab.started, limits) for stage in over]
    return len(judged) == 2 and all(step["missed"] for step in judged)


@events.init_command_line_parser.add_listener
def add_options(parser):
    parser.add_argument("--lab", default="{}", include_in_web_ui=False, help="settings, as JSON")
    parser.add_argument("--lab-raw", default="", include_in_web_ui=False, help="file to write")


@events.init.add_listener
def remember(environment, **_):
    lab.environment = environment
    if not isinstance(environment.runner, WorkerRunner):
        gevent.spawn(watch)


@events.test_start.add_listener
def begin(**_):
    lab.begin()


@events.request.add_listener
def note(name, response_time, exception=None, **_):
    error = None if exception is None else str(exception)[:200] or type(exception).__name__
    lab.timeline.note(time.time(), name, response_time or 0, error)


@events.report_to_master.add_listener
def report(client_id, data):
    data["timeline"] = lab.timeline.drain()


@events.worker_report.add_listener
def take_report(client_id, data):
    lab.timeline.merge(data["timeline"])


@events.quit.add_listener
def leave(exit_code):
    """Write what the record is made from. Comes after the last reports of the workers."""
    options = lab.environment.parsed_options
    if options.lab_raw and not isinstance(lab.environment.runner, WorkerRunner):
        Path(options.lab_raw).write_text(json.dumps(lab.raw()), encoding="utf-8")


def watch():
    """Each second: remember how many users there are and how busy the clients, and say how it goes."""
    while True:
        gevent.sleep(1)
        runner = lab.environment.runner
        if runner.state not in ("spawning", "running"):
            continue
        now = int(time.time())
        lab.users[now] = runner.user_count
        clients = getattr(runner, "clients", None)
        busy = [c.cpu_usage for c in clients.values()] if clients else [runner.current_cpu_usage]
        lab.busiest_percent = max(lab.busiest_percent, *(percent or 0 for percent in busy))
        behind = REPORT_SECONDS if clients else 1
        cell = lab.timeline.total(start=now - behind, end=now - behind + 1)
        p95 = percentile(cell.latencies, 0.95)
        print(
            f"{now - lab.started:6.0f} s {runner.user_count:6} users {cell.requests:6} requests/s"
            f"   p95 {'-' if p95 is None else f'{p95:.0f} ms':>8}   {cell.failures} failures",
            file=sys.stderr,
            flush=True,
        )
