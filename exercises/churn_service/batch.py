"""POST /predict/batch: many customers in, one prediction or one refusal out for each."""

import json
from collections.abc import Callable, Iterable

import msgspec
from flask import Flask, Response, abort, request

from churn_service.customer import FieldProblem, InvalidCustomer, parse_customer
from churn_service.plain_body import read_plain_batch, read_plain_customer
from churn_service.predictor import CHURNS_ABOVE, Customer, Predictor
from churn_service.risk import risk_level

PATH = "/predict/batch"


def parse_batch(body: bytes, max_rows: int) -> list[bytes]:
    """Return the rows of a batch as bytes, each the JSON of one customer, not yet looked at.

    The body is `{"customers": [...]}` with 1 to `max_rows` rows. Raises InvalidCustomer:

    - status 400, field "body": not UTF-8, not JSON, or nested more deeply than can be followed
    - status 422, field "body": JSON, but no object
    - status 422, naming the field: a name beside `customers`; `customers` missing, twice, no list,
      empty, or longer than `max_rows`, and then the problem names `max_rows`
    """
    raise NotImplementedError("batch-endpoint")


# TODO(batch-endpoint): your answer goes here.


def init_app(
    app: Flask,
    predictor: Predictor | None,
    *,
    max_rows: int,
    count_field_problems: Callable[[Iterable[str]], None] = lambda fields: None,
) -> None:
    """Add POST /predict/batch to the app.

    A request that is not `application/json` is aborted with 415, every request with 503 when there
    is no predictor. The body goes to `parse_batch`, each row to `parse_customer`; the rows that are
    customers go to `predictor.predict_probabilities` in one call, the rest nowhere. The answer is
    200, a JSON object:

    - `model_version`: the predictor's
    - `predicted`, `refused`: how many rows of each kind
    - `results`: one object per row, in the order of the rows. For a customer `customer_id`,
      `churn_probability`, `churn_prediction` and `risk_level`, as /predict answers them. For any
      other row `errors`, a list of `{"field": ..., "problem": ...}`, as a 422 of /predict has them.

    `read_plain_batch` may read all the rows first, and `read_plain_customer` a row: they are quick,
    and return None for what `parse_batch` and `parse_customer` must look at. The fields of each
    refused row go to `count_field_problems`. When every row is refused the predictor is not asked,
    and the answer is still 200. What the predictor raises is not caught.
    """
    raise NotImplementedError("batch-endpoint")


# TODO(batch-endpoint): your answer goes here.
