"""A predictor that holds a predictor and remembers what it said."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from churn_service.predictor import Customer, Predictor, feature_row


class CachedPredictor:
    """A `Predictor` that asks the one it holds only about what it has not been asked lately.

    The key of an answer is the four features and the model version: who the customer is does not
    matter to the model, and another version is another question.

    - At most `capacity` answers are kept; the one unused for longest goes first.
    - An answer is good for less than `ttl_seconds` by `clock()`, then it is asked for anew.
    - `model_version` is always that of the held predictor, which may change at any moment. An
      answer is kept only when the version was the same before and after it was computed: otherwise
      nobody can say whose answer it is.
    - What the held predictor raises is raised and not remembered.
    - Threads may share it. None waits for another's prediction: two that miss at the same moment
      may both ask.
    - `count("hit")` or `count("miss")` is called once for each customer asked about.
    """

    def __init__(
        self,
        predictor: Predictor,
        *,
        capacity: int,
        ttl_seconds: float,
        clock: Callable[[], float],
        count: Callable[[str], None] = lambda outcome: None,
    ):
        """Hold a predictor. Raises ValueError unless capacity and ttl_seconds are above 0."""
        raise NotImplementedError("prediction-cache")

    @property
    def model_version(self) -> str:
        """The version of the held predictor at this moment."""
        raise NotImplementedError("prediction-cache")

    def predict_probability(self, customer: Customer) -> float:
        """Return the remembered probability, or that of the held predictor."""
        raise NotImplementedError("prediction-cache")

    def predict_probabilities(self, customers: Sequence[Customer]) -> list[float]:
        """Return a probability for each customer; the held predictor is asked once, for the rest.

        When the version changes while they are computed, all are asked for anew: one list never
        mixes the answers of two models.
        """
        raise NotImplementedError("prediction-cache")

    # TODO(prediction-cache): your answer goes here.
