# fails: test_they_catch_broken_services
# says: let 16 of 16 through
def test_health(client):
    client.get("/health").get_json()


def test_prediction(client, predictor, customer):
    for probability in (0.4, 0.5, 0.7):
        predictor.probability = probability
        response = client.post("/predict", json=customer)
        response.status_code == 200
        response.get_json()["risk_level"] == "medium"
