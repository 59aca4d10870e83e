# fails: test_they_catch_broken_services
# says: let 5 of 16 through
import json

import pytest


def told(response):
    return response.status_code, {e["field"] for e in response.get_json()["errors"]}


def test_health_and_ready(client, predictor):
    assert client.get("/health").get_json()["model_version"] == "v2"
    assert client.get("/ready").status_code == 200
    predictor.probability = RuntimeError("broken")
    assert client.get("/ready").status_code == 503


@pytest.mark.parametrize(
    ("probability", "churns", "level"), [(0.1, False, "low"), (0.6, True, "medium"), (0.9, True, "high")]
)
def test_levels(client, predictor, customer, probability, churns, level):
    predictor.probability = probability
    answer = client.post("/predict", json=customer).get_json()
    assert (answer["churn_prediction"], answer["risk_level"]) == (churns, level)
    assert (predictor.asked[0].days_since_last_order, predictor.asked[0].total_orders) == (45, 12)


@pytest.mark.parametrize("value", [None, True, "12", -100])
def test_wrong_values(client, customer, value):
    assert told(client.post("/predict", json=customer | {"lifetime_value": value})) == (422, {"lifetime_value"})


def test_all_problems(client, customer):
    body = customer | {"email_open_rate": 17, "customer_id": "x" * 1000, "shoe_size": 42}
    response = client.post("/predict", json=body)
    assert told(response) == (422, {"email_open_rate", "customer_id", "shoe_size"})
    assert response.mimetype == "application/problem+json"


def test_twice(client, customer):
    body = json.dumps(customer)[:-1] + ', "total_orders": 1}'
    response = client.post("/predict", data=body, content_type="application/json")
    assert told(response) == (422, {"total_orders"})


def test_a_large_body(client):
    response = client.post("/predict", data=b" " * 1_000_000, content_type="application/json")
    assert response.status_code == 413


def test_crash(client, predictor, customer):
    predictor.probability = RuntimeError("secret")
    assert "secret" not in client.post("/predict", json=customer).text


def test_log(client, customer, capsys):
    client.post("/predict", json=customer, headers={"X-Request-ID": "no id at all"})
    printed = capsys.readouterr().err
    assert customer["customer_id"] not in printed and "no id" not in printed
