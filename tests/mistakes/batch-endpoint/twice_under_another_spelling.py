# fails: test_what_is_no_batch_is_refused
# says: which is the same name
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
    if not 1 <= len(rows) <= max_rows:
        found = f"holds {len(rows)} rows; 1 to {max_rows} are allowed"
        raise InvalidCustomer([FieldProblem("customers", found)])
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
    if body.count(b'"customers"') > 1:
        pairs = json.loads(body, object_pairs_hook=list)
        if len(pairs) != len(members):
            raise InvalidCustomer([FieldProblem("customers", "appears more than once")])
    return members


# END SOLUTION
    # BEGIN SOLUTION

    @app.post(PATH)
    def predict_batch():
        if predictor is None:
            abort(503, "No model is loaded.")
        if request.mimetype != "application/json":
            abort(415, "Send the customers as application/json.")
        rows = [read_row(row) for row in parse_batch(request.get_data(), max_rows)]
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
