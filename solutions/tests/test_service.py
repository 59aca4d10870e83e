"""What the churn service promises, one promise a test.

Write tests that every right service passes and a broken one does not. `conftest.py` gives them:

- `client`: a Flask test client of the service, as in `client.post("/predict", json=customer)`
- `predictor`: the scripted predictor behind it; set `predictor.probability` (an exception is
  raised), read `predictor.asked`, a list of the customers it was asked for
- `customer`: a valid body for POST /predict

pytest's own `capsys.readouterr().err` holds what the service logged so far in the test.
"""

# BEGIN SOLUTION
import json

import pytest


def told(response):
    """The status of a refusal and the fields it names."""
    return response.status_code, {error["field"] for error in response.get_json()["errors"]}


def test_health_names_the_models_version(client):
    assert client.get("/health").get_json() == {"status": "healthy", "model_version": "v2"}


def test_ready_means_that_the_model_predicts_now(client, predictor):
    assert client.get("/ready").status_code == 200

    predictor.probability = RuntimeError("the forest is gone")

    assert client.get("/ready").status_code == 503


def test_a_prediction_has_five_members(client, predictor, customer):
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
    assert (asked.days_since_last_order, asked.total_orders) == (45, 12)
    assert (asked.lifetime_value_gbp, asked.email_open_rate) == (310.5, 0.35)


@pytest.mark.parametrize(
    ("probability", "churns", "level"),
    [(0.4, False, "low"), (0.5, False, "medium"), (0.7, True, "medium"), (0.71, True, "high")],
)
def test_a_boundary_belongs_to_the_lower_level(
    client, predictor, customer, probability, churns, level
):
    predictor.probability = probability

    answer = client.post("/predict", json=customer).get_json()

    assert (answer["churn_prediction"], answer["risk_level"]) == (churns, level)


@pytest.mark.parametrize(
    ("field", "value"),
    [("lifetime_value", value) for value in (None, True, "12", [12], -1, 2e9, float("nan"))]
    + [("customer_id", value) for value in ("", "x" * 129, 7, None)]
    + [("days_since_last_order", -1), ("total_orders", -1), ("email_open_rate", 1.01)],
)
def test_an_impossible_value_is_refused_naming_the_field(client, predictor, customer, field, value):
    assert told(client.post("/predict", json=customer | {field: value})) == (422, {field})
    assert predictor.asked == []


@pytest.mark.parametrize(
    "extreme",
    [
        {"customer_id": "x" * 128},
        {"days_since_last_order": 0, "total_orders": 0, "lifetime_value": 0, "email_open_rate": 1},
    ],
)
def test_the_limits_themselves_are_accepted(client, customer, extreme):
    assert client.post("/predict", json=customer | extreme).status_code == 200


def test_a_body_of_16384_bytes_is_read(client, customer):
    body = json.dumps(customer).ljust(16_384)

    assert client.post("/predict", data=body, content_type="application/json").status_code == 200


def test_all_problems_are_reported_at_once(client, customer):
    del customer["customer_id"]
    customer |= {"total_orders": -1, "email_open_rate": 1.5, "shoe_size": 42}

    named = {"customer_id", "total_orders", "email_open_rate", "shoe_size"}
    assert told(client.post("/predict", json=customer)) == (422, named)


@pytest.mark.parametrize(("body", "status"), [("{", 400), ("[" * 9000, 400), ("[]", 422)])
def test_a_body_that_is_no_object_is_refused(client, body, status):
    response = client.post("/predict", data=body, content_type="application/json")

    assert told(response) == (status, {"body"})


def test_a_field_that_comes_twice_is_refused(client, customer):
    body = json.dumps(customer)[:-1] + ', "total_orders": 3}'

    response = client.post("/predict", data=body, content_type="application/json")

    assert told(response) == (422, {"total_orders"})


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/predict", {}, 405),
        ("POST", "/predict", {"data": "x", "content_type": "text/plain"}, 415),
        ("POST", "/predict", {"data": b" " * 16_385, "content_type": "application/json"}, 413),
        ("POST", "/predict", {"json": {}}, 422),
    ],
)
def test_every_error_is_a_problem_document(client, method, path, sent, status):
    response = client.open(path, method=method, **sent)

    assert response.status_code == response.get_json()["status"] == status
    assert response.mimetype == "application/problem+json"


def test_a_crash_tells_the_caller_nothing(client, predictor, customer):
    predictor.probability = RuntimeError("secret path /srv/model")

    response = client.post("/predict", json=customer)

    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert "secret" not in response.text and "Traceback" not in response.text


def test_a_sane_request_id_comes_back_and_is_logged(client, capsys):
    response = client.get("/health", headers={"X-Request-ID": "order-7.A_b"})

    assert response.headers["X-Request-ID"] == "order-7.A_b"
    assert json.loads(capsys.readouterr().err)["request_id"] == "order-7.A_b"


@pytest.mark.parametrize("offered", ["", "two words", "x" * 65, '"}{"', "\x1b[31m"])
def test_an_odd_request_id_is_replaced(client, offered):
    answered = client.get("/health", headers={"X-Request-ID": offered}).headers["X-Request-ID"]

    assert answered not in ("", offered)


def test_a_prediction_is_one_line_of_the_log_without_the_id(client, predictor, customer, capsys):
    predictor.probability = 0.25

    client.post("/predict", json=customer | {"customer_id": 'Ada\n{"level": "forged"}'})

    printed = capsys.readouterr().err
    line = json.loads(printed)
    assert len(printed.splitlines()) == 1 and "Ada" not in printed
    assert (line["route"], line["status"], line["level"]) == ("/predict", 200, "info")
    assert (line["model_version"], line["churn_probability"]) == ("v2", 0.25)


def test_a_customer_keeps_one_pseudonym_and_shares_it_with_nobody(client, customer, capsys):
    for customer_id in ("ann", "ann", "bob"):
        client.post("/predict", json=customer | {"customer_id": customer_id})

    lines = map(json.loads, capsys.readouterr().err.splitlines())
    ann, ann_again, bob = (line["customer_pseudonym"] for line in lines)
    assert ann == ann_again != bob


def test_an_unknown_path_is_logged_without_the_path(client, capsys):
    client.get("/customers/ada@example.org")

    printed = capsys.readouterr().err
    assert "ada@example.org" not in printed
    assert json.loads(printed)["route"] == "unmatched"


# END SOLUTION
