# fails: test_they_pass_on_the_reference
# says: test_missing_fields failed in line 8: AssertionError: assert 422 == 400
def test_health(client):
    assert client.get("/health").status_code == 200


def test_missing_fields(client):
    assert client.post("/predict", json={}).status_code == 400
