"""What GET /metrics must show, judged by the traffic that was sent and the scrapes around it."""

import json
import math
import os
from pathlib import Path

from workbench.boundary.outcomes import shortened
from workbench.boundary.raised import raised_outcome
from workbench.instruments.prometheus.exposition import parse_exposition

PROBE = Path(__file__).parent / "probes" / "counting.py"
FEATURES = ("days_since_last_order", "total_orders", "lifetime_value", "email_open_rate")
FIELDS = ("customer_id", *FEATURES, "body", "other")
REQUESTS, DURATIONS = "http_requests_total", "http_request_duration_seconds"
PREDICTIONS, LATENCY, SCORE = (
    "ml_predictions_total",
    "ml_prediction_latency_seconds",
    "ml_prediction_score",
)
FAILURES = "validation_failures_total"
LABELS = {
    REQUESTS: {"method", "route", "status"},
    f"{DURATIONS}_count": {"method", "route"},
    PREDICTIONS: {"model_version", "outcome"},
    f"{LATENCY}_count": {"model_version"},
    f"{SCORE}_count": {"model_version"},
    FAILURES: {"field"},
    "prediction_cache_total": {"outcome"},
    "prediction_log_dropped_total": set(),
    "model_info": {"version"},
}
JSON_TYPE = {"Content-Type": "application/json"}


def customer_of(rng) -> dict:
    numbers = (rng.randint(1, 300), rng.randint(1, 50), rng.randint(5, 900), rng.random())
    return {"customer_id": f"C-{rng.getrandbits(40)}", **dict(zip(FEATURES, numbers, strict=True))}


def scrape(service):
    """The reply of GET /metrics, and what it shows. Fails when it cannot be read."""
    reply = service.get("/metrics").has_status(200, look="the route that init_app adds")
    kind = reply.headers.get("content-type", "no Content-Type")
    if not kind.startswith("text/plain"):
        look = "`exposition` returns the content type beside the body: hand both on"
        raise reply.fails(f"Content-Type was {kind}", "text/plain; version=...", look)
    return reply, read(reply, reply.body.decode("utf-8", "replace"))


def read(answer, text: str):
    try:
        return parse_exposition(text)
    except ValueError as error:
        look = "`generate_latest` writes the format"
        raise answer.fails(f"Of the text {error}", "Prometheus' text format", look) from None


def expect(answer, seen, wanted: float, name: str, look: str, **labels: str) -> None:
    """Fails unless the series of `name` with these labels add up to `wanted`."""
    got = seen.total(name, **labels)
    if got == wanted:
        return
    series = series_of(name, labels) if labels else f"The sum of {name}"
    near = [f"{series_of('', s.labels)} {s.value:g}" for s in seen.of(name) if s.value][:6]
    shown = f"; series of {name} above 0: {'; '.join(near) or 'none'}"
    raise answer.fails(f"{series} was {got:g}{shown}", f"{series} {wanted:g}", look)


def series_of(name: str, labels: dict[str, str]) -> str:
    """The series as Prometheus writes it."""
    chosen = ", ".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{chosen}}}"


def exposed(project, *calls, version: str | None = "v7"):
    """The answer and the scrape of a fresh ServiceMetrics after these calls."""
    said = "; ".join(f"{name}({', '.join(map(repr, given))})" for name, *given in calls[:2])
    said = f"ServiceMetrics({version!r}), then {said or 'nothing'}"
    answer = project.probe(PROBE, "scrape_after", version, calls, said=said)
    if answer.error and "Duplicated" in answer.error["message"]:
        look = "`registry=` of each metric: the library's own is one for the whole process"
        raise raised_outcome(f"The check called `{said}`", answer.error, "a registry each", look)
    return answer, read(answer, answer.value)


def send_mixed(service, rng) -> dict:
    """Sends requests of every kind; returns how often each (method, route, status) was answered."""
    good = json.dumps(customer_of(rng)).encode()
    kinds = {
        ("GET", "/health", 200): ("/health?x=1", None, {}),
        ("GET", "/ready", 200): ("/ready", None, {}),
        ("POST", "/predict", 200): ("/predict", good, JSON_TYPE),
        ("POST", "/predict", 400): ("/predict", b"{", JSON_TYPE),
        ("POST", "/predict", 413): ("/predict", b" " * 16_385, JSON_TYPE),
        ("POST", "/predict", 415): ("/predict", b"x", {"Content-Type": "text/plain"}),
        ("POST", "/predict", 422): ("/predict", b"{}", JSON_TYPE),
        ("GET", "unmatched", 404): (f"/books/{rng.getrandbits(32)}", None, {}),
        ("DELETE", "unmatched", 405): ("/predict", None, {}),
        ("PATCH", "unmatched", 405): ("/predict", None, {}),
        ("other", "unmatched", 405): ("/predict", None, {}),
    }
    sent = {kind: rng.randint(1, 4) for kind in kinds}
    order = [kind for kind, times in sent.items() for _ in range(times)]
    rng.shuffle(order)
    for kind in order:
        path, body, headers = kinds[kind]
        service.send("BREW" if kind[0] == "other" else kind[0], path, body, headers)
    return sent


def test_every_metric_is_there_with_its_labels(project):
    """Every metric of the table is there, with exactly its labels"""
    calls = [
        ("count_request", "POST", "/predict", 200, 0.004),
        ("count_prediction", 0.25, 0.001),
        ("count_field_problems", ["body"]),
        ("count_cache", "hit"),
        ("count_dropped", 3),
    ]
    answer, seen = exposed(project, *calls)
    for name, labels in LABELS.items():
        found = [set(sample.labels) for sample in seen.of(name)]
        if not found or any(each != labels for each in found):
            got = f"{name} had the labels {sorted(found[0])}" if found else f"{name} was missing"
            wanted = f"{name} with {', '.join(sorted(labels)) or 'no labels'}"
            raise answer.fails(got, wanted, "the table of the docstring: names and labels")
    expect(answer, seen, 3, "prediction_log_dropped_total", "`inc` takes an amount")
    expect(answer, seen, 1, "prediction_cache_total", "the outcomes hit and miss", outcome="hit")
    look = "the version that the constructor is given; the gauge itself is always 1"
    expect(answer, seen, 1, "model_info", look, version="v7")
    answer, seen = exposed(project, version=None)
    expect(answer, seen, 1, "model_info", "a service without a model", version="none")


def test_labels_are_bounded(serve, rng):
    """The number of series does not grow with customers, paths, methods or unknown fields"""
    service = serve()
    counts = []
    for _ in range(3):
        marks = [f"x{rng.getrandbits(48):012x}" for _ in range(5)]
        for mark in marks:
            for customer in (customer_of(rng), customer_of(rng) | {mark: 1, "total_orders": -1}):
                service.post("/predict", customer | {"customer_id": mark})
            for path in (f"/{mark}", f"/health?customer={mark}"):
                service.get(path, **{"X-Request-ID": mark, "User-Agent": mark})
            service.send(mark.upper(), "/predict")
        reply, seen = scrape(service)
        shown = reply.body.decode().lower()
        for mark in marks:
            if mark in shown:
                line = next(line for line in shown.splitlines() if mark in line)
                raise reply.fails(
                    f"{mark}, which only a caller can have made up, was in the line `{shortened(line, 160)}`",
                    "labels whose values the service chooses: every new value is a series that "
                    "Prometheus keeps for weeks",
                    "the label it stands in: a route is a rule, a method or field is of the list",
                )
        counts.append(len(seen.samples))
    if counts[1] != counts[2]:
        got = f"After 25, 50 and 75 requests there were {counts[0]}, {counts[1]} and {counts[2]} lines"
        raise reply.fails(got, "as many lines, whatever the traffic", "labels that vary by request")


def test_requests_are_counted_by_route_and_status(serve, rng):
    """Every request is counted, by method, route and status: 200, 400, 404, 405, 413, 415, 422"""
    service = serve()
    sent = send_mixed(service, rng)
    reply, seen = scrape(service)
    for (method, route, status), times in sent.items():
        labels = {"method": method, "route": route, "status": str(status)}
        look = "where requests are counted: `after_request` sees them all, refused ones too"
        expect(reply, seen, times, REQUESTS, look, **labels)
    for method, route in {kind[:2] for kind in sent}:
        times = sum(n for kind, n in sent.items() if kind[:2] == (method, route))
        look = "the histogram observes each request that the counter counts"
        expect(reply, seen, times, f"{DURATIONS}_count", look, method=method, route=route)
    all_sent = sum(sent.values())
    reply, seen = scrape(service)
    look = "GET /metrics counts like any other request, once it is answered"
    expect(reply, seen, 1, REQUESTS, look, route="/metrics")
    expect(reply, seen, all_sent + 1, REQUESTS, "requests that count twice, or not at all")


def test_a_crash_is_counted_as_a_500(serve, rng):
    """A crash counts as a 500, and its prediction as an error"""
    service, times = serve(default=None), rng.randint(2, 5)
    for _ in range(times):
        service.post("/predict", customer_of(rng))
    reply, seen = scrape(service)
    look = "whether a request that raised passes the place where it is counted"
    expect(reply, seen, times, REQUESTS, look, route="/predict", status="500")
    expect(reply, seen, times, PREDICTIONS, "`count_failed_prediction`", outcome="error")
    look = "a prediction that raised has no score and no latency"
    expect(reply, seen, 0, f"{SCORE}_count", look)


def test_durations_are_seconds_of_the_request(serve, rng):
    """http_request_duration_seconds holds the request's seconds, in cumulative buckets"""
    delay = 0.03
    slow = {"model_version": "v2", "answers": [], "default": 0.5, "delay_seconds": delay}
    service = serve(model=slow)
    times = 3
    for _ in range(times):
        service.post("/predict", customer_of(rng))
    reply, seen = scrape(service)
    total = seen.total(f"{DURATIONS}_sum", route="/predict")
    if not times * delay * 0.9 <= total < 10:
        wanted = f"at least {times * delay:g}: the model took {delay:g} s for each of {times}"
        look = "the unit, which is the second, and when the clock starts and stops"
        raise reply.fails(f"{DURATIONS}_sum of /predict was {total:g}", wanted, look)
    early = sum(
        s.value
        for s in seen.of(f"{DURATIONS}_bucket", route="/predict")
        if float(s.labels["le"]) < delay * 0.9
    )
    if early:
        look = "what is observed: the seconds of this request"
        raise reply.fails(f"Buckets below {delay} s held {early:g}", "0 there", look)


def test_predictions_are_counted_by_outcome(serve, rng):
    """Predictions are counted by outcome and version, and their scores fall into tenths"""
    version = f"v{rng.randint(3, 999)}"
    scores = [0.5, *(rng.choice((rng.uniform(0, 0.49), rng.uniform(0.51, 1))) for _ in range(9))]
    customers = [customer_of(rng) for _ in scores]
    table = [
        [[customer[name] for name in FEATURES], score]
        for customer, score in zip(customers, scores, strict=True)
    ]
    service = serve(answers=table, version=version)
    for customer in customers:
        service.post("/predict", customer)
    reply, seen = scrape(service)
    churn = sum(score > 0.5 for score in scores)
    for outcome, times in {"churn": churn, "stay": len(scores) - churn, "error": 0}.items():
        look = "the boundary: above 0.5 is churn, 0.5 itself is stay"
        labels = {"model_version": version, "outcome": outcome}
        expect(reply, seen, times, PREDICTIONS, look, **labels)
    for name in (LATENCY, SCORE):
        look = "each prediction is observed once, under the model's version"
        expect(reply, seen, len(scores), f"{name}_count", look, model_version=version)
    for sample in seen.of(f"{SCORE}_bucket"):
        below = sum(score <= float(sample.labels["le"]) for score in scores)
        if sample.value != below:
            got = f"The bucket of scores up to {sample.labels['le']} held {sample.value:g}"
            look = "what the histogram observes: the probability, unchanged"
            raise reply.fails(f"{got}; the scores were {scores}", f"{below} there", look)


def test_buckets_resolve_the_objectives(project):
    """The buckets resolve the objectives: 5 ms and 50 ms, and scores in tenths"""
    answer, seen = exposed(
        project, ("count_request", "GET", "/health", 200, 0.1), ("count_prediction", 0.5, 0.1)
    )
    for name in (DURATIONS, LATENCY):
        bounds = seen.bounds(name)
        finite = [bound for bound in bounds if math.isfinite(bound)]
        right = (
            {0.005, 0.05} <= set(finite)
            and sum(bound < 0.005 for bound in finite) >= 2
            and any(0.005 < bound < 0.05 for bound in finite)
            and sum(bound > 0.05 for bound in finite) >= 2
        )
        if not right:
            wanted = "0.005 and 0.05 among them, two or more below, one between, two or more above"
            look = (
                "`buckets=`: a quantile is guessed between two bounds, so put them where it matters"
            )
            raise answer.fails(f"The bounds of {name} were {bounds}", wanted, look)
    finite = [bound for bound in seen.bounds(SCORE) if math.isfinite(bound)]
    tenths = [tenth / 10 for tenth in range(1, 11)]
    if len(finite) != 10 or any(abs(a - b) > 1e-9 for a, b in zip(finite, tenths, strict=True)):
        look = "`buckets=` of the score: the default ones are made for seconds"
        raise answer.fails(f"The bounds of {SCORE} were {finite}", "0.1, 0.2, ... 1.0", look)


def test_validation_failures_are_counted_by_field(serve, project, rng):
    """Each problem of a refused body counts under its field, unknown names under "other\""""
    service, good = serve(), customer_of(rng)
    unknown = f"shoe_{rng.getrandbits(32)}"
    nameless = {name: good[name] for name in good if name != "customer_id"}
    twice = json.dumps(good)[:-1] + ', "lifetime_value": 3}'
    bodies = {
        json.dumps(good | {"total_orders": -1, "email_open_rate": 2, unknown: 1}): 422,
        json.dumps(nameless): 422,
        "{": 400,
        twice: 422,
        json.dumps(good): 200,
    }
    for body, status in bodies.items():
        reply = service.send("POST", "/predict", body.encode(), JSON_TYPE)
        reply.has_status(status, look="what counts an answer leaves it as it is, and never raises")
    reply, seen = scrape(service)
    counted = {"total_orders", "email_open_rate", "other", "customer_id", "body", "lifetime_value"}
    for field in FIELDS:
        look = "the problem document's `errors`, and the names that are none of FIELDS"
        expect(reply, seen, float(field in counted), FAILURES, look, field=field)
    field = rng.choice(FEATURES)
    answer, seen = exposed(project, ("count_field_problems", [field, unknown, field, unknown]))
    for label in (field, "other"):
        expect(answer, seen, 2, FAILURES, "repeats: each problem named counts", field=label)


def test_known_series_stand_at_zero_from_the_start(project):
    """Series whose labels are known beforehand stand at 0 before anything happened"""
    answer, seen = exposed(project)
    known = [(PREDICTIONS, {"outcome": outcome}) for outcome in ("churn", "stay", "error")]
    known += [(FAILURES, {"field": field}) for field in FIELDS]
    known += [("prediction_cache_total", {"outcome": outcome}) for outcome in ("hit", "miss")]
    for name, labels in [*known, ("prediction_log_dropped_total", {}), (f"{SCORE}_count", {})]:
        values = [sample.value for sample in seen.of(name, **labels)]
        if values != [0]:
            got = (
                f"{name} {labels or ''} was {values[0]:g}"
                if values
                else f"{name} {labels} was missing"
            )
            look = "`.labels(...)` makes a series: call it for each known value when you start"
            raise answer.fails(got, "0: `increase` does not see a counter appear at 1", look)


def test_two_instances_share_nothing(project):
    """Two instances in one process count apart"""
    calls = [("count_prediction", 0.9, 0.001), ("count_cache", "miss")]
    said = "first, second = ServiceMetrics('v1'), ServiceMetrics('v1')"
    answer = project.probe(PROBE, "scrapes_of_two", calls, said=said)
    first, second = (read(answer, text) for text in answer.value)
    look = "the registry: `registry=` with one of the instance's own, not the library's global one"
    expect(answer, first, 1, PREDICTIONS, look, outcome="churn")
    expect(answer, second, 0, PREDICTIONS, look, outcome="churn")


def test_two_workers_answer_as_one(project, rng):
    """Under two worker processes every scrape shows the counts of both"""
    several = 2 if os.name == "posix" else 1  # processes cannot share a port on Windows
    service = project.start_command(workers=several, settings={})
    times = rng.randint(30, 40)
    for _ in range(times):
        reply = service.post("/predict", customer_of(rng))
        reply.has_status(200, look="the metrics change no answer")
    for _ in range(8):  # each scrape reaches one worker or the other
        reply, seen = scrape(service)
        counted = seen.total(REQUESTS, route="/predict")
        has = "the files' counts and its own too" if counted > times else "those of one worker only"
        look = f"`exposition` when PROMETHEUS_MULTIPROC_DIR is set: this scrape shows {has}"
        expect(reply, seen, times, REQUESTS, look, route="/predict")
        expect(reply, seen, times, f"{LATENCY}_count", look)
        expect(
            reply, seen, 1, "model_info", "`multiprocess_mode` of the gauge: not one per process"
        )
