"""The fast lane beside the app: the same request to both, and no difference that a caller, a log
reader or a Prometheus could see. (All other tests of this folder run on both too.)"""

import contextlib
import io
import json
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .serving import KEY, VALID

CHANGING = {"timestamp", "latency_ms", "request_id"}
TIMES = re.compile(r"^\S*_(?:seconds_sum|seconds_bucket|created)\b")
ODD_BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    json.dumps(VALID).encode("utf-16"),
    json.dumps(VALID)[:-1].encode() + b', "total_orders": 12}',
    json.dumps(VALID)[:-1].encode() + b', "customer_id": "C-1001"}',
    json.dumps(VALID).replace("C-1001", 'C-"1').encode(),
    json.dumps(VALID).replace("C-1001", "C-\\u0041").encode(),
    json.dumps(VALID | {"customer_id": "Zoë 書"}, ensure_ascii=False).encode(),
    json.dumps(VALID | {"customer_id": "x" * 128}).encode(),
    json.dumps(VALID | {"customer_id": "x" * 129}).encode(),
    json.dumps(VALID | {"customer_id": "書" * 128}, ensure_ascii=False).encode(),
    json.dumps(VALID | {"total_orders": 1e9}).encode(),
    json.dumps(VALID | {"total_orders": 10**30}).encode(),
    json.dumps(VALID | {"total_orders": -0.0}).encode(),
    json.dumps(VALID | {"total_orders": True}).encode(),
    json.dumps(VALID | {"lifetime_value": float("nan")}).encode(),
    json.dumps(VALID | {"email_open_rate": 1}).encode(),
    json.dumps(VALID | {"email_open_rate": 1.0000001}).encode(),
    json.dumps({**VALID, "shoe_size": 1}).encode(),
    json.dumps({"customer_id": "a"}).encode(),
    b'{"customer_id": "customer_id", "customer_id": "b", "total_orders": 1}',
    b" \n" + json.dumps(VALID).encode() + b"\t ",
    b"\xef\xbb\xbf" + json.dumps(VALID).encode(),
    json.dumps(VALID).encode() + b"x",
    json.dumps(VALID).replace("C-1001", "C-1\udc80").encode("utf-8", "surrogatepass"),
    json.dumps(VALID).encode() + b" " * 20_000,
)


class Scripted:
    """A predictor whose answers cross every boundary, and which can fail."""

    model_version = "v2"

    def predict_probability(self, customer):
        if customer.total_orders == 13:
            raise RuntimeError("secret")
        if customer.total_orders == 14:
            return 1.5
        return {1: 0.7, 2: 0.5, 3: 0.4, 4: 0.0, 5: 1.0}.get(customer.total_orders, 0.123456789)

    def predict_probabilities(self, customers):
        return [self.predict_probability(customer) for customer in customers]


class Side:
    """One of the two: what it answers, what it logs, what it has counted."""

    def __init__(self, stderr, *, fast: bool):
        from churn_service.app import create_app
        from churn_service.fast_lane import FastLane
        from churn_service.settings import Settings

        chosen = Settings(model_dir=Path("unused"), pseudonym_key=KEY.encode())
        self.app = create_app(Scripted(), chosen)
        self.instruments = self.app.extensions["churn"]
        self.called = FastLane(self.app, self.instruments.predictor, chosen) if fast else self.app
        self.stderr = stderr

    def ask(self, body: bytes, **environ) -> dict:
        seen = {}

        def start_response(status, headers, *_):
            seen.update(status=status, headers=dict(headers))

        request = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/predict",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "QUERY_STRING": "",
        } | environ
        with self.stderr() as written:
            content = b"".join(self.called(request, start_response))
        assert seen["headers"].pop("Content-Length") == str(len(content))
        request_id, offered = seen["headers"].pop("X-Request-ID"), environ.get("HTTP_X_REQUEST_ID")
        seen["id is kept"] = request_id == offered
        seen["body"] = json.loads(content) if content else None
        lines = [json.loads(line) for line in written.getvalue().splitlines()]
        seen["lines"] = [
            {name: value for name, value in line.items() if name not in CHANGING}
            for line in lines
            if "route" in line
        ]
        seen["order"] = [list(line) for line in lines if "route" in line]
        return seen

    def counted(self) -> list[str]:
        lines = self.instruments.metrics.exposition()[0].decode().splitlines()
        return [line for line in lines if not line.startswith("#") and not TIMES.match(line)]


def two_sides(patch: pytest.MonkeyPatch) -> tuple[Side, Side]:
    """The app, and the app behind the fast lane, each with counts of its own."""

    @contextlib.contextmanager
    def stderr():
        written = io.StringIO()
        with patch.context() as patched:
            patched.setattr(sys, "stderr", written)
            yield written

    patch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "solutions"))
    return Side(stderr, fast=False), Side(stderr, fast=True)


@pytest.fixture
def both(monkeypatch):
    return two_sides(monkeypatch)


def agree(both, body: bytes, **environ) -> None:
    slow, fast = (side.ask(body, **environ) for side in both)
    assert fast == slow
    assert both[1].counted() == both[0].counted()


@pytest.mark.parametrize("body", ODD_BODIES, ids=range(len(ODD_BODIES)))
def test_both_say_the_same_of_a_body(both, body):
    agree(both, body)


@pytest.mark.parametrize("orders", [1, 2, 3, 4, 5, 6, 13, 14])
def test_both_say_the_same_of_a_prediction_or_its_failure(both, orders):
    agree(both, json.dumps(VALID | {"total_orders": orders}).encode())


@pytest.mark.parametrize(
    "environ",
    [
        {"CONTENT_TYPE": "application/json; charset=utf-8"},
        {"CONTENT_TYPE": "text/plain"},
        {"CONTENT_TYPE": ""},
        {"REQUEST_METHOD": "GET"},
        {"REQUEST_METHOD": "PUT"},
        {"PATH_INFO": "/predict/"},
        {"PATH_INFO": "/health"},
        {"QUERY_STRING": "verbose=1"},
        {"HTTP_X_REQUEST_ID": "order-7"},
        {"HTTP_X_REQUEST_ID": "two words"},
        {"HTTP_X_REQUEST_ID": "x" * 65},
    ],
)
def test_both_say_the_same_of_a_request_line_and_its_headers(both, environ):
    agree(both, json.dumps(VALID).encode(), **environ)


@settings(max_examples=300, deadline=None)
@given(
    body=st.fixed_dictionaries(
        {
            "customer_id": st.text(max_size=140),
            "days_since_last_order": st.floats() | st.integers(-5, 2 * 10**9),
            "total_orders": st.integers(-1, 20) | st.floats(0, 2e9) | st.booleans(),
            "lifetime_value": st.floats(-1, 1e10),
            "email_open_rate": st.floats(-0.1, 1.1) | st.none(),
        },
        optional={"extra": st.integers()},
    ),
    ascii_only=st.booleans(),
)
def test_both_say_the_same_of_drawn_bodies(body, ascii_only):
    with pytest.MonkeyPatch.context() as patch:
        text = json.dumps(body, ensure_ascii=ascii_only)
        agree(two_sides(patch), text.encode("utf-8", "surrogatepass"))
