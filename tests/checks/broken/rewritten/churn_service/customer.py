"""The second right service: a body is checked by hand, with other words."""

import json
import math
from dataclasses import dataclass

from churn_service.predictor import Customer

LARGEST = {
    "days_since_last_order": 1e9,
    "total_orders": 1e9,
    "lifetime_value": 1e9,
    "email_open_rate": 1,
}


@dataclass(frozen=True)
class FieldProblem:
    field: str
    problem: str


class InvalidCustomer(ValueError):
    def __init__(self, problems, status=422):
        super().__init__("The body cannot be used.")
        self.problems = list(problems)
        self.status = status


class Members(list):
    """The members of an object, in order, repeated ones too."""


def parse_customer(body):
    members = _read(body)
    values = dict(members)
    names = [name for name, _ in members]
    problems = [FieldProblem(name, "given twice") for name in values if names.count(name) > 1]
    problems += [
        FieldProblem(name, "no such field")
        for name in values
        if name != "customer_id" and name not in LARGEST
    ]
    if "customer_id" not in values:
        problems.append(FieldProblem("customer_id", "not given"))
    elif not _is_id(values["customer_id"]):
        problems.append(FieldProblem("customer_id", "give 1 to 128 characters"))
    for name, largest in LARGEST.items():
        if name not in values:
            problems.append(FieldProblem(name, "not given"))
        elif not _is_number(values[name], largest):
            problems.append(FieldProblem(name, f"give a number from 0 to {largest:g}"))
    if problems:
        raise InvalidCustomer(problems)
    days, orders, value, rate = (values[name] for name in LARGEST)
    return Customer(values["customer_id"], days, orders, value, rate)


def _read(body):
    try:
        members = json.loads(body.decode(), object_pairs_hook=Members, parse_int=float)
    except (ValueError, RecursionError):
        raise InvalidCustomer([FieldProblem("body", "send JSON")], 400) from None
    if not isinstance(members, Members):
        raise InvalidCustomer([FieldProblem("body", "send an object")])
    return Members((name.encode("utf-8", "replace").decode(), value) for name, value in members)


def _is_id(value):
    return (
        isinstance(value, str)
        and 1 <= len(value) <= 128
        and value.encode("utf-8", "ignore").decode() == value
    )


def _is_number(value, largest):
    return type(value) is float and math.isfinite(value) and 0 <= value <= largest
