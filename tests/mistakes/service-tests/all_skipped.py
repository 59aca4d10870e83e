# fails: test_there_are_tests_that_run
# says: pytest skipped all 2 tests
import pytest


@pytest.mark.skip(reason="later")
def test_health(client):
    assert client.get("/health").status_code == 200


@pytest.mark.xfail
def test_prediction(client):
    assert False
