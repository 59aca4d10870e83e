"""The ONNX model, the metrics and the log line that the peers have in common with the service."""

import hashlib
import hmac
import json
import os
import sys
import time
import uuid
from datetime import UTC, datetime

import numpy as np
import onnxruntime
from prometheus_client import CollectorRegistry, Counter, Histogram

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(
    os.environ["BENCHMARK_ONNX"], options, providers=["CPUExecutionProvider"]
)
key = os.environ["CHURN_PSEUDONYM_KEY"].encode()
registry = CollectorRegistry()
requests = Counter("http_requests", "-", ["method", "route", "status"], registry=registry)
durations = Histogram("http_request_duration_seconds", "-", ["method", "route"], registry=registry)
predictions = Counter("ml_predictions", "-", ["model_version", "outcome"], registry=registry)
latency = Histogram(
    "ml_prediction_latency_seconds", "-", ["model_version"], registry=registry
).labels("v2")
score = Histogram("ml_prediction_score", "-", ["model_version"], registry=registry).labels("v2")
answered = requests.labels("POST", "/predict", "200")
duration = durations.labels("POST", "/predict")
outcomes = {True: predictions.labels("v2", "churn"), False: predictions.labels("v2", "stay")}


def predict_watched(customer, offered_id: str | None) -> dict:
    """Predict for whatever has a customer's attributes, count, write the line; return the answer."""
    started = time.perf_counter()
    row = [
        customer.days_since_last_order,
        customer.total_orders,
        customer.lifetime_value,
        customer.email_open_rate,
    ]
    asked = time.perf_counter()
    (both,) = session.run(["probabilities"], {"features": np.array([row], np.float32)})
    probability = min(both[0, 1].item(), 1.0)
    latency.observe(time.perf_counter() - asked)
    score.observe(probability)
    outcomes[probability > 0.5].inc()
    seconds = time.perf_counter() - started
    line = {
        "timestamp": datetime.now(UTC).isoformat(),
        "level": "info",
        "request_id": offered_id or uuid.uuid4().hex,
        "method": "POST",
        "route": "/predict",
        "status": 200,
        "latency_ms": round(seconds * 1000, 3),
        "model_version": "v2",
        "churn_probability": probability,
        "customer_pseudonym": hmac.new(
            key, customer.customer_id.encode(), hashlib.sha256
        ).hexdigest(),
    }
    sys.stderr.write(json.dumps(line) + "\n")
    answered.inc()
    duration.observe(seconds)
    return {
        "customer_id": customer.customer_id,
        "churn_probability": probability,
        "churn_prediction": probability > 0.5,
        "risk_level": "high" if probability > 0.7 else "medium" if probability > 0.4 else "low",
        "model_version": "v2",
    }
