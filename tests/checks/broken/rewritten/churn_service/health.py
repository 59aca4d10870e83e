"""The second right service: the views are methods of one class."""

import logging

from churn_service.predictor import Customer
from churn_service.problems import problem_response

SOMEBODY = Customer("somebody", 10.0, 2.0, 25.0, 0.1)


class Health:
    def __init__(self, predictor):
        self.predictor = predictor

    def told(self, status):
        return {"model_version": getattr(self.predictor, "model_version", None), "status": status}

    def alive(self):
        return self.told("healthy")

    def ready(self):
        try:
            probability = float(self.predictor.predict_probability(SOMEBODY))
            if not 0 <= probability <= 1:
                raise ValueError("no probability")
        except Exception:
            logging.getLogger("churn_service").exception("not ready")
            return problem_response(503, "Not Ready", "Predictions cannot be had at the moment.")
        return self.told("ready")


def init_app(app, predictor):
    health = Health(predictor)
    app.add_url_rule("/health", "alive", health.alive)
    app.add_url_rule("/ready", "ready", health.ready)
