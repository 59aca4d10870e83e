"""`serve`: the learner's finished modules over the reference, as a real process."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from workbench.course.place import Course
from workbench.course.problems import UserError
from workbench.judging.results import CheckResult, summarise
from workbench.learning.progress import Progress
from workbench.learning.service import finished_exercises, start_service

CUSTOMER = {
    "customer_id": "C-1042",
    "days_since_last_order": 45,
    "total_orders": 12,
    "lifetime_value": 380.5,
    "email_open_rate": 0.25,
}


@pytest.fixture
def served(course, root):
    """The copied course with the real model."""
    (course.root / "data").symlink_to(root / "data", target_is_directory=True)
    return course


def predict(url: str) -> dict:
    body = json.dumps(CUSTOMER).encode()
    request = urllib.request.Request(f"{url}/predict", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


def passed(course: Course, exercise: str) -> None:
    result = summarise(exercise, 5, 0.1, [CheckResult("test_it", "It", "passed", "", 0.1)])
    Progress(course).record(result)


def test_the_reference_answers_as_the_contract_says(served):
    with start_service(served, reference=True, port=0) as service:
        assert "all of it is the reference" in service.description()
        answer = predict(service.url)
        assert list(answer) == [
            "customer_id",
            "churn_probability",
            "churn_prediction",
            "risk_level",
            "model_version",
        ]
        assert any(
            json.loads(line).get("route") == "/predict"
            for line in service.log_lines()
            if "{" in line
        )


def test_a_finished_module_is_served_and_named(served, answer):
    answer("def risk_level(probability):\n    return 'mine'\n")
    passed(served, "risk-level")
    with start_service(served, reference=False, port=0) as service:
        assert "yours: churn_service/risk.py" in service.description()
        assert predict(service.url)["risk_level"] == "mine"


def test_an_unfinished_module_is_not_served(served, answer):
    answer("def risk_level(probability):\n    return 'mine'\n")
    assert finished_exercises(served) == []


def test_a_taken_port_is_told_with_the_remedy(served):
    with (
        start_service(served, reference=True, port=0) as service,
        pytest.raises(UserError, match="taken"),
    ):
        start_service(served, reference=True, port=service.port)


def test_without_a_model_the_remedy_is_told(course):
    with pytest.raises(UserError, match="start --prepare"):
        start_service(course, reference=True, port=0)


def test_a_service_that_does_not_start_shows_the_end_of_its_log(served, answer):
    answer("raise RuntimeError('my own bug')\n")
    passed(served, "risk-level")
    with pytest.raises(UserError, match="my own bug"):
        start_service(served, reference=False, port=0)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("polite", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_serve_takes_the_service_with_it(served, polite):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run = (
        f"import sys; sys.path.insert(0, {str(served.root)!r}); from workbench.cli import main; "
        f"sys.exit(main(['serve', '--reference', '--port', '{port}']))"
    )
    serving = subprocess.Popen([sys.executable, "-c", run], stdout=subprocess.PIPE, text=True)
    assert "The service listens" in serving.stdout.readline()
    serving.send_signal(polite)
    serving.wait(20)
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2)
