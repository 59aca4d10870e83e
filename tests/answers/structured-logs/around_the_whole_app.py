"""A WSGI wrapper writes the line once the app has answered; a hook tells it the route and the prediction."""

import dataclasses
import hashlib
import hmac
import json
import logging
import re
import secrets
import sys
from datetime import datetime, timezone
from time import perf_counter_ns
from typing import Any

from flask import g, request


@dataclasses.dataclass
class Line:
    timestamp: str
    level: str
    request_id: str
    method: str
    route: str
    status: int
    latency_ms: float
    model_version: Any


def choose_request_id(offered):
    if re.match(r"\A[a-z0-9._-]{1,64}\Z", offered or "", re.ASCII | re.IGNORECASE):
        return offered
    return f"{secrets.randbits(128):032x}"


def pseudonym(customer_id, key):
    return hmac.digest(key, customer_id.encode(), "sha256").hex()


class Logged:
    def __init__(self, inner, key, version):
        self.inner, self.key, self.version = inner, key, version

    def __call__(self, environ, start_response):
        began, seen = perf_counter_ns(), {}
        request_id = choose_request_id(environ.get("HTTP_X_REQUEST_ID"))
        environ["churn.seen"] = seen

        def start(status, headers, exc_info=None):
            code = int(status[:3])
            line = dataclasses.asdict(
                Line(
                    datetime.now(tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00"),
                    {4: "warning", 5: "error"}.get(code // 100, "info"),
                    request_id,
                    environ["REQUEST_METHOD"],
                    seen.get("route") or "unmatched",
                    code,
                    (perf_counter_ns() - began) / 1_000_000,
                    self.version,
                )
            )
            if "prediction" in seen:
                line["churn_probability"] = seen["prediction"].churn_probability
                line["customer_pseudonym"] = pseudonym(seen["prediction"].customer_id, self.key)
            sys.stderr.write("".join((json.dumps(line), "\n")))
            return start_response(status, [*headers, ("X-Request-ID", request_id)], exc_info)

        return self.inner(environ, start)


def init_app(app, settings, model_version):
    app.wsgi_app = Logged(app.wsgi_app, settings.pseudonym_key, model_version)

    @app.after_request
    def tell(response):
        seen = request.environ["churn.seen"]
        seen["route"] = request.url_rule and request.url_rule.rule
        if hasattr(g, "prediction"):
            seen["prediction"] = g.prediction
        return response


def log_process_as_json():
    logging.basicConfig(level="WARNING", format="%(message)r")
