"""The words the service is written in: a customer, a prediction, a thing that predicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

# The four numbers the model was trained on, by their wire names, in the order of its columns.
FEATURE_ORDER = ("days_since_last_order", "total_orders", "lifetime_value", "email_open_rate")

# The forest compares in float32. A billion is far beyond any customer, and far below where a
# float32 overflows to infinity, at which scikit-learn raises.
LARGEST_NUMBER = 1e9
LONGEST_CUSTOMER_ID = 128
CHURNS_ABOVE = 0.5  # a customer whose probability is above it is said to leave


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


def feature_row(customer: Customer) -> tuple[float, float, float, float]:
    """Return the four numbers of a customer in FEATURE_ORDER."""
    return (
        customer.days_since_last_order,
        customer.total_orders,
        customer.lifetime_value_gbp,
        customer.email_open_rate,
    )


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

    def predict_probabilities(self, customers: Sequence[Customer]) -> list[float]:
        """Return the probability of each customer, in order, at the cost of one call."""
        ...
