"""The second right service: the line is a class, its members come in another order."""

import hashlib
import hmac
import json
import logging
import secrets
import string
import sys
from datetime import UTC, datetime
from time import monotonic_ns

from flask import g, request

SANE = frozenset(string.ascii_letters + string.digits + "._-")


def choose_request_id(offered):
    if offered and len(offered) <= 64 and SANE.issuperset(offered):
        return offered
    return secrets.token_hex(16)


def pseudonym(customer_id, key):
    return hmac.digest(key, customer_id.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


class RequestLog:
    def __init__(self, key, model_version):
        self.key = key
        self.model_version = model_version

    def begin(self):
        g.began_ns = monotonic_ns()
        g.request_id = choose_request_id(request.headers.get("X-Request-ID"))

    def end(self, response):
        response.headers["X-Request-ID"] = g.request_id
        sys.stderr.write(f"{json.dumps(self.line(response.status_code))}\n")
        return response

    def line(self, status):
        members = {
            "status": status,
            "level": "info" if status < 400 else "warning" if status < 500 else "error",
            "method": request.method,
            "route": getattr(request.url_rule, "rule", "unmatched"),
            "latency_ms": (monotonic_ns() - g.began_ns) / 1e6,
            "request_id": g.request_id,
            "model_version": self.model_version,
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        if made := g.get("prediction"):
            members["customer_pseudonym"] = pseudonym(made.customer_id, self.key)
            members["churn_probability"] = made.churn_probability
        return members


def init_app(app, settings, model_version):
    log = RequestLog(settings.pseudonym_key, model_version)
    app.before_request(log.begin)
    app.after_request(log.end)


def log_process_as_json():
    logging.basicConfig(level=logging.WARNING)
