"""The refusals are a decorator; the view itself has no conditions."""

import functools
import json

from flask import Response, abort, g, request

from churn_service.customer import parse_customer
from churn_service.predictor import Prediction
from churn_service.risk import risk_level


def guarded(predictor):
    def decorate(view):
        @functools.wraps(view)
        def wrapper():
            if predictor is None:
                abort(503)
            if request.mimetype.lower() != "application/json":
                abort(415)
            return view(parse_customer(request.get_data(cache=False)))

        return wrapper

    return decorate


def init_app(app, predictor):
    @app.route("/predict", methods=["POST"])
    @guarded(predictor)
    def churn(customer):
        p = predictor.predict_probability(customer)
        g.prediction = Prediction(customer.customer_id, p)
        body = dict(
            customer_id=customer.customer_id,
            churn_probability=p,
            churn_prediction=not p <= 0.5,
            risk_level=risk_level(p),
            model_version=predictor.model_version,
        )
        return Response(json.dumps(body), mimetype="application/json")
