"""The line goes through the logging module: a formatter makes the JSON, a handler finds stderr late."""

import hashlib
import hmac
import json
import logging
import string
import sys
import time
import uuid

from flask import current_app, g, has_request_context, request

SANE = set(string.ascii_letters + string.digits + "._-")


class StderrOfTheMoment(logging.Handler):
    def emit(self, record):
        sys.stderr.write(self.format(record) + "\n")


class RequestLine(logging.Formatter):
    converter = time.gmtime

    def format(self, record):
        moment = self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z"
        return json.dumps({"level": record.levelname.lower(), "timestamp": moment, **record.members})


def choose_request_id(offered):
    if offered and len(offered) < 65 and not set(offered) - SANE:
        return offered
    return uuid.uuid1().hex


def pseudonym(customer_id, key):
    return hmac.HMAC(key, bytes(customer_id, "utf-8"), "sha256").digest().hex()


def init_app(app, settings, model_version):
    log = logging.Logger("requests", logging.INFO)
    handler = StderrOfTheMoment()
    handler.setFormatter(RequestLine())
    log.addHandler(handler)

    def arrive():
        g.request_id = choose_request_id(request.headers.get("X-Request-ID"))
        g.since = time.monotonic()

    def leave(response):
        code = response.status_code
        members = dict(
            request_id=g.request_id,
            method=request.method,
            route=str(request.url_rule or "unmatched"),
            status=code,
            latency_ms=1e3 * (time.monotonic() - g.since),
            model_version=model_version,
        )
        prediction = getattr(g, "prediction", None)
        if prediction is not None:
            members["churn_probability"] = prediction.churn_probability
            members["customer_pseudonym"] = pseudonym(prediction.customer_id, settings.pseudonym_key)
        level = (logging.INFO, logging.WARNING, logging.ERROR)[(code >= 400) + (code >= 500)]
        log.log(level, "request", extra={"members": members})
        response.headers.set("X-Request-ID", g.request_id)
        return response

    app.before_request(arrive)
    app.after_request(leave)


class JsonLines(logging.Formatter):
    def format(self, record):
        line = {"level": record.levelname.lower(), "message": record.getMessage()}
        if has_request_context() and current_app and "request_id" in g:
            line["request_id"] = g.request_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_process_as_json():
    handler = StderrOfTheMoment(logging.WARNING)
    handler.setFormatter(JsonLines())
    logging.root.handlers[:] = [handler]
