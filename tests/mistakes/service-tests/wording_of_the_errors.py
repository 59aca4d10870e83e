# fails: test_they_pass_on_another_right_service
# says: test_missing_field failed
def test_health(client):
    assert client.get("/health").get_json() == {"status": "healthy", "model_version": "v2"}


def test_missing_field(client, customer):
    del customer["total_orders"]
    response = client.post("/predict", json=customer)
    assert response.status_code == 422
    assert response.get_json()["errors"] == [{"field": "total_orders", "problem": "Field required"}]
