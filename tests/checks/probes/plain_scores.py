"""Runs beside the project: asks for the scores and tries to store them as JSON."""

import json


def stored_scores(churned: list, probability: list) -> str:
    """What `json.dumps` makes of the learner's result, as it is."""
    from pipeline.evaluate import evaluate

    return json.dumps(evaluate(churned, probability))


def stored_threshold(churned: list, probability: list, costs: dict) -> str:
    """What `json.dumps` makes of the chosen threshold; NaN and infinity are no JSON."""
    from pipeline.evaluate import choose_threshold

    return json.dumps(choose_threshold(churned, probability, **costs), allow_nan=False)
