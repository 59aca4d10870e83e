"""Stand-ins for the churn service, to be put behind a RecordingService: a healthy one and sick ones."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

from workbench.instruments.http.recorder import Received, Scripted

PREDICT, REFUSED, READY = "POST /predict", "POST /predict (refused)", "GET /ready"
OTHER_STATUS = "a right body, and another status"
NUMBERS = ("days_since_last_order", "total_orders", "lifetime_value", "email_open_rate")
LIMITS = dict.fromkeys(NUMBERS, 1e9) | {"email_open_rate": 1}
# what a sick service sends with a 200, and how often: any sum of these tells which were counted
WRONG_BODIES = {
    "an HTML page": 1,
    "a JSON list": 2,
    "a JSON object that holds only an error": 4,
    "a prediction about another customer": 8,
    "a churn_probability that is no number from 0 to 1": 16,
}


def faults(customer: Any) -> list[str]:
    """The fields of a body that the service must refuse; `body` when it has not the five fields."""
    if not isinstance(customer, dict) or set(customer) != {"customer_id", *NUMBERS}:
        return ["body"]
    name = customer["customer_id"]
    return ["customer_id"] * (not (isinstance(name, str) and 1 <= len(name) <= 128)) + [
        field
        for field, most in LIMITS.items()
        if type(customer[field]) not in (int, float) or not 0 <= customer[field] <= most
    ]


def kind_of(request: Received) -> str | None:
    """Which of the three kinds a request is; None when it is none of them."""
    if (request.method, request.path) == ("GET", "/ready"):
        return READY
    if (request.method, request.path) != ("POST", "/predict") or request.json() is None:
        return None
    return REFUSED if faults(request.json()) else PREDICT


def prediction(customer_id: str, probability: Any) -> dict:
    return {"customer_id": customer_id, "churn_probability": probability, "model_version": "v2"}


def healthy(request: Received) -> Scripted:
    """What a healthy service answers."""
    name = kind_of(request)
    if name == READY:
        return Scripted(200, {"status": "ready", "model_version": "v2"})
    if name == REFUSED:
        errors = [{"field": field, "problem": "is wrong"} for field in faults(request.json())]
        return Scripted(422, {"status": 422, "errors": errors})
    if name is None:
        return Scripted(404, {"status": 404})
    tenths = len(request.body) % 11
    probability = tenths // 10 if tenths in (0, 10) else tenths / 10  # 0 and 1 are numbers too
    return Scripted(200, prediction(request.json()["customer_id"], probability))


def wrong_bodies(rng: random.Random) -> Callable[[Received], Scripted]:
    """A service whose predictions are wrong most often, which accepts what it must refuse."""
    # the commonest at every second turn, the next at every fourth: so sums differ in part of a cycle too
    commonest_first = [*sorted(WRONG_BODIES, key=WRONG_BODIES.get, reverse=True), ""]
    turns = range(1, 2 ** len(WRONG_BODIES) + 1)
    kinds = [commonest_first[(turn & -turn).bit_length() - 1] for turn in turns]
    drawn = {PREDICT: kinds, REFUSED: ["accepted", ""], READY: ["not ready", ""]}
    drawn = {name: itertools.cycle(cycle) for name, cycle in drawn.items()}

    def answer(request: Received) -> Scripted:
        kind = next(drawn[kind_of(request)]) if kind_of(request) else ""
        if kind == "not ready":
            return Scripted(503, {"status": 503}, kind=kind)
        if kind == "an HTML page":
            return Scripted(200, b"<!doctype html><title>Sign in</title>", 0, kind, "text/html")
        if not kind:
            return healthy(request)
        asked = str((request.json() or {}).get("customer_id"))
        impossible = rng.choice([1 + rng.random(), -rng.random(), float("nan"), None, "0.5", True])
        body = {
            "a JSON list": [prediction(asked, 0.5)],
            "a JSON object that holds only an error": {"error": "model unavailable"},
            "a prediction about another customer": prediction(f"{asked}-x", 0.5),
        }.get(kind, prediction(asked, 0.5 if kind == "accepted" else impossible))
        return Scripted(200, body, kind=kind)

    return answer


def other_statuses(rng: random.Random) -> Callable[[Received], Scripted]:
    """A service whose bodies are right. The status is not, for every fifth prediction and all else."""
    status = {name: rng.choice([201, 202, 203]) for name in (PREDICT, READY)}
    status[REFUSED] = rng.choice([400, 404, 409])
    fifths = itertools.count(1)

    def answer(request: Received) -> Scripted:
        right, name = healthy(request), kind_of(request)
        if name is None or (name == PREDICT and next(fifths) % 5):
            return right
        return Scripted(status[name], right.body, kind=OTHER_STATUS)

    return answer


def slowed(
    delay_of: Callable[[int], float], service: Callable[[Received], Scripted] = healthy
) -> Callable[[Received], Scripted]:
    """The service, whose n-th prediction takes `delay_of(n)` seconds."""
    numbers = itertools.count(1)

    def answer(request: Received) -> Scripted:
        answer = service(request)
        delay = delay_of(next(numbers)) if kind_of(request) == PREDICT else 0.0
        return Scripted(answer.status, answer.body, delay, answer.kind)

    return answer
