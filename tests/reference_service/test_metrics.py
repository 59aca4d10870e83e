"""What /metrics shows of a real service: workers that die, batches, the cache, and a linter's view."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from workbench.instruments.prometheus.exposition import Scrape, parse_exposition

from ..conftest import require
from .serving import VALID, Service, start_service, stop_service

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="one worker is all Windows has")


def scrape(service: Service) -> Scrape:
    return parse_exposition(service.get("/metrics").text)


@pytest.fixture
def started(model_dir, tmp_path):
    """Start services with settings and options; they are stopped at the end of the test."""
    running = []

    def start(*options: str, **settings: str) -> Service:
        log = tmp_path / f"stderr-{len(running)}.log"
        running.append(start_service(model_dir, log, settings, options))
        return running[-1]

    yield start
    for service in running:
        stop_service(service)


def workers_of(service: Service) -> list[int]:
    """The pids of the worker processes."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(service.process.pid)], capture_output=True, text=True
    )
    return [int(pid) for pid in listed.stdout.split() if Path(f"/proc/{pid}").exists()]


def wait_until(holds, what: str) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="lists processes as Linux does")
def test_a_worker_that_is_killed_takes_no_counts_with_it_and_is_replaced(started, tmp_path):
    service = started("--workers", "2", TMPDIR=str(tmp_path))
    wait_until(lambda: len(workers_of(service)) == 2, "two workers start")
    (folder,) = tmp_path.glob("churn-counts-*")
    wait_until(lambda: len(list(folder.glob("gauge_live*"))) == 2, "both count")
    for _ in range(40):
        assert service.predict(VALID).ok
    before = workers_of(service)

    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(set(workers_of(service)) - set(before)) == 1, "a new worker starts")
    wait_until(lambda: len(list(folder.glob("gauge_live*"))) == 2, "the new one counts too")
    for _ in range(20):
        assert service.predict(VALID).ok

    for _ in range(8):
        seen = scrape(service)
        assert seen.total("ml_predictions_total") == 60
        assert seen.total("http_requests_total", route="/predict", status="200") == 60
        assert seen.total("model_info", version="v2") == 1
    # the gauge of the dead worker is gone, its counters are not
    assert not list(folder.glob(f"gauge_live*_{before[0]}.db"))
    assert list(folder.glob(f"counter_{before[0]}.db"))


@posix_only
def test_the_folder_of_the_workers_counts_goes_when_the_service_stops(started, tmp_path):
    service = started("--workers", "2", TMPDIR=str(tmp_path))
    assert list(tmp_path.glob("churn-counts-*"))

    stop_service(service)

    assert not list(tmp_path.glob("churn-counts-*"))


def test_one_worker_counts_in_memory_whatever_folder_it_is_offered(started, tmp_path):
    service = started(TMPDIR=str(tmp_path), PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "offered"))
    service.predict(VALID)

    assert scrape(service).total("ml_predictions_total") == 1
    assert not list(tmp_path.glob("churn-counts-*")) and not (tmp_path / "offered").exists()


def test_each_row_of_a_batch_counts_and_each_refused_one_by_its_field(started):
    service = started()
    rows = [VALID, VALID | {"total_orders": -1}, VALID | {"customer_id": "C-2"}, {"x": 1}]
    answer = requests.post(f"{service.url}/predict/batch", json={"customers": rows}, timeout=10)
    assert answer.ok

    seen = scrape(service)
    assert seen.total("ml_predictions_total") == 2
    assert seen.total("ml_prediction_latency_seconds_count") == 2
    assert seen.total("validation_failures_total", field="total_orders") == 2
    assert seen.total("validation_failures_total", field="other") == 1
    assert seen.total("http_requests_total", route="/predict/batch") == 1


def test_a_prediction_from_the_cache_is_a_prediction_and_a_hit(started):
    service = started(CHURN_CACHE_ENTRIES="100")
    for customer_id in ("C-1", "C-2", "C-3"):
        service.predict(VALID | {"customer_id": customer_id})

    seen = scrape(service)
    assert seen.total("prediction_cache_total", outcome="hit") == 2
    assert seen.total("prediction_cache_total", outcome="miss") == 1
    assert seen.total("ml_predictions_total") == 3


def test_probes_of_readiness_are_no_predictions(started):
    service = started()
    for _ in range(3):
        assert service.get("/ready").ok

    seen = scrape(service)
    assert seen.total("ml_predictions_total") == 0
    assert seen.total("http_requests_total", route="/ready") == 3


def test_promtool_finds_nothing_to_improve(started):
    promtool = shutil.which("promtool")
    require("prometheus", promtool is not None, "install Prometheus")
    service = started()
    service.predict(VALID)

    found = subprocess.run(
        [promtool, "check", "metrics"],
        input=service.get("/metrics").text,
        capture_output=True,
        text=True,
    )

    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
