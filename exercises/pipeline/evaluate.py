"""How good are predicted churn probabilities, and from which one on is it worth to act?"""

import math

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

EVERYBODY = -1.0  # every probability lies strictly above it, 0.0 too


def parse_outcomes(churned: list[bool], probability: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return both lists as arrays (bool and float64, one entry per customer), or refuse them.

    Raises ValueError, with a message that says which of these it is: the lists differ in length;
    they are empty; a probability is NaN or outside 0 to 1; all customers have the same outcome
    (nothing can be ranked then).
    """
    raise NotImplementedError("evaluate-model")


def evaluate(churned: list[bool], probability: list[float], *, threshold: float = 0.5) -> dict:
    """Return the scores of one model on one set of customers.

    `churned` tells who churned, `probability` the predicted P(churn), in the same order. The keys:

    - roc_auc: of all pairs of a churner and a loyal customer, the share in which the churner has
      the higher probability; a tie counts one half.
    - average_precision: the sum over the distinct probabilities, from the highest down, of
      (recall here - recall one step before) * precision here. Customers with the same probability
      are one step. (scikit-learn's definition, without interpolation.)
    - brier_score: the mean of (probability - outcome) squared, with outcome 1 for churned.
    - confusion: a dict of four counts, true_positive, false_positive, true_negative and
      false_negative, where churn is predicted when probability > threshold: strictly above.

    All scores are plain Python floats and all counts plain ints, so that `json.dumps` takes the
    result as it is. Raises ValueError as `parse_outcomes` does.
    """
    raise NotImplementedError("evaluate-model")


def choose_threshold(
    churned: list[bool],
    probability: list[float],
    *,
    false_positive_cost_gbp: float,
    false_negative_cost_gbp: float,
) -> float:
    """Return a threshold at which acting on these customers costs least.

    A customer is contacted when probability > threshold: strictly above. Contacting one who would
    have stayed costs `false_positive_cost_gbp`; missing one who churns costs
    `false_negative_cost_gbp`. The total is the sum over all customers. No other threshold may give a
    lower total, be it to contact nobody (1.0) or everybody (a number below the lowest probability,
    which is negative when that is 0.0). Where several are equally good, any of them is right.

    The result is a plain, finite float: it will be stored as JSON. Raises ValueError as
    `parse_outcomes` does, and for a cost that is negative, infinite or NaN.
    """
    raise NotImplementedError("evaluate-model")
