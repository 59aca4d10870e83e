"""POST /predict: one customer in, one churn prediction out."""

from flask import Flask, abort, g, request

from churn_service.customer import parse_customer
from churn_service.predictor import CHURNS_ABOVE, Prediction, Predictor
from churn_service.risk import risk_level


def init_app(app: Flask, predictor: Predictor | None) -> None:
    """Add POST /predict to the app.

    A request whose media type is not `application/json` (a charset parameter is allowed) is
    aborted with 415, and every request with 503 when there is no predictor.
    The body goes as bytes (`request.get_data()`) to `parse_customer`, and the customer to
    `predictor.predict_probability`. The answer is 200 with a JSON object:

    - `customer_id`: as it was sent
    - `churn_probability`: the predictor's number, not rounded
    - `churn_prediction`: true when the probability is above 0.5
    - `risk_level`: what `risk_level` says of the probability
    - `model_version`: the predictor's

    Before answering, the view leaves `Prediction(customer_id, churn_probability)` in
    `flask.g.prediction`, where the request log finds it. It catches nothing: an InvalidCustomer,
    an abort or a crash becomes a problem document in `problems.py`.
    """
    raise NotImplementedError("predict-endpoint")
