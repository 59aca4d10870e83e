"""Two tables: requests that must be refused, and requests that must be answered."""

import copy
import json
import re

import pytest

JSON = "application/json"
VERY_LONG = "i" * 128

REFUSED = [
    # what, changes to the customer, fields that the refusal names
    ("no id", {"customer_id": ...}, ["customer_id"]),
    ("an empty id", {"customer_id": ""}, ["customer_id"]),
    ("an id too long", {"customer_id": VERY_LONG + "i"}, ["customer_id"]),
    ("text for a number", {"total_orders": "12"}, ["total_orders"]),
    ("yes for a number", {"days_since_last_order": True}, ["days_since_last_order"]),
    ("null", {"email_open_rate": None}, ["email_open_rate"]),
    ("a negative value", {"lifetime_value": -0.01}, ["lifetime_value"]),
    ("a share above one", {"email_open_rate": 1.0001}, ["email_open_rate"]),
    ("an unknown field", {"totalorders": 3}, ["totalorders"]),
    ("two at once", {"total_orders": None, "extra": 1}, ["extra", "total_orders"]),
]

ANSWERED = [
    # probability, changes to the customer, prediction, level
    (0.0, {}, False, "low"),
    (0.4, {"email_open_rate": 1}, False, "low"),
    (0.4000001, {"email_open_rate": 0}, False, "medium"),
    (0.5, {"customer_id": VERY_LONG}, False, "medium"),
    (0.5000001, {"total_orders": 0}, True, "medium"),
    (0.7, {"lifetime_value": 0}, True, "medium"),
    (0.7000001, {"days_since_last_order": 0}, True, "high"),
    (1.0, {}, True, "high"),
]


def changed(customer, changes):
    body = copy.deepcopy(customer)
    for name, value in changes.items():
        if value is ...:
            del body[name]
        else:
            body[name] = value
    return body


@pytest.mark.parametrize("what, changes, named", REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(client, predictor, customer, what, changes, named):
    response = client.post("/predict", json=changed(customer, changes))
    problem = response.get_json()
    assert response.status_code == problem["status"] == 422
    assert response.content_type.startswith("application/problem+json")
    assert sorted(error["field"] for error in problem["errors"]) == named
    assert not predictor.asked


@pytest.mark.parametrize("probability, changes, churns, level", ANSWERED)
def test_answered(client, predictor, customer, probability, changes, churns, level):
    body = changed(customer, changes)
    predictor.probability = probability
    response = client.post("/predict", json=body)
    assert response.status_code == 200
    assert response.get_json() == {
        "customer_id": body["customer_id"],
        "churn_probability": probability,
        "churn_prediction": churns,
        "risk_level": level,
        "model_version": "v2",
    }
    (asked,) = predictor.asked
    numbers = [asked.days_since_last_order, asked.total_orders, asked.lifetime_value_gbp, asked.email_open_rate]
    names = ["days_since_last_order", "total_orders", "lifetime_value", "email_open_rate"]
    assert numbers == [body[name] for name in names]


@pytest.mark.parametrize("size, status", [(16384, 200), (16385, 413)])
def test_body_size(client, customer, size, status):
    body = json.dumps(customer).encode() + b"\n" * 20000
    assert client.post("/predict", data=body[:size], content_type=JSON).status_code == status


def test_repeated_field(client, customer):
    body = '{"lifetime_value": 1, ' + json.dumps(customer)[1:]
    assert client.post("/predict", data=body, content_type=JSON).status_code == 422


def test_a_broken_model(client, predictor, customer):
    predictor.probability = ZeroDivisionError("at /srv/forest.bin")
    assert client.get("/ready").status_code == 503
    assert client.get("/health").status_code == 200
    response = client.post("/predict", json=customer)
    assert response.status_code == 500 and "forest" not in response.text


@pytest.mark.parametrize("odd", ["a b", "<script>", "y" * 100])
def test_request_ids(client, capsys, odd):
    assert client.get("/ready", headers={"X-Request-ID": "it.is-1"}).headers["X-Request-ID"] == "it.is-1"
    made = client.get("/ready", headers={"X-Request-ID": odd}).headers["X-Request-ID"]
    assert re.fullmatch("[A-Za-z0-9._-]{1,64}", made)
    assert odd not in capsys.readouterr().err


def test_privacy(client, customer, capsys):
    client.post("/predict", json=customer)
    assert customer["customer_id"] not in capsys.readouterr().err
