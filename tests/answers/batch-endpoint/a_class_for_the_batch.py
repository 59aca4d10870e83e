"""A batch is an object that fills in its own results; members are told apart by one strict decoder."""

import json
from collections import Counter

import msgspec
from flask import Response, abort, request

from churn_service.customer import FieldProblem, InvalidCustomer, parse_customer
from churn_service.risk import risk_level

PATH = "/predict/batch"


def names_of(body):
    try:
        pairs = json.loads(body, object_pairs_hook=lambda found: ("object", found))
    except (ValueError, RecursionError) as error:
        raise InvalidCustomer([FieldProblem("body", type(error).__name__)], 400) from error
    if not isinstance(pairs, tuple):
        raise InvalidCustomer([FieldProblem("body", "no object")])
    return Counter(name for name, _ in pairs[1])


def parse_batch(body, max_rows):
    names = names_of(body)
    wrong = [FieldProblem(n, "unknown") for n in names if n != "customers"]
    if names["customers"] != 1:
        wrong += [FieldProblem("customers", "wanted once")]
    if wrong:
        raise InvalidCustomer(wrong)
    try:
        rows = msgspec.json.decode(body, type=dict[str, list[msgspec.Raw]])["customers"]
    except msgspec.ValidationError:
        raise InvalidCustomer([FieldProblem("customers", "wanted as a list")]) from None
    if len(rows) not in range(1, max_rows + 1):
        raise InvalidCustomer([FieldProblem("customers", f"from 1 to {max_rows}, please")])
    return list(map(bytes, rows))


class Batch:
    def __init__(self, rows):
        self.results = [None] * len(rows)
        self.customers = []
        for place, row in enumerate(rows):
            try:
                self.customers.append((place, parse_customer(row)))
            except InvalidCustomer as problem:
                self.results[place] = problem

    def problems(self):
        return [r for r in self.results if isinstance(r, InvalidCustomer)]

    def settle(self, predictor):
        asked = [customer for _, customer in self.customers]
        for (place, customer), p in zip(
            self.customers, predictor.predict_probabilities(asked) if asked else ()
        ):
            self.results[place] = dict(
                risk_level=risk_level(p), churn_prediction=p > 0.5, churn_probability=p,
                customer_id=customer.customer_id,
            )

    def shown(self, version):
        refused = len(self.problems())
        shown = [
            {"errors": [vars(p) for p in r.problems]} if isinstance(r, InvalidCustomer) else r
            for r in self.results
        ]
        return json.dumps(
            {"results": shown, "refused": refused, "predicted": len(shown) - refused,
             "model_version": version}
        )


def init_app(app, predictor, *, max_rows, count_field_problems=lambda fields: None):
    @app.post(PATH)
    def batch():
        predictor or abort(503)
        request.mimetype == "application/json" or abort(415)
        asked = Batch(parse_batch(request.get_data(), max_rows))
        for refusal in asked.problems():
            count_field_problems({p.field for p in refusal.problems})
        asked.settle(predictor)
        return Response(asked.shown(predictor.model_version), mimetype="application/json")
