"""What GET /health and GET /ready must do, over HTTP, with a model, without one, and with a broken one."""

import math

PROBLEM = "application/problem+json"


def version_of(rng) -> str:
    return f"v{rng.randint(3, 999)}"


def test_health_answers_with_status_and_version(serve, rng):
    """GET /health answers 200 with the status and the model's version"""
    version = version_of(rng)
    reply = serve(version=version).get("/health")
    reply.has_status(200, look="the path and the method you registered in init_app")
    reply.json_equals(
        {"status": "healthy", "model_version": version},
        look="the version belongs to the predictor: it changes when the model does",
    )


def test_health_does_not_ask_the_model(serve):
    """GET /health answers 200 while the model is missing or broken"""
    alive = "an orchestrator restarts what is not alive; a restart does not mend a model"
    missing = f"what /health asks: here no model is loaded. {alive[0].upper()}{alive[1:]}"
    reply = serve(model=None).get("/health").has_status(200, look=missing)
    reply.json_equals({"status": "healthy", "model_version": None}, look="no predictor, no version")
    broken = f"what /health asks: this model raises. {alive[0].upper()}{alive[1:]}"
    serve(default=None).get("/health").has_status(200, look=broken)


def test_ready_answers_with_status_and_version(serve, rng):
    """GET /ready answers 200 when the model predicts"""
    version = version_of(rng)
    for probability in (rng.random(), 0.0, 1.0):
        reply = serve(version=version, default=probability).get("/ready")
        reply.has_status(200, look=f"a prediction of {probability} is a prediction")
        reply.json_equals(
            {"status": "ready", "model_version": version}, look="the two keys of the contract"
        )


def test_ready_is_refused_without_a_model(serve):
    """GET /ready answers 503 when no model is loaded"""
    reply = serve(model=None).get("/ready")
    reply.has_status(503, look="what `predictor` is when no model was loaded")
    reply.has_header("Content-Type", PROBLEM, look="`problem_response` makes the document")


def test_ready_is_refused_when_the_prediction_raises(serve):
    """GET /ready answers 503, not 500, when the prediction raises"""
    reply = serve(default=None).get("/ready")
    if reply.status == 200:
        raise reply.fails(
            f"The service answered 200 with {reply.shown_body()}",
            "status 503",
            "whether /ready predicts at all: this model raises at every prediction",
        )
    reply.has_status(503, look="the prediction may raise anything: catch it in the view")
    reply.has_header("Content-Type", PROBLEM, look="`problem_response` makes the document")
    if b"the model is broken" in reply.body:
        raise reply.fails(
            f"The body repeats what was raised: {reply.shown_body()}",
            "a sentence that tells the caller nothing of the inside",
            "where the exception's text goes: the log, never the answer",
        )


def test_ready_asks_the_model_each_time(serve):
    """GET /ready notices a model that breaks after start-up"""
    service = serve()
    service.get("/ready").has_status(200, look="the model predicts at this moment")
    service.break_model()
    service.get("/ready").has_status(
        503, look="the moment of the prediction: at each request, not once when the app is made"
    )


def test_ready_is_refused_when_the_prediction_is_no_probability(serve, rng):
    """GET /ready answers 503 when the model predicts nonsense"""
    for nonsense in (1 + rng.random(), -rng.random() - 0.001, math.nan):
        serve(default=nonsense).get("/ready").has_status(
            503, look=f"the model just predicted {nonsense}, which is no probability"
        )


def test_what_the_prediction_raised_is_logged(serve):
    """What the prediction raised goes to the log, where an operator looks"""
    service = serve(default=None)
    reply = service.get("/ready")
    lines = service.log_lines(2)
    if not any("the model is broken" in line for line in lines):
        raise reply.fails(
            f"The log holds {lines[-1] if lines else 'nothing'!r} after a prediction that raised",
            "what the model raised (`the model is broken`) in a log record",
            "the `except` block: an exception that is caught and told to nobody is never mended; "
            "`logging.getLogger(__name__).exception(...)` tells it",
        )
