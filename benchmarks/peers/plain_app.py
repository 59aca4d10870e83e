"""The plain version that every tutorial shows: Flask, a joblib forest, `predict_proba` per request."""

import os

import joblib
from flask import Flask, jsonify, request

app = Flask(__name__)
model = joblib.load(os.environ["BENCHMARK_FOREST"])


@app.post("/predict")
def predict():
    asked = request.get_json()
    row = [
        asked["days_since_last_order"],
        asked["total_orders"],
        asked["lifetime_value"],
        asked["email_open_rate"],
    ]
    probability = float(model.predict_proba([row])[0, 1])
    return jsonify(
        customer_id=asked["customer_id"],
        churn_probability=probability,
        churn_prediction=probability > 0.5,
        risk_level="high" if probability > 0.7 else "medium" if probability > 0.4 else "low",
        model_version="v2",
    )
