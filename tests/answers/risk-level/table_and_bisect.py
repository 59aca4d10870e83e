"""Thresholds in a table, found by bisection; the type is asked for exactly."""

from bisect import bisect_left

THRESHOLDS = [0.4, 0.7]
LEVELS = ["low", "medium", "high"]


def risk_level(probability):
    if type(probability) not in (int, float):
        raise TypeError(f"expected a number, got {probability!r}")
    if probability != probability or min(max(probability, 0), 1) != probability:
        raise ValueError(f"{probability} is outside 0..1")
    return LEVELS[bisect_left(THRESHOLDS, probability)]
