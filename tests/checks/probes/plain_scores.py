"""Runs beside the project: asks for the scores and tries to store them as JSON."""

import json


def stored_scores(churned: list, probability: list) -> str:
    """What `json.dumps` makes of the learner's result, as it is."""
    from pipeline.evaluate import evaluate

    return json.dumps(evaluate(churned, probability))


def stored_threshold(churned: list, probability: list, costs: dict) -> str:
    """The type of the chosen threshold, once `json.dumps` took it; NaN and infinity are no JSON."""
    from pipeline.evaluate import choose_threshold

    threshold = choose_threshold(churned, probability, **costs)
    json.dumps(threshold, allow_nan=False)
    return type(threshold).__name__
