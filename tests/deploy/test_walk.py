"""The walk of a new user with Docker, command by command, on the ports that the pages name."""

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time

import pytest
import requests

from ..conftest import ROOT, has_engine, require
from .stand_in import prometheus_image

PROJECT = ROOT / "solutions"
COMPOSE = ["docker", "compose", "-p", "churn-walk", "-f", "solutions/deploy/compose.yaml"]
IMAGE = "churn-model:v2"
SERVICE, PROMETHEUS = "http://localhost:5000", "http://localhost:9090"
CUSTOMER = {
    "customer_id": "C-1001",
    "days_since_last_order": 45,
    "total_orders": 12,
    "lifetime_value": 310.5,
    "email_open_rate": 0.35,
}
CRASH = "import os, signal; os.kill(-1, signal.SIGKILL)"
READ_LOG = """
import sqlite3
log = sqlite3.connect("/var/lib/churn/predictions.sqlite3")
print(log.execute("pragma integrity_check").fetchone()[0],
      log.execute("select count(*) from predictions").fetchone()[0])
"""
pytestmark = pytest.mark.xdist_group("docker-walk")


def run(*command: str, allowed: tuple[int, ...] = (0,), seconds: float = 600) -> str:
    """Runs a command in the repository's folder; returns what it printed."""
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False
    )
    assert ended.returncode in allowed, f"{' '.join(command)}: {ended.stdout}{ended.stderr}"
    return ended.stdout.strip()


def eventually(holds, seconds: float, what: str):
    """Waits until `holds()` gives something true; returns it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.RequestException, subprocess.CalledProcessError):
            if found := holds():
                return found
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds:g} s: {what}")


def image_id(name: str) -> str:
    return run("docker", "image", "inspect", "--format", "{{.Id}}", name, allowed=(0, 1))


@pytest.fixture(scope="module")
def image():
    """churn-model:v2, built as the page says; an image of that name that was there comes back."""
    require("docker", has_engine(), "start the Docker engine")
    assert (PROJECT / "model" / "metadata.json").exists(), "start --prepare makes solutions/model"
    before = image_id(IMAGE)
    run("docker", "build", "-t", IMAGE, "solutions/")
    yield IMAGE
    run("docker", "rmi", "--force", IMAGE, allowed=(0, 1))
    if before.startswith("sha256:"):
        run("docker", "tag", before, IMAGE, allowed=(0, 1))


@pytest.fixture(scope="module")
def stack(image):
    """The stack, up and healthy."""
    tag = re.search(r"prom/prometheus:\S+", (PROJECT / "deploy/compose.yaml").read_text())[0]
    problem = prometheus_image(tag)
    require("prometheus image", not problem, f"{tag} can neither be pulled nor built: {problem}")
    run(*COMPOSE, "up", "--detach", "--no-build")
    yield COMPOSE
    run(*COMPOSE, "down", "--volumes", "--timeout", "2")


def container() -> str:
    return run(*COMPOSE, "ps", "--quiet", "churn")


def state(template: str) -> str:
    return run("docker", "inspect", "--format", template, container())


def is_healthy() -> bool:
    return state("{{.State.Status}} {{.State.Health.Status}}") == "running healthy"


def kept_rows() -> int:
    """How many predictions the log holds; fails when it is damaged."""
    told = run("docker", "exec", container(), "python", "-c", READ_LOG).split()
    assert told[0] == "ok", told
    return int(told[1])


def predict() -> bool:
    with contextlib.suppress(requests.RequestException):
        return requests.post(f"{SERVICE}/predict", json=CUSTOMER, timeout=5).status_code == 200
    return False


def query(expression: str) -> float:
    """The value of a query that gives one number; NaN when there is none yet."""
    answer = requests.get(f"{PROMETHEUS}/api/v1/query", params={"query": expression}, timeout=5)
    found = answer.json()["data"]["result"]
    return float(found[0]["value"][1]) if found else float("nan")


def test_docker_run_serves_what_the_model_says(image, tmp_path):
    name = f"churn-walk-{os.getpid()}"
    run("docker", "run", "--detach", "--name", name, "-p", "127.0.0.1:5000:5000", image)
    try:
        eventually(lambda: requests.get(f"{SERVICE}/health", timeout=5).ok, 60, "GET /health")
        assert "healthy" in run("curl", "--silent", "localhost:5000/health")
        script = "solutions/deploy/record_known.py"
        known = run(sys.executable, script, "solutions/model")
        (tmp_path / "known.json").write_text(known, encoding="utf-8")
        smoke = [sys.executable, "solutions/deploy/smoke_test.py", SERVICE]
        told = run(*smoke, "--expect", str(tmp_path / "known.json"))
        assert told.count("ok ") == 6
        wrong = json.loads(known)
        wrong["predictions"][0]["churn_probability"] += 0.01
        (tmp_path / "known.json").write_text(json.dumps(wrong), encoding="utf-8")
        told = run(*smoke, "--expect", str(tmp_path / "known.json"), allowed=(1,))
        assert "FAIL prediction" in told
    finally:
        run("docker", "rm", "--force", name)


def test_prometheus_sees_the_service_and_counts_its_predictions(stack):
    eventually(lambda: query('up{job="churn"}') == 1, 60, "Prometheus shows the target up")
    answered = sum(predict() for _ in range(25))
    assert answered == 25
    counted = "sum(ml_predictions_total)"
    eventually(lambda: query(counted) >= 25, 30, f"{counted} reaches 25")


def test_a_spike_meets_its_objectives(stack, tmp_path):
    eventually(is_healthy, 60, "healthy before")
    spike = [sys.executable, "-m", "load_tests", "spike", "--host", SERVICE]
    told = run(*spike, "--users", "20", "--seconds", "10", "--out", str(tmp_path))
    assert "HELD" in told


def test_a_crash_under_load_is_survived_and_the_log_with_it(stack):
    """The process is killed from inside: `docker kill` sets off no restart policy."""
    eventually(is_healthy, 60, "healthy before")
    eventually(lambda: kept_rows() >= 1, 30, "a prediction in the log")
    before, counts, over = kept_rows(), {True: 0, False: 0}, threading.Event()

    def load() -> None:
        while not over.wait(0.01):
            counts[predict()] += 1

    loading = threading.Thread(target=load)
    loading.start()
    try:
        run("docker", "exec", container(), "python", "-c", CRASH, allowed=(0, 137))
        eventually(lambda: state("{{.RestartCount}}") != "0" and is_healthy(), 90, "back, healthy")
    finally:
        over.set()
        loading.join()
    print(f"{counts[True]} answered, {counts[False]} failed while it was away")
    assert predict()
    assert kept_rows() >= before
    assert counts[True] > 0


def test_docker_kill_is_the_users_wish_and_up_brings_it_back(stack):
    eventually(is_healthy, 60, "healthy before")
    before = kept_rows()
    run("docker", "kill", container())
    time.sleep(2)
    assert state("{{.State.Status}}") == "exited"
    run(*COMPOSE, "up", "--detach", "--no-build")
    eventually(is_healthy, 60, "healthy again")
    assert kept_rows() >= before
    assert predict()
