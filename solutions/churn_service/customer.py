"""The edge: from the bytes of a request to a customer that can be trusted, or every reason not."""

import contextlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from churn_service.plain_body import is_plain
from churn_service.predictor import LARGEST_NUMBER, LONGEST_CUSTOMER_ID, Customer


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with one field. `field` is "body" when it is the whole body that is wrong."""

    field: str
    problem: str


class InvalidCustomer(ValueError):
    """A request body that is no customer: `problems` lists everything wrong with it.

    `status` is 400 for a body that is not JSON, 422 for JSON that is not a customer.
    """

    def __init__(self, problems: Sequence[FieldProblem], status: int = 422):
        self.problems = list(problems)
        self.status = status
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the request body.")


# BEGIN SOLUTION
class CustomerRequest(BaseModel):
    """The body of POST /predict. Strict: a bool or a numeric string is not a number."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    customer_id: str = Field(min_length=1, max_length=LONGEST_CUSTOMER_ID)
    days_since_last_order: float = Field(ge=0, le=LARGEST_NUMBER)
    total_orders: float = Field(ge=0, le=LARGEST_NUMBER)
    lifetime_value: float = Field(ge=0, le=LARGEST_NUMBER, description="in GBP")
    email_open_rate: float = Field(ge=0, le=1)


class _Pairs(list):
    """A JSON object as (name, value) pairs, since a dict would hide that a name came twice."""


def _read_pairs(body: bytes) -> _Pairs:
    try:
        # Reading every number as a float turns an endless integer into infinity, not an error.
        pairs = json.loads(body.decode("utf-8"), object_pairs_hook=_Pairs, parse_int=float)
    except RecursionError:
        raise InvalidCustomer([FieldProblem("body", "is nested too deeply")], 400) from None
    except UnicodeDecodeError:
        raise InvalidCustomer([FieldProblem("body", "is not UTF-8")], 400) from None
    except json.JSONDecodeError as error:
        reason = f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise InvalidCustomer([FieldProblem("body", reason)], 400) from None
    if not isinstance(pairs, _Pairs):
        raise InvalidCustomer([FieldProblem("body", "is not a JSON object")])
    # Half a surrogate pair cannot be written as UTF-8, so no answer could name such a field.
    return _Pairs((name.encode("utf-8", "replace").decode(), value) for name, value in pairs)


def _customer(asked: CustomerRequest) -> Customer:
    return Customer(
        customer_id=asked.customer_id,
        days_since_last_order=asked.days_since_last_order,
        total_orders=asked.total_orders,
        lifetime_value_gbp=asked.lifetime_value,
        email_open_rate=asked.email_open_rate,
    )


def _repeated(pairs: _Pairs) -> list[FieldProblem]:
    counts = Counter(name for name, _ in pairs)
    return [FieldProblem(name, "appears more than once") for name in counts if counts[name] > 1]


# END SOLUTION


def parse_customer(body: bytes) -> Customer:
    """Return the customer in the body of POST /predict, or raise InvalidCustomer.

    The body is one JSON object in UTF-8 with exactly these fields, in any order:

    - `customer_id`: a string of 1 to 128 characters
    - `days_since_last_order`, `total_orders`, `lifetime_value`: numbers from 0 to 1e9
    - `email_open_rate`: a number from 0 to 1

    A number may be written with or without a fraction. The values reach the model unchanged;
    `lifetime_value` becomes `Customer.lifetime_value_gbp`.

    Not UTF-8, not JSON, or nested more deeply than the parser can follow: status 400, one problem
    whose field is "body". JSON but not an object: status 422, field "body".
    An object: status 422, and one problem for each thing wrong, each naming its field, all of them
    at once: missing, unknown, null, the wrong type (a bool is not a number, nor is a numeric
    string), negative, too large, NaN or Infinity, an id that is empty or too long, a field that
    appears twice (even with equal values).

    Python's parser reads NaN and Infinity, which JSON does not have; they are refused as values
    (422, naming the field). An integer of any length is read without an error and found too large.
    Half a surrogate pair is no character: an id that holds one is refused (400 or 422).
    The messages never repeat the value that was sent, and no body raises anything else.
    """
    # BEGIN SOLUTION
    if is_plain(body):  # no name comes twice, so pydantic's own decoder will do, which is quicker
        with contextlib.suppress(ValidationError):
            return _customer(CustomerRequest.model_validate_json(body))
    pairs = _read_pairs(body)
    problems = _repeated(pairs)
    try:
        asked = CustomerRequest.model_validate(dict(pairs))
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            problems.append(FieldProblem(str(found["loc"][0]), found["msg"]))
    if problems:
        raise InvalidCustomer(problems)
    return _customer(asked)
    # END SOLUTION
