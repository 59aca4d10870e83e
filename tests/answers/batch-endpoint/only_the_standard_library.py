"""No msgspec: the pairs of each object are kept, and each row is written out again for the validator."""

import json

from flask import abort, jsonify, request

from churn_service.customer import FieldProblem, InvalidCustomer, parse_customer
from churn_service.risk import risk_level

PATH = "/predict/batch"


class Pairs(list):
    pass


def as_json(value):
    if isinstance(value, Pairs):
        return "{" + ", ".join(f"{json.dumps(k)}: {as_json(v)}" for k, v in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_json, value)) + "]"
    return json.dumps(value)


def refuse(field, problem, status=422):
    raise InvalidCustomer([FieldProblem(field, problem)], status)


def parse_batch(body, max_rows):
    try:
        found = json.loads(body.decode(), object_pairs_hook=Pairs)
    except (ValueError, RecursionError):
        refuse("body", "cannot be read as JSON", 400)
    if not isinstance(found, Pairs):
        refuse("body", "must be an object")
    names = [name for name, _ in found]
    for name in names:
        if name != "customers":
            refuse(name, "is not known here")
    if len(names) != 1:
        refuse("customers", "must be there exactly once")
    rows = found[0][1]
    if not isinstance(rows, list) or isinstance(rows, Pairs):
        refuse("customers", "must be a list")
    if not rows or len(rows) > max_rows:
        refuse("customers", f"must hold between 1 and {max_rows} rows")
    return [as_json(row).encode() for row in rows]


def init_app(app, predictor, *, max_rows, count_field_problems=lambda fields: None):
    def many():
        if predictor is None:
            abort(503)
        if request.mimetype != "application/json":
            abort(415)
        results, good = [], {}
        for place, row in enumerate(parse_batch(request.get_data(), max_rows)):
            try:
                good[place] = parse_customer(row)
                results.append(None)
            except InvalidCustomer as refusal:
                count_field_problems([p.field for p in refusal.problems])
                errors = [{"field": p.field, "problem": p.problem} for p in refusal.problems]
                results.append({"errors": errors})
        if good:
            scores = predictor.predict_probabilities(list(good.values()))
            for (place, customer), score in zip(good.items(), scores):
                results[place] = {
                    "customer_id": customer.customer_id,
                    "churn_probability": score,
                    "churn_prediction": not score <= 0.5,
                    "risk_level": risk_level(score),
                }
        return jsonify(
            results=results,
            predicted=len(good),
            refused=len(results) - len(good),
            model_version=predictor.model_version,
        )

    app.add_url_rule(PATH, "many", many, methods=["POST"])
