"""Requests are counted where Flask signals their end; the metrics stand in one table."""

import os
from time import perf_counter

from flask import g, make_response, request, request_finished, request_started
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from churn_service.predictor import FEATURE_ORDER

UNMATCHED = "unmatched"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
FIELDS = ("customer_id", *FEATURE_ORDER, "body")
FINE = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.5, 2.5, 10)
TABLE = {
    "http_requests_total": (Counter, ("method", "route", "status"), {}),
    "http_request_duration_seconds": (Histogram, ("method", "route"), {"buckets": FINE}),
    "ml_predictions_total": (Counter, ("model_version", "outcome"), {}),
    "ml_prediction_latency_seconds": (Histogram, ("model_version",), {"buckets": FINE}),
    "ml_prediction_score": (
        Histogram,
        ("model_version",),
        {"buckets": tuple(n * 0.1 for n in range(1, 11))},
    ),
    "validation_failures_total": (Counter, ("field",), {}),
    "prediction_cache_total": (Counter, ("outcome",), {}),
    "prediction_log_dropped_total": (Counter, (), {}),
    "model_info": (Gauge, ("version",), {"multiprocess_mode": "max"}),
}


class ServiceMetrics:
    def __init__(self, model_version):
        self._own = CollectorRegistry(auto_describe=False)
        self._made = {
            name: kind(name, name, labels, registry=self._own, **options)
            for name, (kind, labels, options) in TABLE.items()
        }
        self._version = str(model_version or "none")
        self._of("model_info", self._version).set(1)
        for outcome in "churn stay error".split():
            self._of("ml_predictions_total", self._version, outcome)
        for field in [*FIELDS, "other"]:
            self._of("validation_failures_total", field)
        for outcome in "hit miss".split():
            self._of("prediction_cache_total", outcome)
        for name in ("ml_prediction_latency_seconds", "ml_prediction_score"):
            self._of(name, self._version)

    def _of(self, name, *values):
        return self._made[name].labels(*values)

    def count_request(self, method, route, status, seconds):
        method = method if method in METHODS else "other"
        self._of("http_requests_total", method, route, status).inc()
        self._of("http_request_duration_seconds", method, route).observe(seconds)

    def count_prediction(self, probability, seconds):
        outcome = "churn" if probability > 0.5 else "stay"
        self._of("ml_predictions_total", self._version, outcome).inc()
        self._of("ml_prediction_latency_seconds", self._version).observe(seconds)
        self._of("ml_prediction_score", self._version).observe(probability)

    def count_failed_prediction(self):
        self._of("ml_predictions_total", self._version, "error").inc()

    def count_field_problems(self, fields):
        for field in fields:
            name = field if field in FIELDS else "other"
            self._of("validation_failures_total", name).inc()

    def count_cache(self, outcome):
        self._of("prediction_cache_total", outcome).inc()

    def count_dropped(self, rows):
        self._made["prediction_log_dropped_total"].inc(rows)

    def exposition(self):
        registry = self._own
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        return generate_latest(registry), "text/plain; version=0.0.4; charset=utf-8"


def init_app(app, metrics):
    def start(sender, **_):
        g.stopwatch = perf_counter()

    def finish(sender, response, **_):
        seconds = perf_counter() - g.stopwatch
        rule = getattr(request.url_rule, "rule", UNMATCHED)
        metrics.count_request(request.method, rule, response.status_code, seconds)
        if response.status_code in {400, 422} and rule in {"/predict", "/predict/batch"}:
            told = response.get_json(silent=True) or {}
            metrics.count_field_problems([each["field"] for each in told.get("errors", ())])

    request_started.connect(start, app, weak=False)
    request_finished.connect(finish, app, weak=False)

    @app.route("/metrics", methods=["GET"])
    def metrics_page():
        body, content_type = metrics.exposition()
        response = make_response(body)
        response.headers["Content-Type"] = content_type
        return response
