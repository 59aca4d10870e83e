"""The quick ways beside the plain ones: the same bodies, requests and counts, and no difference."""

import json
import sys
from pathlib import Path

import pytest
from flask import Blueprint, Flask, after_this_request, request, request_finished, request_started
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from .serving import VALID
from .test_fast_lane import ODD_BODIES

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "solutions"))

from churn_service import batch, customer
from churn_service.observe_many import observe_many
from churn_service.plain_body import read_plain_batch, read_plain_customer
from churn_service.plain_flask import PlainFlask
from churn_service.predictor import feature_row

drawn_customers = st.fixed_dictionaries(
    {
        "customer_id": st.text(max_size=140),
        "days_since_last_order": st.floats() | st.integers(-5, 2 * 10**9),
        "total_orders": st.integers(-1, 20) | st.floats(0, 2e9) | st.booleans(),
        "lifetime_value": st.floats(-1, 1e10),
        "email_open_rate": st.floats(-0.1, 1.1) | st.none(),
    },
    optional={"extra": st.integers()},
)


def parsed(body: bytes, *, quickly: bool):
    """What `parse_customer` says: a customer's values, or its problems. Slowly: as of no plain body."""
    with pytest.MonkeyPatch.context() as patch:
        if not quickly:
            patch.setattr(customer, "is_plain", lambda body: False)
        try:
            found = customer.parse_customer(body)
        except customer.InvalidCustomer as refusal:
            return refusal.status, refusal.problems
    return (found.customer_id, *feature_row(found))


def is_read_the_same(body: bytes) -> bool:
    """Whether both quick ways say what the slow one says; one of them may leave the body."""
    slow, quick = parsed(body, quickly=False), read_plain_customer(body)
    as_values = slow if quick is None else (quick.customer_id, *feature_row(quick))
    return parsed(body, quickly=True) == slow == as_values


def test_a_plain_body_is_read_quickly():
    assert read_plain_customer(json.dumps(VALID).encode()) is not None


@pytest.mark.parametrize("body", ODD_BODIES, ids=range(len(ODD_BODIES)))
def test_an_odd_body_is_read_the_same(body):
    assert is_read_the_same(body)


@settings(max_examples=300, deadline=None)
@given(body=drawn_customers, ascii_only=st.booleans())
def test_a_drawn_body_is_read_the_same(body, ascii_only):
    text = json.dumps(body, ensure_ascii=ascii_only)
    assert is_read_the_same(text.encode("utf-8", "surrogatepass"))


def batch_of(body: bytes, *, quickly: bool) -> list:
    """What a batch of at most two rows is read as: values, or the problems of a row or of it all."""
    with pytest.MonkeyPatch.context() as patch:
        if not quickly:
            patch.setattr(batch, "read_plain_batch", lambda body: None)
        try:
            rows = batch.read_rows(body, 2)
        except customer.InvalidCustomer as refusal:
            return refusal.problems
    return [
        row.problems
        if isinstance(row, customer.InvalidCustomer)
        else (row.customer_id, *feature_row(row))
        for row in rows
    ]


def test_a_batch_of_plain_rows_is_read_at_once():
    rows = [VALID | {"customer_id": f"C-{number}"} for number in range(3)]

    assert len(read_plain_batch(json.dumps({"customers": rows}).encode())) == 3


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_plain_rows_are_counted_like_others(count):
    body = json.dumps({"customers": [VALID] * count}).encode()

    assert batch_of(body, quickly=True) == batch_of(body, quickly=False)


@pytest.mark.parametrize("odd", ODD_BODIES, ids=range(len(ODD_BODIES)))
def test_one_odd_row_leaves_the_batch_to_be_read_row_by_row(odd):
    plain = json.dumps(VALID).encode()
    for rows in ([odd], [plain, odd], [odd, plain]):
        body = b'{"customers": [' + b", ".join(rows) + b"]}"
        assert batch_of(body, quickly=True) == batch_of(body, quickly=False)


@pytest.mark.parametrize(
    "body",
    [
        b'{"customers": [%s], "customers": [%s]}',
        b'{"customers": [%s], "more": [%s]}',
        b'{"more": [%s], "customers": [%s]}',
    ],
)
def test_a_name_twice_or_too_many_leaves_the_batch(body):
    plain = json.dumps(VALID).encode()
    assert read_plain_batch(body % (plain, plain)) is None


@given(amounts=st.lists(st.floats(0, 2) | st.sampled_from([0.0, 0.5, 1.0]), min_size=1))
def test_many_amounts_are_observed_as_one_by_one(amounts):
    exposed = []
    for observe in (observe_many, lambda histogram, amounts: [*map(histogram.observe, amounts)]):
        registry = CollectorRegistry()
        histogram = Histogram("score", "-", ["v"], buckets=(0.5, 1), registry=registry).labels("v2")
        observe(histogram, amounts)
        lines = generate_latest(registry).decode().splitlines()
        total = next(float(line.split()[1]) for line in lines if line.startswith("score_sum"))
        assert total == pytest.approx(sum(amounts))
        exposed.append([line for line in lines if "_sum" not in line and "_created" not in line])
    assert exposed[0] == exposed[1]


def small_app(kind: type[Flask], *, blueprint: bool = False) -> Flask:
    """An app with hooks, views and a failure, on Flask or on what stands in its place."""
    app = kind("small", static_folder=None)
    app.before_request(lambda: "stopped" if request.args.get("stop") else None)

    @app.after_request
    def mark(response):
        response.headers["X-Rule"] = str(request.url_rule)
        return response

    @app.post("/body")
    def body():
        return {"size": len(request.get_data()), "kind": request.mimetype, "é": [1, None, True]}

    @app.get("/once")
    def once():
        @after_this_request
        def tell(response):
            response.headers["X-Once"] = "1"
            return response

        return "once", 201, {"X-More": "2"}

    @app.get("/items/<int:number>")
    def item(number):
        return [number]

    app.get("/empty", endpoint="empty")(lambda: ("", 204))
    app.get("/pieces", endpoint="pieces")(lambda: iter(["a", "b"]))
    app.get("/crash", endpoint="crash")(lambda: 1 / 0)
    app.errorhandler(ZeroDivisionError)(lambda error: ("crashed", 500))
    if blueprint:
        part = Blueprint("part", "small")
        part.before_request(lambda: "the part says no")
        part.get("/part", endpoint="part")(lambda: "part")
        app.register_blueprint(part)
    return app


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("POST", "/body", {"data": b"{}", "content_type": "application/JSON; charset=utf-8"}),
        ("POST", "/body", {"data": b""}),
        ("POST", "/body?stop=1", {"data": b"{}"}),
        ("GET", "/body", {}),
        ("OPTIONS", "/body", {}),
        ("HEAD", "/once", {}),
        ("GET", "/once", {}),
        ("GET", "/once/", {}),
        ("GET", "//once", {}),
        ("GET", "/items/7", {}),
        ("GET", "/items/x", {}),
        ("GET", "/empty", {}),
        ("GET", "/pieces", {}),
        ("GET", "/crash", {}),
        ("GET", "/part", {}),
        ("BREW", "/once", {}),
    ],
)
@pytest.mark.parametrize("blueprint", [False, True])
def test_a_request_is_answered_as_flask_answers_it(method, path, options, blueprint):
    seen = []
    for kind in (Flask, PlainFlask):
        client = small_app(kind, blueprint=blueprint).test_client()
        answer = client.open(path, method=method, **options)
        content = answer.json if answer.is_json else answer.data
        headers = {name: value for name, value in answer.headers if name != "Content-Length"}
        headers["Allow"] = sorted(answer.allow)
        seen.append((answer.status, headers, content))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("kind", [Flask, PlainFlask])
def test_who_listens_to_signals_and_teardowns_is_told(kind):
    app, told = small_app(kind), []
    app.teardown_request(lambda error: told.append("torn down"))

    def started(sender):
        told.append("started")

    def finished(sender, response):
        told.append(response.status_code)

    with request_started.connected_to(started, app), request_finished.connected_to(finished, app):
        app.test_client().get("/crash")

    assert told == ["started", 500, "torn down"]
