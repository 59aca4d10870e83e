"""Plain Python from the definitions; no NumPy, no scikit-learn, no helper that the starter names."""

from itertools import groupby
from math import inf


def _refuse(churned, probability):
    if len(churned) != len(probability):
        raise ValueError(f"lengths {len(churned)} and {len(probability)}")
    if not churned:
        raise ValueError("nothing given")
    for p in probability:
        if not 0 <= p <= 1:
            raise ValueError(f"{p} is outside 0..1")
    if sum(churned) in (0, len(churned)):
        raise ValueError("a single class")


def _steps(churned, probability):
    """From the highest probability down: (probability, churners here, loyal customers here)."""
    ranked = sorted(zip(probability, churned), key=lambda pair: -pair[0])
    for p, group in groupby(ranked, key=lambda pair: pair[0]):
        outcomes = [c for _, c in group]
        yield p, sum(outcomes), len(outcomes) - sum(outcomes)


def evaluate(churned, probability, *, threshold=0.5):
    _refuse(churned, probability)
    positives = sum(churned)
    negatives = len(churned) - positives
    found = disturbed = right = found_above = disturbed_above = 0
    precision = 0.0
    for p, here, loyal in _steps(churned, probability):
        right += here * (negatives - disturbed - loyal) + here * loyal / 2
        found, disturbed = found + here, disturbed + loyal
        precision += here / positives * found / (found + disturbed)
        if p > threshold:
            found_above, disturbed_above = found, disturbed
    return {
        "confusion": {
            "true_positive": found_above,
            "false_positive": disturbed_above,
            "true_negative": negatives - disturbed_above,
            "false_negative": positives - found_above,
        },
        "roc_auc": right / (positives * negatives),
        "average_precision": precision,
        "brier_score": sum((p - c) ** 2 for p, c in zip(probability, churned)) / len(churned),
    }


def choose_threshold(churned, probability, *, false_positive_cost_gbp, false_negative_cost_gbp):
    _refuse(churned, probability)
    costs = (false_positive_cost_gbp, false_negative_cost_gbp)
    if any(not 0 <= cost < inf for cost in costs):
        raise ValueError(f"impossible costs {costs}")
    total = sum(churned) * false_negative_cost_gbp
    best, threshold = total, 1.0
    steps = list(_steps(churned, probability))
    below = [p for p, _, _ in steps[1:]] + [steps[-1][0] - 1]
    for (p, here, loyal), following in zip(steps, below):
        total += loyal * false_positive_cost_gbp - here * false_negative_cost_gbp
        if total < best:
            best, threshold = total, (p + following) / 2
    return threshold
