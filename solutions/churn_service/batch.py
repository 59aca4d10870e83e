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
    # BEGIN SOLUTION
    members = read_members(body)
    problems = [FieldProblem(name, "is unknown") for name in members if name != "customers"]
    if "customers" not in members:
        problems.append(FieldProblem("customers", "is missing"))
    if problems:
        raise InvalidCustomer(problems)
    try:
        rows = msgspec.json.decode(members["customers"], type=list[msgspec.Raw])
    except msgspec.ValidationError:
        raise InvalidCustomer([FieldProblem("customers", "is not a list")]) from None
    limit_rows(rows, max_rows)
    return [bytes(row) for row in rows]
    # END SOLUTION


# BEGIN SOLUTION
def read_members(body: bytes) -> dict[str, msgspec.Raw]:
    """Return the members of a JSON object, each value as the bytes it came in."""
    try:
        body.decode("utf-8")
        members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        raise InvalidCustomer([FieldProblem("body", "is not a JSON object")]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidCustomer([FieldProblem("body", f"is not JSON: {error}")], 400) from None
    # A dict cannot show that a name came twice. Only a body with a second mention may hide that.
    if body.count(b'"customers"') > 1 or b"\\" in body:
        pairs = json.loads(body, object_pairs_hook=list)
        if len(pairs) != len(members):
            raise InvalidCustomer([FieldProblem("customers", "appears more than once")])
    return members


def limit_rows(rows: list, max_rows: int) -> None:
    if not 1 <= len(rows) <= max_rows:
        found = f"holds {len(rows)} rows; 1 to {max_rows} are allowed"
        raise InvalidCustomer([FieldProblem("customers", found)])


# END SOLUTION


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
    # BEGIN SOLUTION

    @app.post(PATH)
    def predict_batch():
        if predictor is None:
            abort(503, "No model is loaded.")
        if request.mimetype != "application/json":
            abort(415, "Send the customers as application/json.")
        rows = read_rows(request.get_data(), max_rows)
        customers = [row for row in rows if not isinstance(row, InvalidCustomer)]
        probabilities = iter(predictor.predict_probabilities(customers) if customers else [])
        results = []
        for row in rows:
            if isinstance(row, InvalidCustomer):
                count_field_problems(problem.field for problem in row.problems)
                results.append({"errors": row.problems})
            else:
                results.append(prediction(row, next(probabilities)))
        answer = {
            "model_version": predictor.model_version,
            "predicted": len(customers),
            "refused": len(rows) - len(customers),
            "results": results,
        }
        return Response(msgspec.json.encode(answer), content_type="application/json")

    # END SOLUTION


# BEGIN SOLUTION
class RowPrediction(msgspec.Struct, gc=False):
    """One row of the answer: an object the encoder writes without looking at names again."""

    customer_id: str
    churn_probability: float
    churn_prediction: bool
    risk_level: str


def read_rows(body: bytes, max_rows: int) -> list[Customer | InvalidCustomer]:
    if (plain := read_plain_batch(body)) is None:
        return [read_row(row) for row in parse_batch(body, max_rows)]
    limit_rows(plain, max_rows)
    return plain


def read_row(row: bytes) -> Customer | InvalidCustomer:
    try:
        return read_plain_customer(row) or parse_customer(row)
    except InvalidCustomer as refusal:
        return refusal


def prediction(customer: Customer, probability: float) -> RowPrediction:
    return RowPrediction(
        customer.customer_id, probability, probability > CHURNS_ABOVE, risk_level(probability)
    )


# END SOLUTION
