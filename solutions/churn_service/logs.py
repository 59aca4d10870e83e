"""One JSON line per request on stderr: enough to answer questions, nothing that names a person."""

import hashlib
import hmac
import json
import logging
import re
import sys
import time
import uuid
from datetime import UTC, datetime

from flask import Flask, g, request

from churn_service.settings import Settings

SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
UNMATCHED = "unmatched"


def choose_request_id(offered: str | None) -> str:
    """Return the caller's request id when it is sane, else a new one (32 hexadecimal digits).

    Sane is 1 to 64 characters, each an ASCII letter, a digit, ".", "_" or "-". The whole text must
    match: a line break at the end is not sane either.
    """
    # BEGIN SOLUTION
    if offered is not None and SANE_REQUEST_ID.fullmatch(offered):
        return offered
    return uuid.uuid4().hex
    # END SOLUTION


def pseudonym(customer_id: str, key: bytes) -> str:
    """Return the customer's pseudonym: HMAC-SHA256 of the UTF-8 id under the key, in hexadecimal.

    A hash without a key would not do: whoever has a list of ids can hash them all and look.
    """
    # BEGIN SOLUTION
    return hmac.new(key, customer_id.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    # END SOLUTION


def init_app(app: Flask, settings: Settings, model_version: str | None) -> None:
    """Log each request as one JSON object on one line of `sys.stderr`, whatever its outcome.

    Members of the line:

    - `timestamp`: ISO 8601 in UTC, ending in "+00:00" or "Z"
    - `level`: "error" for a status of 500 or above, "warning" from 400, else "info"
    - `request_id`: what `choose_request_id` makes of the header X-Request-ID
    - `method`, `route`: the route is the rule that matched ("/predict"), never the path that was
      sent, or "unmatched" when none did
    - `status`, `latency_ms`: milliseconds from the arrival of the request to its response
    - `model_version`: as given
    - `churn_probability`, `customer_pseudonym`: only when the view left a `Prediction` in
      `flask.g.prediction`; the pseudonym is `pseudonym(customer_id, settings.pseudonym_key)`

    The response carries the request id in its X-Request-ID header. The line is written with one
    call, look `sys.stderr` up at that moment, and keep it ASCII (the default of `json.dumps`).
    """
    # BEGIN SOLUTION

    @app.before_request
    def note_arrival():
        g.arrived_at = time.perf_counter()
        g.request_id = choose_request_id(request.headers.get("X-Request-ID"))

    @app.after_request
    def write_line(response):
        # `request` and `g` look their object up at each use: here once for most of the line.
        asked, kept = request._get_current_object(), g._get_current_object()
        status = response.status_code
        line = {
            "timestamp": datetime.now(UTC).isoformat(),
            "level": "error" if status >= 500 else "warning" if status >= 400 else "info",
            "request_id": kept.request_id,
            "method": asked.method,
            "route": asked.url_rule.rule if asked.url_rule else UNMATCHED,
            "status": status,
            "latency_ms": round((time.perf_counter() - kept.arrived_at) * 1000, 3),
            "model_version": model_version,
        }
        if "prediction" in kept:
            line["churn_probability"] = g.prediction.churn_probability
            line["customer_pseudonym"] = pseudonym(g.prediction.customer_id, settings.pseudonym_key)
        sys.stderr.write(json.dumps(line) + "\n")
        response.headers["X-Request-ID"] = kept.request_id
        return response

    # END SOLUTION


class JsonLines(logging.Formatter):
    """Formats whatever else the process logs, stack traces included, as one JSON line each."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line: timestamp, level, logger, message, request id, trace."""
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if g and "request_id" in g:
            line["request_id"] = g.request_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_process_as_json() -> None:
    """Send the process's log records of level warning and above to stderr as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
