"""Compares pydantic with msgspec for the body of POST /predict: `python benchmarks/validation.py`.

Two requirements decide what is comparable: all problems of a body are reported at once, and a field
that comes twice is a problem. The "whole job" rows meet both; the "decode only" rows are each
library's own JSON decoder, which meets neither, as a bound on what could be had.

All rows run in one process, interleaved, and the table gives ratios to the part of the reference
service's `parse_customer` that is pydantic's, so that the speed of the machine cancels out. The last
column is the same in microseconds, for scale. Before anything is timed the whole-job rows must agree
on every body.
"""

import contextlib
import importlib
import json
import statistics
import sys
import timeit
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec

SOLUTIONS = Path(__file__).resolve().parent.parent / "solutions"
VALID = {
    "customer_id": "C-1001",
    "days_since_last_order": 45,
    "total_orders": 12,
    "lifetime_value": 310.5,
    "email_open_rate": 0.35,
}
BODIES = {
    "valid body": json.dumps(VALID).encode(),
    "invalid body, 4 problems": json.dumps(
        VALID | {"customer_id": "", "total_orders": "12", "email_open_rate": 1.5, "extra": 1}
    ).encode(),
}
DUPLICATE = b'{"customer_id": "a", "customer_id": "a"}'
BASELINE = "pydantic, whole job"
SERVICE = "pydantic, its own decoder for plain bodies (the service)"
ROUNDS, CALLS = 15, 2000

Amount = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
CustomerId = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
FIELD_TYPES = {
    "customer_id": CustomerId,
    "days_since_last_order": Amount,
    "total_orders": Amount,
    "lifetime_value": Amount,
    "email_open_rate": Share,
}
CustomerStruct = msgspec.defstruct(
    "CustomerStruct", list(FIELD_TYPES.items()), forbid_unknown_fields=True
)


def parser_by_msgspec(service) -> Callable[[bytes], object]:
    """Return `parse_customer` written with msgspec: field by field, as it stops at one problem."""

    def parse_customer(body: bytes) -> object:
        pairs = json.loads(body.decode("utf-8"), object_pairs_hook=list, parse_int=float)
        names = [name for name, _ in pairs]
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        problems = [service.FieldProblem(name, "appears more than once") for name in twice]
        missing = [name for name in FIELD_TYPES if name not in names]
        problems += [service.FieldProblem(name, "is missing") for name in missing]
        fields = dict(pairs)
        for name, value in fields.items():
            if name not in FIELD_TYPES:
                problems.append(service.FieldProblem(name, "is unknown"))
                continue
            try:
                msgspec.convert(value, FIELD_TYPES[name])
            except msgspec.ValidationError as error:
                problems.append(service.FieldProblem(name, str(error)))
        if problems:
            raise service.InvalidCustomer(problems)
        fields["lifetime_value_gbp"] = fields.pop("lifetime_value")
        return service.Customer(**fields)

    return parse_customer


def outcome(parse: Callable[[bytes], object], body: bytes) -> object:
    """Return the customer, or the names of the wrong fields in order."""
    try:
        return parse(body)
    except ValueError as error:
        return sorted(problem.field for problem in error.problems)


def attempt(parse: Callable[[bytes], object], body: bytes) -> None:
    """Parse and forget. What every candidate raises for an invalid body is a ValueError."""
    with contextlib.suppress(ValueError):
        parse(body)


def seconds_per_call(candidates: dict[str, Callable], body: bytes) -> dict[str, float]:
    """Return the median over rounds, each round timing every candidate in turn."""
    samples: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(ROUNDS):
        for name, parse in candidates.items():
            samples[name].append(timeit.timeit(partial(attempt, parse, body), number=CALLS))
    return {name: statistics.median(times) / CALLS for name, times in samples.items()}


def main() -> None:
    """Check that the candidates agree, time them, print one Markdown table."""
    sys.path.insert(0, str(SOLUTIONS))
    service = importlib.import_module("churn_service.customer")
    is_plain = service.is_plain

    def as_served(body: bytes) -> object:
        service.is_plain = is_plain
        try:
            return service.parse_customer(body)
        finally:
            service.is_plain = no_body_is

    def no_body_is(body: bytes) -> bool:
        return False

    service.is_plain = no_body_is
    by_msgspec = parser_by_msgspec(service)
    for body in [*BODIES.values(), DUPLICATE]:
        if outcome(service.parse_customer, body) != outcome(by_msgspec, body):
            raise SystemExit(f"The candidates disagree about {body!r}: fix that before timing.")
    candidates = {
        BASELINE: service.parse_customer,
        SERVICE: as_served,
        "msgspec, whole job": by_msgspec,
        "pydantic, decode only": service.CustomerRequest.model_validate_json,
        "msgspec, decode only": msgspec.json.Decoder(CustomerStruct).decode,
    }
    print("| body | candidate | time, pydantic = 1 | µs |\n|---|---|---|---|")
    for title, body in BODIES.items():
        seconds = seconds_per_call(candidates, body)
        for name, taken in seconds.items():
            ratio = taken / seconds[BASELINE]
            print(f"| {title} | {name} | {ratio:.2f} | {taken * 1e6:.1f} |")


if __name__ == "__main__":
    main()
