# fails: test_they_catch_broken_services
# says: let 10 of 16 through
import pytest


def status(client, body):
    return client.post("/predict", json=body).status_code


def test_right_requests(client, predictor, customer):
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code == 200
    for probability in (0, 0.4, 0.5, 0.7, 1):
        predictor.probability = probability
        assert status(client, customer) == 200
    assert status(client, customer | {"email_open_rate": 1}) == 200
    assert status(client, customer | {"customer_id": "x" * 128}) == 200


@pytest.mark.parametrize("value", [None, True, "12", -1, 2e9])
def test_wrong_values(client, customer, value):
    assert status(client, customer | {"lifetime_value": value}) == 422


def test_wrong_bodies(client, customer):
    assert status(client, customer | {"shoe_size": 42}) == 422
    assert status(client, {}) == 422
    assert status(client, []) == 422


def test_ready_with_a_broken_model(client, predictor):
    predictor.probability = RuntimeError("broken")
    assert client.get("/ready").status_code == 503


def test_wrong_addresses(client):
    assert client.get("/nowhere").status_code == 404
    assert client.get("/predict").status_code == 405
    assert client.post("/predict", data="x").status_code == 415


def test_crash(client, predictor, customer):
    predictor.probability = RuntimeError("broken")
    assert status(client, customer) == 500
