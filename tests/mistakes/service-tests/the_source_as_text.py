# fails: test_they_pass_on_another_right_service
# says: test_thresholds_stand_in_the_source failed
import inspect

from churn_service import risk


def test_thresholds_stand_in_the_source():
    source = inspect.getsource(risk)
    assert "probability > HIGH_ABOVE" in source
    assert risk.HIGH_ABOVE == 0.7


def test_prediction(client, customer):
    assert client.post("/predict", json=customer).status_code == 200
