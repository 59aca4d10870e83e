# fails: test_there_are_tests_that_run
# says: pytest found no test
def health_is_healthy(client):
    assert client.get("/health").get_json()["status"] == "healthy"


def check_prediction(client, customer):
    assert client.post("/predict", json=customer).status_code == 200
