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
        raise NotImplementedError("metrics")

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request. `route` is the rule that matched, or "unmatched"."""
        raise NotImplementedError("metrics")

    def count_prediction(self, probability: float, seconds: float) -> None:
        """Count one prediction: "churn" when the probability is above 0.5, else "stay"."""
        raise NotImplementedError("metrics")

    def count_failed_prediction(self) -> None:
        """Count one prediction that raised, or was no probability: outcome "error", no score."""
        raise NotImplementedError("metrics")

    def count_field_problems(self, fields: Iterable[str]) -> None:
        """Count the problems of a refused body, one for each field named, repeats included."""
        raise NotImplementedError("metrics")

    def count_cache(self, outcome: str) -> None:
        """Count one prediction that the cache had ("hit") or had not ("miss")."""
        raise NotImplementedError("metrics")

    def count_dropped(self, rows: int) -> None:
        """Count rows that the prediction log could not keep."""
        raise NotImplementedError("metrics")

    def exposition(self) -> tuple[bytes, str]:
        """Return all counts in Prometheus' text format, and the content type that says so.

        Several worker processes share one port, and a scrape reaches one of them. When
        PROMETHEUS_MULTIPROC_DIR is set, prometheus_client keeps each process's counts in a file of
        that folder, and a MultiProcessCollector, made afresh for each answer, adds them all up.
        """
        raise NotImplementedError("metrics")

    # TODO(metrics): your answer goes here.


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
    raise NotImplementedError("metrics")
