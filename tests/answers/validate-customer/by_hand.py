"""Without pydantic: rules as data, one function per kind of value, every problem collected."""

import json
import math
from dataclasses import dataclass

from churn_service.predictor import FEATURE_ORDER, Customer


@dataclass(frozen=True)
class FieldProblem:
    field: str
    problem: str


class InvalidCustomer(ValueError):
    def __init__(self, problems, status=422):
        super().__init__("The request body is not a customer.")
        self.problems = problems
        self.status = status


def text_problem(value):
    if not isinstance(value, str):
        return "must be text"
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "holds half of a surrogate pair"
    if value == "" or len(value) > 128:
        return "must have 1 to 128 characters"
    return None


def number_problem(value, largest):
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number"
    if math.isnan(value) or math.isinf(value):
        return "must be finite"
    if value < 0:
        return "must not be negative"
    if value > largest:
        return f"must be at most {largest:g}"
    return None


RULES = {"customer_id": text_problem}
for _name in FEATURE_ORDER:
    _largest = 1.0 if _name == "email_open_rate" else 1e9
    RULES[_name] = lambda value, largest=_largest: number_problem(value, largest)


def read_integer(digits):
    return int(digits) if len(digits) < 20 else math.copysign(math.inf, -1 if digits[0] == "-" else 1)


class JsonObject:
    def __init__(self, pairs):
        self.pairs = pairs


def body_problem(problem, status):
    return InvalidCustomer([FieldProblem("body", problem)], status)


def parse_customer(body):
    try:
        text = str(body, "utf-8", "strict")
        found = json.loads(text, object_pairs_hook=JsonObject, parse_int=read_integer)
    except (ValueError, RecursionError):
        raise body_problem("must be JSON in UTF-8", 400) from None
    if type(found) is not JsonObject:
        raise body_problem("must be an object", 422)
    values, problems = {}, []
    for name, value in found.pairs:
        if name in values:
            problems.append(FieldProblem(name, "must appear once"))
        elif name not in RULES:
            problems.append(FieldProblem(name, "is not a field of a customer"))
        elif problem := RULES[name](value):
            problems.append(FieldProblem(name, problem))
        values[name] = value
    problems += [FieldProblem(name, "must be given") for name in RULES if name not in values]
    if problems:
        raise InvalidCustomer(problems)
    return Customer(*(values[name] for name in RULES))
