"""What the churn service promises, one promise a test.

Write tests that a correct service passes and a broken one does not. They get three fixtures from
`conftest.py`: `client`, a Flask test client of the service; `predictor`, the scripted predictor
behind it (set `predictor.probability`, read `predictor.asked`); `customer`, a valid body for
POST /predict. What the service prints on stderr is in pytest's `capsys.readouterr().err`.
"""

# BEGIN SOLUTION
import hashlib
import json
import time
from datetime import datetime, timedelta

import pytest


def named_fields(response):
    return {error["field"] for error in response.get_json()["errors"]}


def log_lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_health_names_the_models_version(client):
    response = client.get("/health")

    assert (response.status_code, response.get_json()) == (
        200,
        {"status": "healthy", "model_version": "v2"},
    )


def test_ready_needs_a_prediction_that_works(client, predictor):
    assert client.get("/ready").status_code == 200

    predictor.probability = RuntimeError("the forest is gone")

    assert client.get("/ready").status_code == 503


def test_a_prediction_has_the_five_members_and_nothing_else(client, predictor, customer):
    predictor.probability = 0.25

    response = client.post("/predict", json=customer)

    assert response.status_code == 200
    assert response.get_json() == {
        "customer_id": "C-1001",
        "churn_probability": 0.25,
        "churn_prediction": False,
        "risk_level": "low",
        "model_version": "v2",
    }


def test_the_model_is_asked_for_the_customer_that_was_sent(client, predictor, customer):
    client.post("/predict", json=customer)

    asked = predictor.asked[-1]
    assert asked.days_since_last_order == 45
    assert asked.total_orders == 12
    assert asked.lifetime_value_gbp == 310.5
    assert asked.email_open_rate == 0.35


@pytest.mark.parametrize(
    ("probability", "churns", "level"),
    [(0.4, False, "low"), (0.5, False, "medium"), (0.7, True, "medium"), (0.71, True, "high")],
)
def test_boundaries_belong_to_the_lower_level(
    client, predictor, customer, probability, churns, level
):
    predictor.probability = probability

    answer = client.post("/predict", json=customer).get_json()

    assert (answer["churn_prediction"], answer["risk_level"]) == (churns, level)


@pytest.mark.parametrize("value", [None, True, "12", [12], -1, 2e9, float("nan"), float("inf")])
def test_what_is_no_amount_is_rejected_naming_the_field(client, predictor, customer, value):
    customer["lifetime_value"] = value

    response = client.post("/predict", json=customer)

    assert response.status_code == 422
    assert named_fields(response) == {"lifetime_value"}
    assert predictor.asked == []


@pytest.mark.parametrize("name", ["days_since_last_order", "total_orders", "email_open_rate"])
def test_no_number_may_be_negative(client, customer, name):
    response = client.post("/predict", json=customer | {name: -0.5})

    assert (response.status_code, named_fields(response)) == (422, {name})


@pytest.mark.parametrize("customer_id", ["", "x" * 129, 7, None])
def test_an_id_is_a_string_of_1_to_128_characters(client, customer, customer_id):
    response = client.post("/predict", json=customer | {"customer_id": customer_id})

    assert (response.status_code, named_fields(response)) == (422, {"customer_id"})
    assert client.post("/predict", json=customer | {"customer_id": "x" * 128}).status_code == 200


def test_zero_and_an_open_rate_of_one_are_accepted(client, customer):
    customer |= {"days_since_last_order": 0, "total_orders": 0, "lifetime_value": 0}
    customer["email_open_rate"] = 1

    assert client.post("/predict", json=customer).status_code == 200


def test_all_problems_are_reported_at_once(client, customer):
    del customer["customer_id"]
    customer |= {"total_orders": -1, "email_open_rate": 1.5, "shoe_size": 42}

    response = client.post("/predict", json=customer)

    assert named_fields(response) == {
        "customer_id",
        "total_orders",
        "email_open_rate",
        "shoe_size",
    }


def test_a_field_that_comes_twice_is_rejected(client, customer):
    body = json.dumps(customer)[:-1] + ', "total_orders": 3}'

    response = client.post("/predict", data=body, content_type="application/json")

    assert response.status_code == 422
    assert named_fields(response) == {"total_orders"}


@pytest.mark.parametrize(
    ("body", "status"), [("{", 400), (b"\xff", 400), ("[" * 9000, 400), ("[]", 422), ("", 400)]
)
def test_a_body_that_is_no_object_is_a_problem_of_the_body(client, body, status):
    response = client.post("/predict", data=body, content_type="application/json")

    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert named_fields(response) == {"body"}


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/predict", {}, 405),
        ("POST", "/predict", {"data": "x", "content_type": "text/plain"}, 415),
        ("POST", "/predict", {"data": "x" * 20_000, "content_type": "application/json"}, 413),
    ],
)
def test_every_error_is_a_problem_document(client, method, path, sent, status):
    response = client.open(path, method=method, **sent)

    assert response.status_code == response.get_json()["status"] == status
    assert response.mimetype == "application/problem+json"


def test_the_body_limit_is_16384_bytes_exactly(client, customer):
    body = json.dumps(customer)

    def status(length):
        sent = {"data": body.ljust(length), "content_type": "application/json"}
        return client.post("/predict", **sent).status_code

    assert (status(16_384), status(16_385)) == (200, 413)


def test_a_method_not_allowed_says_which_are(client):
    assert "POST" in client.get("/predict").headers["Allow"]


def test_a_crash_tells_the_caller_nothing(client, predictor, customer):
    predictor.probability = RuntimeError("secret path /srv/model")

    response = client.post("/predict", json=customer)

    assert response.status_code == 500
    assert response.mimetype == "application/problem+json"
    assert "secret" not in response.text
    assert "Traceback" not in response.text


def test_a_sane_request_id_comes_back_and_is_logged(client, capsys):
    response = client.get("/health", headers={"X-Request-ID": "order-7.A_b"})

    assert response.headers["X-Request-ID"] == "order-7.A_b"
    assert log_lines(capsys)[-1]["request_id"] == "order-7.A_b"


@pytest.mark.parametrize("offered", ["", "two words", "x" * 65, '"}{"', "\x1b[31m"])
def test_an_odd_request_id_is_replaced(client, offered):
    answered = client.get("/health", headers={"X-Request-ID": offered}).headers["X-Request-ID"]

    assert answered
    assert answered != offered


def test_a_prediction_is_one_log_line_without_the_customers_id(client, predictor, customer, capsys):
    predictor.probability = 0.25
    customer["customer_id"] = 'Ada\n{"level": "forged"}'

    client.post("/predict", json=customer)

    printed = capsys.readouterr().err
    assert len(printed.splitlines()) == 1
    assert "Ada" not in printed
    line = json.loads(printed)
    assert (line["route"], line["status"], line["level"]) == ("/predict", 200, "info")
    assert (line["model_version"], line["churn_probability"]) == ("v2", 0.25)
    assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)


def test_a_customer_keeps_one_pseudonym_and_shares_it_with_nobody(client, customer, capsys):
    for customer_id in ("ann", "ann", "bob"):
        client.post("/predict", json=customer | {"customer_id": customer_id})

    ann, ann_again, bob = (line["customer_pseudonym"] for line in log_lines(capsys))
    assert ann == ann_again != bob
    assert ann != hashlib.sha256(b"ann").hexdigest()  # anyone could compute that from a list of ids


def test_the_latency_is_in_milliseconds(client, predictor, customer, capsys, monkeypatch):
    monkeypatch.setattr(predictor, "predict_probability", lambda _: time.sleep(0.03) or 0.5)

    client.post("/predict", json=customer)

    assert log_lines(capsys)[-1]["latency_ms"] >= 20


def test_an_unknown_path_is_logged_without_the_path(client, capsys):
    client.get("/customers/ada@example.org")

    printed = capsys.readouterr().err
    assert "ada@example.org" not in printed
    line = json.loads(printed)
    assert (line["route"], line["status"], line["level"]) == ("unmatched", 404, "warning")


# END SOLUTION
