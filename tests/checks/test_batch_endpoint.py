"""What POST /predict/batch must do, over HTTP: a result for each row, one call for all of them."""

import json
from pathlib import Path

PATH = "/predict/batch"
PROBE = Path(__file__).parent / "probes" / "batch_counts.py"
PROBLEM = "application/problem+json"
ROWS_LOOK = "the loop over the rows: each gives one result, in its place"


def draw_customer(rng, number: int) -> dict:
    return {
        "customer_id": f"C-{number}-{rng.randrange(10**6)}",
        "days_since_last_order": rng.randrange(400),
        "total_orders": rng.randint(1, 60),
        "lifetime_value": round(rng.uniform(1, 2000), 2),
        "email_open_rate": round(rng.random(), 3),
    }


def numbers_of(customer: dict) -> list:
    return [value for name, value in customer.items() if name != "customer_id"]


def predicted(customer: dict, probability: float) -> dict:
    level = "high" if probability > 0.7 else "medium" if probability > 0.4 else "low"
    return {
        "customer_id": customer["customer_id"],
        "churn_probability": probability,
        "churn_prediction": probability > 0.5,
        "risk_level": level,
    }


def draw_scored(rng, count: int) -> tuple[list[dict], list[list], list[dict]]:
    """Customers, the table of their probabilities for `serve`, and the results they must get."""
    customers = [draw_customer(rng, number) for number in range(count)]
    scores = [round(rng.random(), 4) for _ in customers]
    scores[:3] = [0.7, 0.5, 0.4]  # the boundaries
    table = [[numbers_of(c), p] for c, p in zip(customers, scores, strict=True)]
    return customers, table, [predicted(c, p) for c, p in zip(customers, scores, strict=True)]


def is_answer(
    reply,
    version: str,
    results: list,
    look: str = "the method and the path",
    rows: list | tuple = (),
) -> None:
    """The reply must be 200 with these results; the message names the first row that differs.

    `look`: where a status other than 200 comes from. `rows`: what was sent, when a message may need it.
    """
    reply.has_status(200, look=look)
    kind = "the media type of the response: `content_type=`"
    reply.has_header("Content-Type", "application/json", look=kind)
    body = reply.json(look="`msgspec.json.encode` or `jsonify` makes the body")
    got = body.get("results") if isinstance(body, dict) else None
    if not isinstance(got, list) or len(got) != len(results):
        count = len(got) if isinstance(got, list) else "no"
        raise reply.fails(
            f"The answer holds {count} results for {len(results)} rows", "one per row", ROWS_LOOK
        )
    for number, (found, expected) in enumerate(zip(got, results, strict=True)):
        if found != expected:
            look = "the keys of a prediction, and what each of them holds"
            if "errors" in expected:
                look = (
                    "what a refused row gets: all problems of its InvalidCustomer, and no other key"
                )
            if found in results:
                look = f"the order: this is the result of row {results.index(found)}"
            if rows:
                look += f". Row {number} was {json.dumps(rows[number])}"
            raise reply.fails(f"results[{number}] is {found}", f"{expected}", look)
    refused = sum("errors" in result for result in results)
    totals = {"predicted": len(results) - refused, "refused": refused}
    for name, expected in {"model_version": version, **totals}.items():
        if body.get(name) != expected:
            raise reply.fails(
                f"{name} is {body.get(name)!r}", f"{expected!r}", f"what {name} counts or names"
            )


def refusal(service, row) -> dict:
    """What a row that is no customer must get: what /predict says of it."""
    reply = service.send(
        "POST", "/predict", json.dumps(row).encode(), {"Content-Type": "application/json"}
    )
    return {"errors": reply.json()["errors"]}


def spoiled(rng, number: int) -> dict:
    """A row that is no customer, each kind in turn."""
    customer = draw_customer(rng, number)
    kinds = (
        customer | {"email_open_rate": 1 + rng.random()},
        customer | {"total_orders": "12", "lifetime_value": -1},
        {name: value for name, value in customer.items() if name != "customer_id"},
        customer | {"favourite_author": "unknown"},
    )
    return kinds[number % len(kinds)]


def test_every_customer_gets_a_prediction(serve, rng):
    """A batch of customers is answered in its order, as /predict answers each"""
    customers, table, results = draw_scored(rng, rng.randint(5, 12))
    version = f"v{rng.randint(3, 99)}"
    reply = serve(answers=table, version=version).post(PATH, {"customers": customers})
    is_answer(reply, version, results)
    reply.has_header("Content-Type", "application/json", look="the content type of the response")


def test_the_predictor_is_asked_once(serve, rng):
    """All customers of a batch go to the predictor in one call"""
    customers, table, _ = draw_scored(rng, 8)
    service = serve(answers=table)
    reply = service.post(PATH, {"customers": customers})
    asked = service.predictions_asked()
    if asked["batches"] != [len(customers)] or asked["singles"]:
        raise reply.fails(
            f"The predictor was asked {asked['singles']} times for one customer and "
            f"{len(asked['batches'])} times for a list",
            f"one call of predict_probabilities with {len(customers)} customers",
            "where the predictor is called: a call per row costs more than the model itself",
        )


def test_a_bad_row_spoils_no_other(serve, rng):
    """A row that is no customer is refused in its place, with every problem; the others are predicted"""
    customers, table, results = draw_scored(rng, 9)
    service = serve(answers=table)
    rows = list(customers)
    places = [rng.randrange(5), *sorted(rng.sample(range(5, 9), 3))]  # never all at the end
    for number, place in enumerate(places):
        rows[place] = spoiled(rng, number)
        results[place] = refusal(service, rows[place])
    service.predictions_asked()
    look = "what happens when parse_customer raises: only this row is no customer"
    is_answer(service.post(PATH, {"customers": rows}), "v2", results, look, rows)
    asked = service.predictions_asked()
    if asked["batches"] != [5]:
        reply = service.post(PATH, {"customers": rows})
        raise reply.fails(
            f"The predictor was given {asked['batches']} customers",
            "the 5 that are customers, in one call",
            "which rows go to the predictor",
        )


def test_rows_of_any_json_are_refused_in_place(serve, rng):
    """A row that is a number, text, null, a list or an object with a name twice is refused in its place"""
    customer = draw_customer(rng, 1)
    service = serve(default=0.25)
    good = predicted(customer, 0.25)
    twice = json.dumps(customer)[:-1] + ', "total_orders": 3}'
    rows = [str(rng.randrange(99)), '"C-7"', "null", "[]", twice]
    rng.shuffle(rows)
    results = []
    for row in rows:
        headers = {"Content-Type": "application/json"}
        problem = service.send("POST", "/predict", row.encode(), headers).json()
        results += [{"errors": problem["errors"]}, good]
    body = ", ".join(f"{row}, {json.dumps(customer)}" for row in rows)
    reply = service.send(
        "POST", PATH, f'{{"customers": [{body}]}}'.encode(), {"Content-Type": "application/json"}
    )
    look = "how the rows are taken apart: what a row is, an object or not, parse_customer says"
    is_answer(reply, "v2", results, look)


def test_a_batch_of_refusals_is_an_answer(serve, rng):
    """When every row is refused the answer is still 200, and the predictor is left alone"""
    service = serve(default=None)
    rows = [spoiled(rng, number) for number in range(4)]
    reply = service.post(PATH, {"customers": rows})
    reply.has_status(
        200, look="what the predictor is asked when no row is a customer: nothing at all"
    )
    is_answer(reply, "v2", [refusal(service, row) for row in rows])


def test_what_is_no_batch_is_refused(serve, rng):
    """A body that is no batch is refused as a whole, naming the field"""
    service, customer = serve(), draw_customer(rng, 1)
    valid = json.dumps([customer])
    bodies = (
        (f'{{"customers": {valid}'.encode(), 400, "body", "the brace at the end is missing"),
        (b'{"customers": ["\xff"]}', 400, "body", "one byte is not UTF-8"),
        (valid.encode(), 422, "body", "it is a list"),
        (b"{}", 422, "customers", "there is no member"),
        (json.dumps({"customers": customer}).encode(), 422, "customers", "it is no list"),
        (b'{"customers": []}', 422, "customers", "the list is empty"),
        (f'{{"customers": {valid}, "limit": 3}}'.encode(), 422, "limit", "the name is unknown"),
        (
            f'{{"customers": {valid}, "customers": {valid}}}'.encode(),
            422,
            "customers",
            "it comes twice",
        ),
        (
            f'{{"customers": {valid}, "\\u0063ustomers": {valid}}}'.encode(),
            422,
            "customers",
            'it comes a second time as "\\u0063ustomers", which is the same name',
        ),
        (b'{"customers": ' + b"[" * 20_000, 400, "body", "it is nested too deeply to be followed"),
    )
    for body, status, field, why in bodies:
        reply = service.send("POST", PATH, body, {"Content-Type": "application/json"})
        reply.has_status(status, look=f"parse_batch when {why}")
        reply.has_header("Content-Type", PROBLEM, look="raise InvalidCustomer, problems.py answers")
        named = [error.get("field") for error in reply.json().get("errors", [])]
        if named != [field]:
            raise reply.fails(
                f"The problem names {named}",
                f"one problem, of the field {field!r}",
                f"the FieldProblem when {why}",
            )


def test_the_number_of_rows_is_limited(serve, rng):
    """As many rows as max_rows are taken; one more is refused, saying how many are allowed"""
    most = rng.randint(3, 9)
    service = serve(default=0.25, settings={"CHURN_MAX_BATCH_ROWS": str(most)})
    rows = [draw_customer(rng, number) for number in range(most + 1)]
    allowed = [predicted(row, 0.25) for row in rows[:most]]
    look = f"the comparison with max_rows: a batch of exactly {most} is allowed"
    is_answer(service.post(PATH, {"customers": rows[:most]}), "v2", allowed, look)
    reply = service.post(PATH, {"customers": rows})
    reply.has_status(422, look=f"a batch of {most + 1} rows where max_rows is {most}")
    problems = reply.json()["errors"]
    if [p["field"] for p in problems] != ["customers"] or str(most) not in problems[0]["problem"]:
        raise reply.fails(
            f"The problems were {problems}",
            f"one of the field 'customers' that names {most}",
            "the sentence the caller reads: it must say how many rows are allowed",
        )


def test_a_large_batch_is_taken(serve, rng):
    """A batch of a thousand customers is taken, though its body is far over the limit of /predict"""
    rows = [draw_customer(rng, number) for number in range(1000)]
    reply = serve(default=0.25).post(PATH, {"customers": rows})
    is_answer(reply, "v2", [predicted(row, 0.25) for row in rows])


def test_media_type_and_model_are_asked_for(serve, rng):
    """Another media type is 415, a service without a model 503"""
    customer = draw_customer(rng, 1)
    body = json.dumps({"customers": [customer]}).encode()
    serve().send("POST", PATH, body, {"Content-Type": "text/plain"}).has_status(
        415, look="`request.mimetype`, as in /predict"
    )
    serve(model=None).post(PATH, {"customers": [customer]}).has_status(
        503, look="what `predictor` is when no model was loaded"
    )
    serve(default=0.25).send(
        "POST", PATH, body, {"Content-Type": "application/json; charset=utf-8"}
    ).has_status(200, look="`request.mimetype` leaves the charset out")


def test_a_crash_of_the_model_is_not_hidden(serve, rng):
    """When the predictor raises, the answer is a 500, not a list of guesses"""
    reply = serve(default=None).post(PATH, {"customers": [draw_customer(rng, 1)]})
    if reply.status != 500:
        raise reply.fails(
            f"The service answered {reply.status} with {reply.shown_body()}",
            "status 500",
            "what is caught: only InvalidCustomer belongs to a row",
        )


def test_refused_fields_are_reported(project, rng):
    """The field of every problem of every refused row goes to count_field_problems"""
    customer = draw_customer(rng, 1)
    rows = [
        customer,
        customer | {"email_open_rate": 7, "total_orders": None},
        5,
        customer | {"x": 1},
    ]
    said = f"POST {PATH} with {json.dumps({'customers': rows})}"
    answer = project.probe(PROBE, "fields_counted", {"customers": rows}, said=said)
    expected = ["body", "email_open_rate", "total_orders", "x"]
    if sorted(answer.value["fields"]) != expected:
        raise answer.fails(
            f"count_field_problems was told of {answer.value['fields']}",
            f"{expected}, in any order",
            "the call for each refused row: it takes the fields of all its problems",
        )
