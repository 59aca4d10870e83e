"""Two questions an orchestrator asks: is the process alive, and can it predict?"""

import logging

from flask import Flask

from churn_service.predictor import Customer, Predictor
from churn_service.problems import problem_response

PROBE = Customer("readiness-probe", 30.0, 4.0, 80.0, 0.5)


def init_app(app: Flask, predictor: Predictor | None) -> None:
    """Add GET /health and GET /ready to the app.

    GET /health answers 200 `{"status": "healthy", "model_version": ...}` while the process can
    answer at all. The version is the predictor's `model_version`, or null without a predictor.

    GET /ready answers 200 `{"status": "ready", "model_version": ...}` only when the predictor has
    just predicted for PROBE and the probability lies between 0 and 1. Without a predictor, or when
    the prediction raises or is no probability, it answers 503 with a problem document made by
    `problem_response(status, title, detail)`. What was raised goes to the log, never to the caller.
    """
    raise NotImplementedError("health-endpoint")
