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
        # BEGIN SOLUTION
        if capacity < 1 or not ttl_seconds > 0:
            raise ValueError("a cache needs a capacity of 1 or more and a positive time to live")
        self._predictor = predictor
        self._capacity = capacity
        self._ttl_seconds = ttl_seconds
        self._clock = clock
        self._count = count
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple, tuple[float, float]] = OrderedDict()
        # END SOLUTION

    @property
    def model_version(self) -> str:
        """The version of the held predictor at this moment."""
        # BEGIN SOLUTION
        return self._predictor.model_version
        # END SOLUTION

    def predict_probability(self, customer: Customer) -> float:
        """Return the remembered probability, or that of the held predictor."""
        # BEGIN SOLUTION
        version = self._predictor.model_version
        key = (version, *feature_row(customer))
        known = self._recall(key)
        if known is not None:
            return known
        probability = self._predictor.predict_probability(customer)
        self._remember(key, probability)
        return probability
        # END SOLUTION

    def predict_probabilities(self, customers: Sequence[Customer]) -> list[float]:
        """Return a probability for each customer; the held predictor is asked once, for the rest.

        When the version changes while they are computed, all are asked for anew: one list never
        mixes the answers of two models.
        """
        # BEGIN SOLUTION
        version = self._predictor.model_version
        keys = [(version, *feature_row(customer)) for customer in customers]
        answers = [self._recall(key) for key in keys]
        missing = [place for place, answer in enumerate(answers) if answer is None]
        if missing:
            asked = self._predictor.predict_probabilities([customers[place] for place in missing])
            if self._predictor.model_version != version:
                return self._predictor.predict_probabilities(customers)
            for place, probability in zip(missing, asked, strict=True):
                answers[place] = probability
                self._remember(keys[place], probability)
        return answers
        # END SOLUTION

    # BEGIN SOLUTION
    def _recall(self, key: tuple) -> float | None:
        now = self._clock()
        with self._lock:
            probability, kept_at = self._answers.get(key, (None, now))
            if probability is not None and now - kept_at >= self._ttl_seconds:
                del self._answers[key]
                probability = None
            if probability is not None:
                self._answers.move_to_end(key)
        self._count("miss" if probability is None else "hit")
        return probability

    def _remember(self, key: tuple, probability: float) -> None:
        if self._predictor.model_version != key[0]:
            return
        now = self._clock()
        with self._lock:
            self._answers[key] = (probability, now)
            self._answers.move_to_end(key)
            while len(self._answers) > self._capacity:
                self._answers.popitem(last=False)

    # END SOLUTION
