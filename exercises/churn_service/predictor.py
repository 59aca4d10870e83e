"""The words the service is written in: a customer, a prediction, a thing that predicts."""

from dataclasses import dataclass
from typing import Protocol

# The four numbers the model was trained on, by their wire names, in the order of its columns.
FEATURE_ORDER = ("days_since_last_order", "total_orders", "lifetime_value", "email_open_rate")


@dataclass(frozen=True)
class Customer:
    """A customer as the model sees them. Whoever makes one has checked its values.

    `lifetime_value_gbp` is `lifetime_value` on the wire; `email_open_rate` is a share from 0 to 1.
    """

    customer_id: str
    days_since_last_order: float
    total_orders: float
    lifetime_value_gbp: float
    email_open_rate: float


@dataclass(frozen=True)
class Prediction:
    """What the predict view leaves in `flask.g.prediction`, for the request log to read."""

    customer_id: str
    churn_probability: float


class Predictor(Protocol):
    """Anything that can say how likely a customer is to leave.

    A model, a scripted stand-in for tests, a cache around a model: each is a predictor.
    """

    model_version: str

    def predict_probability(self, customer: Customer) -> float:
        """Return the probability, from 0 to 1, that the customer places no order in 90 days."""
        ...
