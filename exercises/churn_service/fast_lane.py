"""A WSGI callable in front of the app: the plain POST /predict, answered in a straight line.

Everything else goes to the Flask app, which stays the reference: whatever is odd about a request, be
it wrong, unusual or merely unknown to these few lines, is judged there. What is answered here has the
same status, the same headers, the same JSON value, the same log line and the same counts; the tests
send both the whole validation test set and compare.
"""

import io
import json
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import msgspec

from churn_service.logs import choose_request_id, pseudonym
from churn_service.observed import ObservedPredictor
from churn_service.plain_body import read_plain_customer
from churn_service.predictor import CHURNS_ABOVE, Customer
from churn_service.risk import risk_level
from churn_service.settings import Settings

WsgiApp = Callable[[dict, Callable], Iterable[bytes]]
ROUTE = "/predict"
LONGEST_LENGTH = 9  # digits of a Content-Length that is looked at at all


class PredictAnswer(msgspec.Struct, gc=False):
    """The answer of POST /predict."""

    customer_id: str
    churn_probability: float
    churn_prediction: bool
    risk_level: str
    model_version: str


class FastLane:
    """A WSGI app that answers what it can vouch for and hands the rest on, untouched."""

    def __init__(self, app: WsgiApp, observed: ObservedPredictor, settings: Settings):
        """Stand in front of `app`, predicting as its predict view does.

        `observed` is the predictor of that view: it knows the predictor it holds, the metrics and
        the prediction log, which hear of every prediction made here.
        """
        self._app = app
        self._observed = observed
        self._predict = observed.predictor.predict_probability
        self._count_request = observed.metrics.count_request
        self._key = settings.pseudonym_key
        self._longest = settings.max_body_bytes
        self._encode = msgspec.json.Encoder().encode

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        """Answer one request."""
        started = time.perf_counter()
        if environ["PATH_INFO"] != ROUTE or environ["REQUEST_METHOD"] != "POST":
            return self._app(environ, start_response)
        if (body := self._read_body(environ)) is None:
            return self._app(environ, start_response)
        if (customer := read_plain_customer(body)) is None:
            return self._hand_on(environ, start_response, body)
        version = self._observed.model_version
        asked = time.perf_counter()
        try:
            probability = self._predict(customer)
            risk = risk_level(probability)
        except Exception:  # the app asks again, fails too, and answers, counts and logs it
            return self._hand_on(environ, start_response, body)
        answered = time.perf_counter()
        self._observed.note(customer, probability, answered - asked)
        answer = PredictAnswer(
            customer.customer_id, probability, probability > CHURNS_ABOVE, risk, version
        )
        content = self._encode(answer)
        request_id = choose_request_id(environ.get("HTTP_X_REQUEST_ID"))
        self._write_line(request_id, customer, answer, time.perf_counter() - started)
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(content))),
            ("X-Request-ID", request_id),
        ]
        start_response("200 OK", headers)
        self._count_request("POST", ROUTE, 200, time.perf_counter() - started)
        return [content]  # granian sends a list at once, and asks any other iterable piece by piece

    def _read_body(self, environ: dict) -> bytes | None:
        """Return the body when its kind and length are plain and within the limit, else None."""
        length = environ.get("CONTENT_LENGTH") or ""
        if environ.get("CONTENT_TYPE") != "application/json" or len(length) > LONGEST_LENGTH:
            return None
        if not (length.isascii() and length.isdigit()) or int(length) > self._longest:
            return None
        return environ["wsgi.input"].read(int(length))

    def _hand_on(self, environ: dict, start_response: Callable, body: bytes) -> Iterable[bytes]:
        environ["wsgi.input"] = io.BytesIO(body)
        return self._app(environ, start_response)

    def _write_line(
        self, request_id: str, customer: Customer, answer: PredictAnswer, seconds: float
    ) -> None:
        """Write the log line of logs.py: the names and their order are the same."""
        sys.stderr.write(
            f'{{"timestamp": "{datetime.now(UTC).isoformat()}", "level": "info", '
            f'"request_id": "{request_id}", "method": "POST", "route": "{ROUTE}", "status": 200, '
            f'"latency_ms": {seconds * 1000:.3f}, "model_version": {json.dumps(answer.model_version)}, '
            f'"churn_probability": {answer.churn_probability!r}, '
            f'"customer_pseudonym": "{pseudonym(customer.customer_id, self._key)}"}}\n'
        )
