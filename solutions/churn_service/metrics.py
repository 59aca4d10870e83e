"""What the service counts, and GET /metrics, where a Prometheus comes to read it."""

import os
import time
from collections.abc import Iterable, Sequence

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from churn_service.observe_many import observe_many
from churn_service.predictor import CHURNS_ABOVE, FEATURE_ORDER

UNMATCHED = "unmatched"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
FIELDS = ("customer_id", *FEATURE_ORDER, "body")
PREDICTING = ("/predict", "/predict/batch")


class ServiceMetrics:
    """The counts of one service: traffic, errors, latency, and what its model says.

    | metric                                            | type      | what it counts                 |
    |---------------------------------------------------|-----------|--------------------------------|
    | `http_requests_total{method,route,status}`        | counter   | requests answered              |
    | `http_request_duration_seconds{method,route}`     | histogram | how long they took             |
    | `ml_predictions_total{model_version,outcome}`     | counter   | "churn", "stay" and "error"    |
    | `ml_prediction_latency_seconds{model_version}`    | histogram | how long a prediction took     |
    | `ml_prediction_score{model_version}`              | histogram | the probabilities              |
    | `validation_failures_total{field}`                | counter   | problems of refused bodies     |
    | `prediction_cache_total{outcome}`                 | counter   | "hit" and "miss"               |
    | `prediction_log_dropped_total`                    | counter   | rows the prediction log lost   |
    | `model_info{version}`                             | gauge     | always 1                       |

    A label is a promise: for each of its values there is a series, in memory here and for weeks in
    Prometheus. So every label takes its values from a short list. A method that is none of METHODS
    counts as "other", and so does a field that is none of FIELDS. Nothing that a caller makes up,
    no path and no customer id, becomes a label.

    The objectives of the service are 5 ms for half of the requests and 50 ms for 99 in 100. A
    histogram knows nothing between two of its bounds, so both latency histograms have a bound at
    0.005 and at 0.05, two or more below 0.005, one or more between them, and two or more above
    0.05. The score's bounds are 0.1, 0.2, ... 1.0.

    A counter that is first seen at 1 has, for Prometheus, not increased. So where the label values
    are known beforehand (outcomes, fields with "other", the cache, dropped rows) the series stand
    at 0 from the start.

    Two instances in one process know nothing of each other: the registry is the instance's own. The
    methods are called on every request: what can be looked up once is looked up once.
    """

    def __init__(self, model_version: str | None):
        """Start counting at zero. A service without a model has the version "none"."""
        # BEGIN SOLUTION
        self._registry = CollectorRegistry()
        version = model_version or "none"
        own = {"registry": self._registry}
        latency = {"buckets": (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)}
        self._requests = Counter(
            "http_requests_total", "Requests answered.", ["method", "route", "status"], **own
        )
        self._durations = Histogram(
            "http_request_duration_seconds",
            "Seconds from a request's arrival to its response.",
            ["method", "route"],
            **own,
            **latency,
        )
        predictions = Counter(
            "ml_predictions_total", "Predictions.", ["model_version", "outcome"], **own
        )
        self._churn, self._stay, self._error = (
            predictions.labels(version, outcome) for outcome in ("churn", "stay", "error")
        )
        self._prediction_latency = Histogram(
            "ml_prediction_latency_seconds",
            "Seconds a prediction took.",
            ["model_version"],
            **own,
            **latency,
        ).labels(version)
        self._score = Histogram(
            "ml_prediction_score",
            "Churn probabilities.",
            ["model_version"],
            buckets=[tenth / 10 for tenth in range(1, 11)],
            **own,
        ).labels(version)
        failures = Counter(
            "validation_failures_total", "Problems of refused bodies.", ["field"], **own
        )
        self._failures = {field: failures.labels(field) for field in (*FIELDS, "other")}
        cache = Counter(
            "prediction_cache_total", "Predictions asked of the cache.", ["outcome"], **own
        )
        self._cache = {outcome: cache.labels(outcome) for outcome in ("hit", "miss")}
        self._dropped = Counter(
            "prediction_log_dropped_total", "Rows the prediction log lost.", **own
        )
        # Of the processes that are alive: one that is gone has no model loaded.
        Gauge(
            "model_info", "The model served.", ["version"], multiprocess_mode="livemax", **own
        ).labels(version).set(1)
        self._routes: dict[tuple, tuple] = {}
        # END SOLUTION

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request. `route` is the rule that matched, or "unmatched"."""
        # BEGIN SOLUTION
        known = method if method in METHODS else "other"  # what a caller makes up is not kept
        asked = (known, route, status)
        counted = self._routes.get(asked)
        if counted is None:
            counted = (self._requests.labels(*asked), self._durations.labels(known, route))
            self._routes[asked] = counted
        counter, durations = counted
        counter.inc()
        durations.observe(seconds)
        # END SOLUTION

    def count_prediction(self, probability: float, seconds: float) -> None:
        """Count one prediction: "churn" when the probability is above 0.5, else "stay"."""
        # BEGIN SOLUTION
        (self._churn if probability > CHURNS_ABOVE else self._stay).inc()
        self._prediction_latency.observe(seconds)
        self._score.observe(probability)
        # END SOLUTION

    def count_failed_prediction(self) -> None:
        """Count one prediction that raised, or was no probability: outcome "error", no score."""
        # BEGIN SOLUTION
        self._error.inc()
        # END SOLUTION

    def count_field_problems(self, fields: Iterable[str]) -> None:
        """Count the problems of a refused body, one for each field named, repeats included."""
        # BEGIN SOLUTION
        for field in fields:
            self._failures.get(field, self._failures["other"]).inc()
        # END SOLUTION

    def count_cache(self, outcome: str) -> None:
        """Count one prediction that the cache had ("hit") or had not ("miss")."""
        # BEGIN SOLUTION
        self._cache[outcome].inc()
        # END SOLUTION

    def count_dropped(self, rows: int) -> None:
        """Count rows that the prediction log could not keep."""
        # BEGIN SOLUTION
        self._dropped.inc(rows)
        # END SOLUTION

    def exposition(self) -> tuple[bytes, str]:
        """Return all counts in Prometheus' text format, and the content type that says so.

        Several worker processes share one port, and a scrape reaches one of them. When
        PROMETHEUS_MULTIPROC_DIR is set, prometheus_client keeps each process's counts in a file of
        that folder, and a MultiProcessCollector, made afresh for each answer, adds them all up.
        """
        # BEGIN SOLUTION
        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        return generate_latest(registry), CONTENT_TYPE_LATEST
        # END SOLUTION

    # BEGIN SOLUTION
    def count_predictions(self, probabilities: Sequence[float], seconds: float) -> None:
        """Count the predictions of one call, `seconds` each, as count_prediction counts each."""
        churning = sum(probability > CHURNS_ABOVE for probability in probabilities)
        self._churn.inc(churning)
        self._stay.inc(len(probabilities) - churning)
        observe_many(self._prediction_latency, [seconds] * len(probabilities))
        observe_many(self._score, probabilities)

    # END SOLUTION


def init_app(app: Flask, metrics: ServiceMetrics) -> None:
    """Count every request of the app in `metrics`, and add GET /metrics.

    Every request counts, whatever its answer: 200, 404, 405, 413, 415, 422, 500, and those for
    /metrics too. The route is the rule that matched (`request.url_rule`), or "unmatched" when none
    did: also for a path that exists and a method it does not allow. The seconds run from the
    request's arrival to its response.

    When a route of PREDICTING refuses a body with 400 or 422, the answer is a problem document with
    `errors`, a list of `{"field": ..., "problem": ...}`: its fields go to `count_field_problems`.

    GET /metrics answers 200 with what `metrics.exposition()` returns. It asks the model nothing.
    """
    # BEGIN SOLUTION

    @app.before_request
    def note_arrival():
        g.counting_since = time.perf_counter()

    @app.after_request
    def count(response):
        asked = request._get_current_object()  # the proxy looks it up at each use
        route = asked.url_rule.rule if asked.url_rule else UNMATCHED
        seconds = time.perf_counter() - g.counting_since
        metrics.count_request(asked.method, route, response.status_code, seconds)
        if route in PREDICTING and response.status_code in (400, 422):
            errors = (response.get_json(silent=True) or {}).get("errors", [])
            metrics.count_field_problems(error["field"] for error in errors)
        return response

    @app.get("/metrics")
    def show_metrics():
        body, content_type = metrics.exposition()
        return Response(body, content_type=content_type)

    # END SOLUTION
