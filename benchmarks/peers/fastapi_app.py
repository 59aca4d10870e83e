"""FastAPI and pydantic around the same ONNX model, with the same metrics and the same log line."""

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
from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry, Counter, Histogram
from pydantic import BaseModel, ConfigDict, Field

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
app = FastAPI()


class Customer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    customer_id: str = Field(min_length=1, max_length=128)
    days_since_last_order: float = Field(ge=0, le=1e9)
    total_orders: float = Field(ge=0, le=1e9)
    lifetime_value: float = Field(ge=0, le=1e9)
    email_open_rate: float = Field(ge=0, le=1)


class Prediction(BaseModel):
    customer_id: str
    churn_probability: float
    churn_prediction: bool
    risk_level: str
    model_version: str


@app.post("/predict")
async def predict(customer: Customer, request: Request) -> Prediction:
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
        "request_id": request.headers.get("x-request-id") or uuid.uuid4().hex,
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
    return Prediction(
        customer_id=customer.customer_id,
        churn_probability=probability,
        churn_prediction=probability > 0.5,
        risk_level="high" if probability > 0.7 else "medium" if probability > 0.4 else "low",
        model_version="v2",
    )
