# fails: test_there_are_tests_that_run
# says: tests/test_service.py, line 3
from churn_service.service import client


def test_health():
    assert client.get("/health").status_code == 200
