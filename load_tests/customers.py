"""Whom the load asks about: varied customers, and a share of requests that deserve a refusal."""

import json
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Question:
    """One POST /predict: its body as text, and the fields that a refusal must name.

    `wrong_fields` is empty for a valid customer, which must be answered 200. A `status` of 422
    means that the body is JSON, 400 that it is not.
    """

    customer_id: str
    body: str
    status: int = 200
    wrong_fields: frozenset[str] = frozenset()


def draw_question(random: Random, *, wrong_share: float = 0.05) -> Question:
    """Return a question about a random customer, wrong with probability `wrong_share`."""
    customer = draw_customer(random)
    if random.random() >= wrong_share:
        return Question(customer["customer_id"], json.dumps(customer))
    return random.choice([_two_wrong_fields, _missing_field, _cut_off])(customer, random)


def draw_customer(random: Random) -> dict:
    """Return a body as a shop would send it: a few buy often, most bought once or twice.

    Orders are geometric, the amount per order is log-normal around 25 GBP, silence is exponential
    with a mean of 120 days, and open rates lean towards low.
    """
    orders = 1
    while random.random() < 0.7 and orders < 200:
        orders += 1
    return {
        "customer_id": f"C-{random.randrange(1_000_000):06d}",
        "days_since_last_order": round(random.expovariate(1 / 120), 1),
        "total_orders": orders,
        "lifetime_value": round(orders * random.lognormvariate(3.2, 0.5), 2),
        "email_open_rate": round(random.betavariate(2, 5), 3),
    }


def _two_wrong_fields(customer: dict, random: Random) -> Question:
    wrong = {
        "email_open_rate": 1 + random.random(),
        "total_orders": random.choice([-1, None, "3", True]),
    }
    return Question(customer["customer_id"], json.dumps(customer | wrong), 422, frozenset(wrong))


def _missing_field(customer: dict, random: Random) -> Question:
    name = random.choice(sorted(customer))
    rest = {other: value for other, value in customer.items() if other != name}
    return Question(customer["customer_id"], json.dumps(rest), 422, frozenset({name}))


def _cut_off(customer: dict, random: Random) -> Question:
    body = json.dumps(customer)
    body = body[: random.randrange(1, len(body))]
    return Question(customer["customer_id"], body, 400, frozenset({"body"}))
