"""Views as methods of a class, registered by rule; the range is asked with math."""

import logging
import math

from flask.views import MethodView

from churn_service.predictor import Customer
from churn_service.problems import problem_response

PROBE = Customer("probe", 1.0, 1.0, 1.0, 0.1)


class Health(MethodView):
    def __init__(self, predictor):
        self.predictor = predictor

    def get(self):
        return {"status": "healthy", "model_version": getattr(self.predictor, "model_version", None)}


class Ready(Health):
    def get(self):
        try:
            probability = float(self.predictor.predict_probability(PROBE))
            if math.isnan(probability) or probability < 0 or probability > 1:
                raise ValueError(probability)
        except Exception:
            logging.exception("not ready")
            return problem_response(503, "Not ready", "The service cannot predict now.")
        return {"status": "ready", "model_version": self.predictor.model_version}


def init_app(app, predictor):
    app.add_url_rule("/health", view_func=Health.as_view("health", predictor))
    app.add_url_rule("/ready", view_func=Ready.as_view("ready", predictor))
