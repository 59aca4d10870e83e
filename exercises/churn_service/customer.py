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


# TODO(validate-customer): your answer goes here.


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
    raise NotImplementedError("validate-customer")
