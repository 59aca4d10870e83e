"""The second right service: the view is an object, and its keys come in another order."""

from flask import g, jsonify, request
from werkzeug.exceptions import ServiceUnavailable, UnsupportedMediaType

from churn_service import customer as customers
from churn_service import risk
from churn_service.predictor import Prediction


class Predict:
    __name__ = "predict"

    def __init__(self, predictor):
        self.predictor = predictor

    def __call__(self):
        if self.predictor is None:
            raise ServiceUnavailable("There is nothing to predict with at the moment.")
        if request.mimetype != "application/json":
            raise UnsupportedMediaType("Only application/json is understood here.")
        asked = customers.parse_customer(request.get_data())
        probability = self.predictor.predict_probability(asked)
        g.prediction = Prediction(asked.customer_id, probability)
        return jsonify(
            model_version=self.predictor.model_version,
            risk_level=risk.risk_level(probability),
            churn_prediction=not probability <= 0.5,
            churn_probability=probability,
            customer_id=asked.customer_id,
        )


def init_app(app, predictor):
    app.add_url_rule("/predict", view_func=Predict(predictor), methods=["POST"])
