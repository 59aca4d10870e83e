"""Tables of series made at once; the view and the counting share one wrapper around the WSGI app."""

import os
import time

from flask import Response, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]
TENTHS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
KNOWN_FIELDS = {
    "customer_id", "days_since_last_order", "total_orders", "lifetime_value", "email_open_rate",
    "body", "other",
}
KNOWN_METHODS = frozenset("GET HEAD POST PUT DELETE OPTIONS PATCH TRACE CONNECT".split())


class ServiceMetrics:
    def __init__(self, model_version):
        self.registry = CollectorRegistry()
        self.version = "none" if model_version is None else model_version

        def made(kind, name, *labels, **options):
            return kind(name, name.replace("_", " "), labels, registry=self.registry, **options)

        self.requests = made(Counter, "http_requests_total", "method", "route", "status")
        self.durations = made(
            Histogram, "http_request_duration_seconds", "method", "route", buckets=SECONDS
        )
        self.predictions = made(Counter, "ml_predictions_total", "model_version", "outcome")
        self.latency = made(
            Histogram, "ml_prediction_latency_seconds", "model_version", buckets=SECONDS
        )
        self.score = made(Histogram, "ml_prediction_score", "model_version", buckets=TENTHS)
        self.failures = made(Counter, "validation_failures_total", "field")
        self.cache = made(Counter, "prediction_cache_total", "outcome")
        self.dropped = made(Counter, "prediction_log_dropped_total")
        self.info = made(Gauge, "model_info", "version", multiprocess_mode="livemostrecent")
        self.info.labels(version=self.version).set(1)
        for outcome in ("churn", "stay", "error"):
            self.predictions.labels(self.version, outcome)
        for field in KNOWN_FIELDS:
            self.failures.labels(field)
        for outcome in ("hit", "miss"):
            self.cache.labels(outcome)
        self.latency.labels(self.version)
        self.score.labels(self.version)

    def count_request(self, method, route, status, seconds):
        if method not in KNOWN_METHODS:
            method = "other"
        self.requests.labels(method, route, str(status)).inc()
        self.durations.labels(method, route).observe(seconds)

    def count_prediction(self, probability, seconds):
        outcome = "stay" if probability <= 0.5 else "churn"
        self.predictions.labels(self.version, outcome).inc()
        self.latency.labels(self.version).observe(seconds)
        self.score.labels(self.version).observe(probability)

    def count_failed_prediction(self):
        self.predictions.labels(self.version, "error").inc()

    def count_field_problems(self, fields):
        for field in fields:
            self.failures.labels(field if field in KNOWN_FIELDS else "other").inc()

    def count_cache(self, outcome):
        self.cache.labels(outcome).inc()

    def count_dropped(self, rows):
        self.dropped.inc(rows)

    def exposition(self):
        folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if not folder:
            return generate_latest(self.registry), CONTENT_TYPE_LATEST
        together = CollectorRegistry()
        together.register(MultiProcessCollector(None, path=folder))
        return generate_latest(together), CONTENT_TYPE_LATEST


def init_app(app, metrics):
    def arrived():
        request.environ["counted.since"] = time.monotonic()

    def answered(response):
        rule = request.url_rule
        took = time.monotonic() - request.environ["counted.since"]
        metrics.count_request(
            request.method, "unmatched" if rule is None else rule.rule, response.status_code, took
        )
        refused = response.status_code == 400 or response.status_code == 422
        if refused and rule is not None and rule.rule.startswith("/predict"):
            for problem in response.get_json().get("errors") or []:
                metrics.count_field_problems([problem["field"]])
        return response

    def shown():
        text, kind = metrics.exposition()
        return Response(text, headers={"Content-Type": kind})

    app.before_request(arrived)
    app.after_request(answered)
    app.add_url_rule("/metrics", "metrics", shown)
