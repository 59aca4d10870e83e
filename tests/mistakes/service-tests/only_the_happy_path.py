# fails: test_they_catch_broken_services
# says: let 15 of 16 through
def test_health(client):
    response = client.get("/health")
    assert response.status_code == 200
    assert response.get_json()["status"] == "healthy"


def test_ready(client):
    assert client.get("/ready").status_code == 200


def test_predict(client, predictor, customer):
    predictor.probability = 0.9
    answer = client.post("/predict", json=customer).get_json()
    assert answer["customer_id"] == customer["customer_id"]
    assert answer["churn_probability"] == 0.9
    assert answer["churn_prediction"] is True
    assert answer["risk_level"] == "high"
    assert answer["model_version"] == "v2"


def test_the_model_gets_the_customer(client, predictor, customer):
    client.post("/predict", json=customer)
    assert predictor.asked[0].total_orders == customer["total_orders"]


def test_request_id(client):
    assert client.get("/health", headers={"X-Request-ID": "a-1"}).headers["X-Request-ID"] == "a-1"
