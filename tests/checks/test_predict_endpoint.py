"""What POST /predict must do, over HTTP, with a predictor whose answers the check knows."""

import json
import math

FIELDS = ("days_since_last_order", "total_orders", "lifetime_value", "email_open_rate")


def customer_of(rng) -> dict:
    """A customer whose four numbers all differ, so that a mix-up shows."""
    days, orders = rng.sample(range(2, 400), 2)
    value, rate = round(rng.uniform(400, 2000), 2), round(rng.uniform(0.01, 0.99), 3)
    return dict(
        zip(
            ("customer_id", *FIELDS),
            (f"C-{rng.randint(1, 10**6)}", days, orders, value, rate),
            strict=True,
        )
    )


def serving(serve, customer: dict, probability: float, **options):
    """The service, with a model that says `probability` of this customer and 0.0 of all others."""
    answers = [[[customer[name] for name in FIELDS], probability]]
    return serve(answers=answers, default=0.0, **options)


def test_a_customer_gets_the_five_fields(serve, rng):
    """The answer holds the id, the probability, the prediction, the risk level and the version"""
    customer, version = customer_of(rng), f"v{rng.randint(3, 999)}"
    reply = serving(serve, customer, 0.8125, version=version).post("/predict", customer)
    reply.has_status(
        200, look="the path and the method, what the model is handed, and what the view returns"
    )
    expected = {
        "customer_id": customer["customer_id"],
        "churn_probability": 0.8125,
        "churn_prediction": True,
        "risk_level": "high",
        "model_version": version,
    }
    reply.json_equals(
        expected,
        look="the keys in the docstring, and where each value comes from: each goes out as it came",
    )


def test_the_probability_is_not_rounded(serve, rng):
    """The probability is the model's own number"""
    customer, probability = customer_of(rng), rng.uniform(0.1, 0.2)
    got = serving(serve, customer, probability).post("/predict", customer).json()
    if got.get("churn_probability") != probability:
        reply = serving(serve, customer, probability).post("/predict", customer)
        raise reply.fails(
            f"churn_probability was {got.get('churn_probability')!r}",
            f"{probability!r}, which the model said of exactly these four numbers",
            "rounding, or a customer that is not passed to the model as it was parsed",
        )


def test_above_one_half_is_churn(serve, rng):
    """churn_prediction is true above 0.5 and false at 0.5"""
    customer = customer_of(rng)
    for probability, churns in (
        (0.5, False),
        (math.nextafter(0.5, 1), True),
        (0.0, False),
        (1.0, True),
    ):
        reply = serving(serve, customer, probability).post("/predict", customer)
        if reply.json().get("churn_prediction") is not churns:
            raise reply.fails(
                f"For a probability of {probability!r} the body was {reply.shown_body()}",
                f"churn_prediction: {json.dumps(churns)}",
                "the comparison with CHURNS_ABOVE, and that JSON gets a boolean",
            )


def test_the_risk_level_is_that_of_risk_level(serve, rng):
    """risk_level changes just above 0.4 and just above 0.7"""
    customer = customer_of(rng)
    levels = ((0.4, "low"), (0.7, "medium"), (math.nextafter(0.7, 1), "high"))
    for probability, level in levels:
        reply = serving(serve, customer, probability).post("/predict", customer)
        if reply.json().get("risk_level") != level:
            raise reply.fails(
                f"For a probability of {probability!r} the body was {reply.shown_body()}",
                f"risk_level: {level!r}",
                "churn_service/risk.py has this rule already: a rule has one home",
            )


def test_other_media_types_are_refused(serve, rng):
    """A body that is not sent as application/json gets 415; a charset parameter is fine"""
    customer = customer_of(rng)
    service, body = serving(serve, customer, 0.5), json.dumps(customer).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        headers = {"Content-Type": kind} if kind else {}
        reply = service.send("POST", "/predict", body, headers)
        reply.has_status(
            415, look=f"the request's media type was {kind}; the contract takes one only"
        )
    charset = {"Content-Type": "application/json; charset=utf-8"}
    service.send("POST", "/predict", body, charset).has_status(
        200, look="the Content-Type header may carry a parameter after the media type"
    )


def test_an_invalid_customer_is_left_to_the_problem_documents(serve, rng):
    """An invalid customer gets the 422 that problems.py makes of InvalidCustomer"""
    customer = customer_of(rng) | {"total_orders": -1}
    reply = serve().post("/predict", customer)
    reply.has_status(
        422, look="the view catches nothing: what parse_customer raises must get through"
    )
    reply.has_header("Content-Type", "application/problem+json", look="the view catches nothing")


def test_without_a_model_it_is_unavailable(serve, rng):
    """Without a model every request gets 503"""
    reply = serve(model=None).post("/predict", customer_of(rng))
    reply.has_status(
        503, look="`predictor` is None when no model was loaded: ask before you use it"
    )


def test_the_request_log_gets_the_prediction(serve, rng):
    """The view leaves the prediction where the request log finds it"""
    customer = customer_of(rng)
    service = serving(serve, customer, 0.625)
    reply = service.post("/predict", customer)
    lines = service.log_lines(1)
    logged = [json.loads(line).get("churn_probability") for line in lines if line.startswith("{")]
    if 0.625 not in logged:
        raise reply.fails(
            f"The log line was `{lines[-1] if lines else ''}`",
            "churn_probability: 0.625 in the log line",
            "`flask.g.prediction`, which logs.py reads after the view",
        )
