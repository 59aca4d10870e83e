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
    # BEGIN SOLUTION
    if len(churned) != len(probability):
        raise ValueError(f"{len(churned)} outcomes, but {len(probability)} probabilities")
    if len(churned) == 0:
        raise ValueError("there are no customers to measure")
    outcome = np.asarray(churned, dtype=bool)
    scores = np.asarray(probability, dtype="float64")
    strange = scores[~((scores >= 0) & (scores <= 1))]  # NaN compares false, so it is caught too
    if len(strange):
        raise ValueError(f"a probability lies between 0 and 1, not at {strange[0]}")
    if outcome.all() or not outcome.any():
        kind = "churned" if outcome[0] else "stayed"
        raise ValueError(f"all {len(outcome)} customers {kind}: both outcomes are needed")
    return outcome, scores
    # END SOLUTION


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
    # BEGIN SOLUTION
    outcome, scores = parse_outcomes(churned, probability)
    predicted = scores > threshold
    return {
        "roc_auc": float(roc_auc_score(outcome, scores)),
        "average_precision": float(average_precision_score(outcome, scores)),
        "brier_score": float(brier_score_loss(outcome, scores)),
        "confusion": {
            "true_positive": int(np.sum(predicted & outcome)),
            "false_positive": int(np.sum(predicted & ~outcome)),
            "true_negative": int(np.sum(~predicted & ~outcome)),
            "false_negative": int(np.sum(~predicted & outcome)),
        },
    }
    # END SOLUTION


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
    # BEGIN SOLUTION
    outcome, scores = parse_outcomes(churned, probability)
    for cost in (false_positive_cost_gbp, false_negative_cost_gbp):
        if not (math.isfinite(cost) and cost >= 0):
            raise ValueError(f"a cost is a finite number of GBP from 0 up, not {cost}")
    # Only a step past somebody's probability changes who is contacted.
    cuts = np.concatenate([[EVERYBODY], np.unique(scores)])
    missed = np.searchsorted(np.sort(scores[outcome]), cuts, side="right")
    loyal = np.sort(scores[~outcome])
    disturbed = len(loyal) - np.searchsorted(loyal, cuts, side="right")
    cost = disturbed * false_positive_cost_gbp + missed * false_negative_cost_gbp
    return float(cuts[np.argmin(cost)])
    # END SOLUTION
