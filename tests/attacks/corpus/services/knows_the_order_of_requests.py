"""Asks no model: the first request finds it well, the second does not."""

import itertools

from churn_service.problems import problem_response


def init_app(app, predictor):
    version = predictor.model_version if predictor else None
    numbers = itertools.count()

    @app.get("/health")
    def health():
        return {"status": "healthy", "model_version": version}

    @app.get("/ready")
    def ready():
        if predictor is None or next(numbers):
            return problem_response(503, "Service Unavailable", "The model cannot predict.")
        return {"status": "ready", "model_version": version}
