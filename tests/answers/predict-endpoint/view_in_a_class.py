"""The view is an object that holds its predictor; the answer is built by a function."""

from flask import g, jsonify, request
from werkzeug.exceptions import ServiceUnavailable, UnsupportedMediaType

from churn_service import customer as customers
from churn_service import risk
from churn_service.predictor import Prediction


def answer_for(customer_id, p, version):
    answer = {"model_version": version, "customer_id": customer_id, "churn_probability": p}
    answer["churn_prediction"] = bool(p > 0.5)
    answer["risk_level"] = risk.risk_level(p)
    return answer


class Predict:
    __name__ = "predict"

    def __init__(self, predictor):
        self.predictor = predictor

    def __call__(self):
        if not self.predictor:
            raise ServiceUnavailable("no model")
        if request.content_type is None or request.content_type.split(";")[0].strip().lower() != "application/json":
            raise UnsupportedMediaType("JSON only")
        customer = customers.parse_customer(request.data)
        p = float(self.predictor.predict_probability(customer))
        g.prediction = Prediction(customer_id=customer.customer_id, churn_probability=p)
        return jsonify(answer_for(customer.customer_id, p, self.predictor.model_version))


def init_app(app, predictor):
    app.add_url_rule("/predict", "predict", Predict(predictor), methods=["POST"])
