"""Real runs on loopback against scripted services: short, and held against what the service saw."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.load_lab import PATIENT
from tests.reference_service.serving import free_port
from workbench.instruments.http.recorder import RecordingService, Scripted

MODULE = [sys.executable, "-m", "load_tests"]


def predicted(request) -> Scripted:
    """What a healthy service answers, as far as the lab's users look at it."""
    if request.path == "/ready":
        return Scripted(200, {"status": "ready", "model_version": "v2"})
    asked = request.json()
    if asked is None:
        errors = [{"field": "body", "problem": "is not JSON"}]
        return Scripted(400, {"errors": errors})
    names = ("customer_id", "days_since_last_order", "total_orders", "lifetime_value")
    wrong = {name for name in (*names, "email_open_rate") if name not in asked}
    orders, rate = asked.get("total_orders", 1), asked.get("email_open_rate", 0)
    wrong |= {"total_orders"} if type(orders) is not int or orders < 0 else set()
    wrong |= {"email_open_rate"} if rate > 1 else set()
    if wrong:
        return Scripted(422, {"errors": [{"field": name} for name in wrong]})
    answer = {"customer_id": asked["customer_id"], "churn_probability": 0.25}
    answer |= {"churn_prediction": False, "risk_level": "low", "model_version": "v2"}
    return Scripted(200, answer)


def load(root, folder, *arguments, host) -> tuple[subprocess.CompletedProcess, dict]:
    """Runs the lab; returns the process and the record."""
    command = [*MODULE, *arguments, "--host", host, "--out", str(folder)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    records = list(folder.glob("*.json"))
    assert len(records) == 1, done.stdout + done.stderr
    return done, json.loads(records[0].read_text(encoding="utf-8"))


def test_a_run_leaves_a_verdict_a_record_and_a_plot(root, tmp_path):
    with RecordingService(predicted) as service:
        run = ("spike", "--users", "10", "--seconds", "6", *PATIENT)
        done, record = load(root, tmp_path, *run, host=service.url)
        received = len(service.received)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "HELD" in done.stdout
    assert "users" in done.stderr  # the progress, while it ran
    assert (record["record"], record["version"]) == ("load-run", 1)
    assert record["measured"]["requests"] == received > 0
    assert sum(row["requests"] for row in record["series"]) <= received
    assert max(row["users"] or 0 for row in record["series"]) == 10
    assert next(tmp_path.glob("*.png")).read_bytes().startswith(b"\x89PNG")


def test_a_run_against_a_service_that_answers_errors_misses(root, tmp_path):
    numbers = itertools.count()

    def sick(request) -> Scripted:
        error = Scripted(200, {"error": "model unavailable"})
        return error if next(numbers) % 5 == 0 else predicted(request)

    with RecordingService(sick) as service:
        run = ("steady", "--users", "8", "--seconds", "4", *PATIENT)
        done, record = load(root, tmp_path, *run, host=service.url)

    assert done.returncode == 1
    assert "MISSED: error_rate" in done.stdout
    assert [miss["objective"] for miss in record["verdict"]["missed"]] == ["error_rate"]
    assert record["failures"]


def test_a_ramp_ends_early_once_the_objectives_are_broken(root, tmp_path):
    numbers = itertools.count()

    def tiring(request) -> Scripted:
        right = predicted(request)
        return Scripted(right.status, right.body, 1.0 if next(numbers) > 60 else 0.0)

    with RecordingService(tiring) as service:
        done, record = load(
            root,
            tmp_path,
            "ramp-to-break",
            "--users",
            "80",
            "--seconds",
            "80",
            "--step-seconds",
            "4",
            "--p50",
            "500",
            "--p95",
            "800",
            "--p99",
            "900",
            host=service.url,
        )

    assert record["seconds"] < 60
    assert record["ramp"]["broke_first"]["missed"]
    assert "Broke first" in done.stdout


def test_one_master_leads_two_workers_with_customers_of_their_own(root, tmp_path):
    port = ["--master-port", str(free_port())]
    with RecordingService(predicted) as service:
        worker = [*MODULE, "--worker", *port]
        workers = [subprocess.Popen(worker, cwd=root, stderr=subprocess.DEVNULL) for _ in range(2)]
        try:
            run = ("steady", "--users", "8", "--seconds", "6", "--master", "--expect-workers", "2")
            done, record = load(root, tmp_path, *run, *port, *PATIENT, host=service.url)
            assert [process.wait(30) for process in workers] == [0, 0]
        finally:
            for process in workers:
                process.kill()
                process.wait()
        received = service.received

    assert done.returncode == 0, done.stdout + done.stderr
    assert record["measured"]["requests"] == len(received) > 50
    assert record["processes"] == 2
    assert max(row["users"] or 0 for row in record["series"]) == 8
    bodies = [request.body for request in received if request.path == "/predict"]
    assert len(set(bodies)) > 0.95 * len(bodies)


@pytest.mark.skipif(os.name != "posix", reason="Locust forks its processes")
def test_several_processes_on_one_machine_add_up(root, tmp_path):
    with RecordingService(predicted) as service:
        run = ("steady", "--users", "6", "--seconds", "4", "--processes", "2")
        port = ("--master-port", str(free_port()))
        done, record = load(root, tmp_path, *run, *port, *PATIENT, host=service.url)
        received = len(service.received)

    assert done.returncode == 0, done.stdout + done.stderr
    assert record["measured"]["requests"] == received > 20
    assert max(row["users"] or 0 for row in record["series"]) == 6


def test_an_open_loop_shows_the_stall_that_a_closed_loop_hides(root, tmp_path):
    def stalling():
        began = time.monotonic()
        stalled = []

        def answer(request) -> Scripted:
            # called for one request at a time: whoever comes meanwhile waits too
            if not stalled and time.monotonic() - began > 5:
                stalled.append(time.sleep(1.5))
            return predicted(request)

        return answer

    def run(name, *more):
        with RecordingService(stalling()) as service:
            folder = tmp_path / name
            common = ("steady", "--users", "10", "--seconds", "10")
            return load(root, folder, *common, *more, host=service.url)[1]["measured"]

    with ThreadPoolExecutor() as pool:
        closed, opened = pool.map(
            lambda given: run(*given), (["closed"], ["open", "--arrivals", "36"])
        )

    assert opened["p95_ms"] > 2 * closed["p95_ms"]
    assert opened["unsent_arrivals"] <= 5  # those due in the very last moment


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal to a process group")
def test_the_web_ui_starts_the_shape_and_ctrl_c_leaves_the_record(root, tmp_path):
    port = free_port()
    with RecordingService(predicted) as service:
        command = [*MODULE, "steady", "--users", "4", "--seconds", "3", "--host", service.url]
        command += [*PATIENT, "--web", "--web-port", str(port), "--out", str(tmp_path)]
        lab = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, start_new_session=True)
        try:
            swarm_when_ready(f"http://127.0.0.1:{port}/swarm", service.url)
            deadline = time.monotonic() + 40
            while len(service.received) < 20 and time.monotonic() < deadline:
                time.sleep(0.1)
            time.sleep(4)  # the shape has ended by itself
            os.killpg(lab.pid, signal.SIGINT)
            told, _ = lab.communicate(timeout=60)
        finally:
            if lab.poll() is None:
                os.killpg(lab.pid, signal.SIGKILL)
                lab.wait()
        received = len(service.received)
    record = json.loads(next(tmp_path.glob("*.json")).read_text(encoding="utf-8"))

    assert lab.returncode == 0, told
    assert record["measured"]["requests"] == received >= 20
    assert record["seconds"] < 15


def swarm_when_ready(url: str, host: str) -> None:
    """Presses the start button of Locust's web UI once it is there."""
    deadline = time.monotonic() + 40
    while True:
        try:
            assert requests.post(url, data={"host": host}, timeout=10).json()["success"]
            return
        except requests.ConnectionError:
            assert time.monotonic() < deadline, "the web UI did not come up"
            time.sleep(0.1)


def test_help_says_what_the_shapes_and_the_exit_status_mean(root):
    done = subprocess.run([*MODULE, "--help"], cwd=root, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0
    for said in ("ramp-to-break", "Exit status", "--arrivals", "--worker", "p95_ms 300"):
        assert said in done.stdout
