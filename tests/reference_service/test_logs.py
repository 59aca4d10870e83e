"""What the service writes about a request, and what it must never write."""

import hashlib
import hmac
import json
import subprocess
import sys
import uuid
from datetime import datetime, timedelta

import pytest

from .serving import KEY, PROJECT, VALID

CRASH = """
from pathlib import Path
from churn_service.app import create_app
from churn_service.logs import log_process_as_json
from churn_service.settings import Settings

class Broken:
    model_version = "v2"
    def predict_probability(self, customer):
        raise RuntimeError(f"no forest\\nfor {customer.total_orders}")

log_process_as_json()
client = create_app(Broken(), Settings(Path("unused"), b"k" * 16)).test_client()
body = {"customer_id": "ada", "days_since_last_order": 1, "total_orders": 2,
        "lifetime_value": 3, "email_open_rate": 0.5}
answer = client.post("/predict", json=body, headers={"X-Request-ID": "crash-1"})
print(answer.status_code, answer.mimetype, answer.text)
"""


def line_of_prediction(service, **changes) -> dict:
    """Send a prediction and return its log line; there must be exactly one."""
    answer = service.predict(VALID | changes)
    (line,) = service.log_lines(answer.headers["X-Request-ID"])
    return line


def test_a_prediction_leaves_one_line_with_all_members(service):
    line = line_of_prediction(service)

    assert set(line) == {
        "timestamp",
        "level",
        "request_id",
        "method",
        "route",
        "status",
        "latency_ms",
        "model_version",
        "churn_probability",
        "customer_pseudonym",
    }
    assert (line["level"], line["route"], line["status"]) == ("info", "/predict", 200)
    assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)
    assert line["latency_ms"] > 0


def test_the_pseudonym_is_keyed_so_a_list_of_ids_does_not_undo_it(service):
    line = line_of_prediction(service, customer_id="C-77")

    keyed = hmac.new(KEY.encode(), b"C-77", hashlib.sha256).hexdigest()
    assert line["customer_pseudonym"] == keyed
    assert line["customer_pseudonym"] != hashlib.sha256(b"C-77").hexdigest()


def test_the_raw_id_is_nowhere_in_the_log(service):
    raw = f"ada-{uuid.uuid4()}"

    line_of_prediction(service, customer_id=raw)
    answer = service.predict(VALID | {"customer_id": raw, "total_orders": -1})
    service.log_lines(answer.headers["X-Request-ID"])

    assert raw not in service.log_text()


def test_a_rejected_request_is_logged_as_a_warning_without_prediction(service):
    answer = service.predict(VALID | {"total_orders": -1})

    (line,) = service.log_lines(answer.headers["X-Request-ID"])
    assert (line["level"], line["status"], line["route"]) == ("warning", 422, "/predict")
    assert "churn_probability" not in line and "customer_pseudonym" not in line


@pytest.mark.parametrize("sane", ["a", "order-7.A_b", "x" * 64])
def test_a_sane_request_id_is_kept(service, sane):
    answer = service.get("/health", headers={"X-Request-ID": sane})

    assert answer.headers["X-Request-ID"] == sane
    assert service.log_lines(sane)


@pytest.mark.parametrize("odd", ["", "x" * 65, "two words", 'a","level":"x', "é", "../a", "a,b"])
def test_an_odd_request_id_is_replaced(service, odd):
    answer = service.get("/health", headers={"X-Request-ID": odd.encode()})

    made = answer.headers["X-Request-ID"]
    assert len(made) == 32
    assert service.log_lines(made)


@pytest.mark.parametrize("forged", ["\n", "\r\n", "\u2028", "\x1b[2K", '"}\n{"level": "forged"}\n'])
def test_a_log_injection_attempt_stays_on_its_line(service, forged):
    before = len(service.log_text().split("\n"))

    line = line_of_prediction(service, customer_id=f"ada{forged}bob")
    path = service.get("/%0a%7B%22level%22:%22forged%22%7D%0a")
    service.log_lines(path.headers["X-Request-ID"])

    text = service.log_text()
    assert len(text.split("\n")) == before + 2
    assert "forged" not in text and "\x1b" not in text and text.isascii()
    assert line["status"] == 200


def test_the_route_is_the_rule_and_never_the_path(service):
    answer = service.get("/customers/ada@example.org?token=secret")

    (line,) = service.log_lines(answer.headers["X-Request-ID"])
    assert (line["route"], line["status"]) == ("unmatched", 404)
    assert "ada@example.org" not in service.log_text() and "secret" not in service.log_text()


def test_a_crash_is_a_500_without_internals_and_its_trace_one_line_of_the_log():
    done = subprocess.run(
        [sys.executable, "-c", CRASH], cwd=PROJECT, capture_output=True, check=True, text=True
    )

    trace, line = (json.loads(text) for text in done.stderr.splitlines())
    assert done.stdout.startswith("500 application/problem+json")
    assert "forest" not in done.stdout
    assert "RuntimeError" in trace["exception"] and trace["request_id"] == "crash-1"
    assert (line["level"], line["status"], line["request_id"]) == ("error", 500, "crash-1")
