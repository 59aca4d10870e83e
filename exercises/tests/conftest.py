"""The service under test: all of it real, but for a predictor that says what it is told."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from churn_service.app import create_app
from churn_service.predictor import Customer
from churn_service.settings import Settings


class ScriptedPredictor:
    """A predictor that returns the probability it was given and remembers whom it was asked for."""

    model_version = "v2"

    def __init__(self, probability: float = 0.25):
        self.probability = probability
        self.asked: list[Customer] = []

    def predict_probability(self, customer: Customer) -> float:
        """Return the scripted probability, or raise it when it is an exception."""
        self.asked.append(customer)
        if isinstance(self.probability, Exception):
            raise self.probability
        return self.probability

    def predict_probabilities(self, customers: Sequence[Customer]) -> list[float]:
        """Return the scripted probability once for each customer."""
        return [self.predict_probability(customer) for customer in customers]


@pytest.fixture
def predictor() -> ScriptedPredictor:
    """The predictor behind `client`; a test sets its `probability`."""
    return ScriptedPredictor()


@pytest.fixture
def client(predictor):
    """A test client of the service around `predictor`."""
    settings = Settings(model_dir=Path("unused"), pseudonym_key=b"a key for these tests only")
    return create_app(predictor, settings).test_client()


@pytest.fixture
def customer() -> dict:
    """A valid body for POST /predict, fresh for each test."""
    return {
        "customer_id": "C-1001",
        "days_since_last_order": 45,
        "total_orders": 12,
        "lifetime_value": 310.5,
        "email_open_rate": 0.35,
    }
