"""What the request log must hold, judged by the requests that were sent and the lines they left."""

import functools
import hashlib
import hmac
import json
import math
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workbench.boundary.outcomes import shortened

PROBE = Path(__file__).parent / "probes" / "log_writes.py"
FIELDS = ("days_since_last_order", "total_orders", "lifetime_value", "email_open_rate")
MEMBERS = {
    "timestamp": (str,),
    "level": (str,),
    "request_id": (str,),
    "method": (str,),
    "route": (str,),
    "status": (int,),
    "latency_ms": (int, float),
    "model_version": (str,),
}
PREDICTED = ("churn_probability", "customer_pseudonym")
PLAIN_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b")
MADE_ID = re.compile("[0-9a-f]{32}")
JSON_TYPE = {"Content-Type": "application/json"}


class Watched:
    """A service, and the lines that each request leaves on its standard error."""

    def __init__(self, service):
        self.service = service

    def send(self, method, path, body=None, headers=None):
        """Sends a request; returns the reply and the line it left. Fails unless it left just one."""
        before = len(self.service.log_lines(0))
        reply = self.service.send(method, path, body, headers)
        return reply, one_line(reply, self.service.log_lines(before + 1)[before:])

    def get(self, path, **headers):
        return self.send("GET", path, None, headers)

    def post(self, customer, **headers):
        return self.send("POST", "/predict", json.dumps(customer).encode(), JSON_TYPE | headers)

    @property
    def log(self) -> str:
        return self.service.stderr()


@functools.cache
def plain(project, key: str = "k" * 32) -> Watched:
    """A service whose model says 0.5 of everybody; one for all checks."""
    model = {"model_version": "v41", "answers": [], "default": 0.5}
    return Watched(project.start_service(model, {"CHURN_PSEUDONYM_KEY": key}))


def customer_of(rng, **changes) -> dict:
    numbers = (rng.randint(1, 300), rng.randint(1, 50), rng.uniform(5, 900), rng.random())
    named = {"customer_id": f"C-{rng.getrandbits(40)}", **dict(zip(FIELDS, numbers, strict=True))}
    return named | changes


def one_line(reply, texts: list[str]) -> dict:
    """The request line among `texts`. Only a crash may leave other lines: the process's own logging."""
    read = [parsed(text) for text in texts]
    if reply.status != 500 and None in read:
        raise reply.fails(
            f"Standard error got this line: `{shortened(texts[read.index(None)], 200)}`",
            "one JSON object on one line, and nothing else",
            "what is printed, and how the line is made: `json.dumps` keeps any text on its line",
        )
    lines = [line for line in read if line is not None and "status" in line]
    if len(lines) != 1:
        raise reply.fails(
            f"The service answered {reply.status}; the request left {len(lines)} request lines",
            "one line for each request, whatever its status",
            "whether every response passes the place where the line is written, once",
        )
    return lines[0]


def parsed(text: str) -> dict | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def expect(reply, line: dict, name: str, holds: bool, expected: str, look: str) -> None:
    """Fails, naming the member of the line, unless `holds`."""
    if not holds:
        got = f"`{name}` was {json.dumps(line[name])}" if name in line else f"`{name}` was missing"
        raise reply.fails(f"In the log line {got}", expected, look)


def expect_no_prediction(reply, line: dict, look: str = "when these members are added") -> None:
    for name in PREDICTED:
        expect(reply, line, name, name not in line, "absent: nothing was predicted", look)


def test_each_request_leaves_one_line(project, rng):
    """Each request leaves one JSON line: with a 200, a 404, 405, 413, 415, 422 or 400"""
    body = json.dumps(customer_of(rng)).encode()
    for status, method, path, sent, headers in (
        (200, "POST", "/predict", body, JSON_TYPE),
        (404, "GET", "/nowhere", None, {}),
        (405, "DELETE", "/predict", None, {}),
        (413, "POST", "/predict", b" " * 16_385, JSON_TYPE),
        (415, "POST", "/predict", b"x", {"Content-Type": "text/plain"}),
        (422, "POST", "/predict", b"{}", JSON_TYPE),
        (400, "POST", "/predict", b"{", JSON_TYPE),
    ):
        reply, line = plain(project).send(method, path, sent, headers)
        reply.has_status(status, look="the request log changes no answer")
        wanted = {
            "status": status,
            "method": method,
            "level": "info" if status < 400 else "warning",
        }
        for name, value in wanted.items():
            right = type(line.get(name)) is type(value) and line[name] == value
            expect(reply, line, name, right, json.dumps(value), "the docstring of init_app")


def test_failures_leave_their_line_too(serve, rng):
    """A missing model (503) and a crash (500) leave their line too"""
    for status, options in ((503, {"model": None}), (500, {"default": None})):
        service, customer = Watched(serve(**options)), customer_of(rng)
        reply, line = service.post(customer)
        right = (reply.status, line["status"], line.get("level")) == (status, status, "error")
        expect(reply, line, "level", right, f'"error" beside status {status}', "the three levels")
        expect_no_prediction(reply, line)
        hidden = customer["customer_id"] not in service.log
        expect(reply, line, "status", hidden, "no customer id in the log", "what else is written")


def test_a_line_has_its_members(serve, rng):
    """A line holds the members of the docstring, with their types"""
    version, probability = f"v{rng.randint(3, 999)}", rng.random()
    service = Watched(serve(version=version, default=probability))
    for reply, line in (service.get("/health"), service.post(customer_of(rng))):
        for name, kinds in MEMBERS.items():
            wanted = f"a member `{name}` ({' or '.join(kind.__name__ for kind in kinds)})"
            right = type(line.get(name)) in kinds
            expect(reply, line, name, right, wanted, "the list of members in the docstring")
        right = line.get("model_version") == version
        expect(reply, line, "model_version", right, repr(version), "the argument of init_app")
        if reply.said.startswith("GET"):
            expect_no_prediction(reply, line)
    right = line.get("churn_probability") == probability
    expect(reply, line, "churn_probability", right, repr(probability), "`flask.g.prediction`")


def test_the_timestamp_is_now_in_utc(project):
    """The timestamp is the present moment, in UTC"""
    margin = timedelta(seconds=1)  # a time in whole seconds is rounded down
    before = datetime.now(UTC) - margin
    reply, line = plain(project).get("/health")
    after = datetime.now(UTC) + margin
    try:
        moment = datetime.fromisoformat(line["timestamp"])
        right = line["timestamp"].endswith(("+00:00", "Z")) and before <= moment <= after
    except (KeyError, TypeError, ValueError):
        right = False
    wanted = f"an ISO 8601 time near {datetime.now(UTC).isoformat()}, ending in +00:00 or Z"
    look = "`datetime.now()` without a time zone is local time, and does not say so"
    expect(reply, line, "timestamp", right, wanted, look)


def test_the_latency_is_that_of_the_request_in_milliseconds(serve, rng):
    """latency_ms is the time of this request, in milliseconds"""
    delay_ms = 60
    model = {"model_version": "v2", "answers": [], "default": 0.5, "delay_seconds": delay_ms / 1000}
    service = Watched(serve(model=model))
    reply, line, took_ms = timed(lambda: service.post(customer_of(rng)))
    right = delay_ms - 1 <= latency_of(line) <= took_ms + 250
    wanted = f"{delay_ms} at least (the model took so long), and {took_ms:.0f} at most"
    look = "the unit (`time.perf_counter` counts seconds), and whether the view is inside"
    expect(reply, line, "latency_ms", right, wanted, look)
    quick = [timed(lambda: service.get("/health")) for _ in range(5)]
    reply, line, took_ms = min(quick, key=lambda seen: latency_of(seen[1]) - seen[2])
    right = 0 <= latency_of(line) <= took_ms + 5
    wanted = f"at most {took_ms:.1f}, which the request took from outside"
    expect(reply, line, "latency_ms", right, wanted, "when the clock starts: at each request")


def timed(send) -> tuple:
    """The reply, its line, and the milliseconds that both took from outside."""
    started = time.perf_counter()
    reply, line = send()
    return reply, line, (time.perf_counter() - started) * 1000


def latency_of(line: dict) -> float:
    """latency_ms, or NaN, which is within no limits."""
    value = line.get("latency_ms")
    return value if type(value) in (int, float) else math.nan


def test_the_route_is_the_rule(project, rng):
    """route is the rule that matched, never the path that was sent"""
    service, person = plain(project), f"ada{rng.getrandbits(32)}@example.org"
    for path, routes in (
        (f"/health?email={person}", ("/health",)),
        (f"/customers/{person}?token=1", ("unmatched",)),
        ("/predict", ("unmatched", "/predict")),  # the path is known, the method is not
    ):
        reply, line = service.get(path)
        wanted = f"{routes[0]!r}: the rule that matched, if one did"
        look = "`request.url_rule`, which is None when no rule matched; a path is the caller's text"
        expect(reply, line, "route", line.get("route") in routes, wanted, look)
        if person in service.log:
            raise reply.fails(
                f"The log holds {person}, which was part of an address",
                "of all that a caller sent, a sane request id only",
                "every member made of the path, the query or a header",
            )


def test_a_sane_request_id_is_kept(project, rng):
    """A sane X-Request-ID is returned and logged; without one, each request gets a new one"""
    service, made = plain(project), []
    for offered in (f"order-{rng.getrandbits(40)}.A_b", "x" * 64, "7", None, None):
        path = "/health" if offered else "/nowhere"
        reply, line = service.get(path, **{"X-Request-ID": offered} if offered else {})
        answered = reply.headers.get("x-request-id", "")
        if not (answered == offered or (offered is None and MADE_ID.fullmatch(answered))):
            raise reply.fails(
                f"With X-Request-ID {offered!r} the response carried {answered!r}",
                f"{offered!r}" if offered else "a new id of 32 hexadecimal digits",
                "`choose_request_id`, and the header of the response, that of a 404 too",
            )
        look = "the log and the response name the same id, or nobody finds the line"
        expect(reply, line, "request_id", line.get("request_id") == answered, answered, look)
        made.append(answered)
    if made[-1] == made[-2]:
        raise reply.fails(f"Two requests both got {made[-1]}", "an id each", "when the id is made")


def test_an_odd_request_id_is_replaced(project, call):
    """An odd X-Request-ID (empty, too long, with spaces or signs) is replaced, never echoed"""
    for offered in ("two words", "x" * 65, 'a","level":"info', "\x1b[31mred", "é", "", "a/b"):
        reply, line = plain(project).get("/health", **{"X-Request-ID": offered})
        seen = (reply.headers.get("x-request-id", ""), str(line.get("request_id")))
        if not all(MADE_ID.fullmatch(answer) for answer in seen):
            raise reply.fails(
                f"With X-Request-ID {offered!r} the response carried {seen[0]!r}, the log {seen[1]!r}",
                "a new id of 32 hexadecimal digits in both",
                "what counts as sane: which signs, and how many of them",
            )
    for offered in ("abc\n", "١٢٣"):
        answer = call("churn_service.logs", "choose_request_id", offered)
        if not MADE_ID.fullmatch(str(answer.value)):
            raise answer.fails(
                f"It returned {answer.value!r}",
                "a new id of 32 hexadecimal digits",
                "the edges of the pattern: `$` also matches before a last line break, and `\\w`, "
                "`\\d` and `isalnum` know the letters and digits of every script",
            )


def test_no_customer_id_is_in_the_log(project, rng):
    """The raw customer id is nowhere in the log, whether the request is answered or refused"""
    for changes in ({}, {"total_orders": -1}):
        customer = customer_of(rng, **changes)
        reply, _ = plain(project).post(customer)
        if customer["customer_id"] in plain(project).log:
            raise reply.fails(
                f"The log holds {customer['customer_id']}, the customer's id",
                "the pseudonym alone",
                "every member that is made of the request's body",
            )


def test_the_pseudonym_is_keyed(project, rng):
    """The pseudonym is a hash under the key: one for each customer, and others under another key"""
    key, raw = f"{rng.getrandbits(128):032x}", f"C-{rng.getrandbits(40)}"
    reply, line = plain(project, key).post(customer_of(rng, customer_id=raw))
    first = line.get("customer_pseudonym")
    right = type(first) is str and len(first) > 0
    expect(reply, line, "customer_pseudonym", right, "a text", "`pseudonym` and `g.prediction`")
    for name in PLAIN_HASHES:
        digest = hashlib.new(name, raw.encode()).hexdigest()
        look = "who can compute it: whoever has a list of ids hashes them all and compares"
        wanted = f"a hash that needs the key; this is the plain {name} of {raw!r}"
        right = first not in digest and digest not in first
        expect(reply, line, "customer_pseudonym", right, wanted, look)
    for service, customer_id, is_same in (
        (plain(project, key), raw, True),
        (plain(project, key), raw + "1", False),
        (plain(project), raw, False),
    ):
        reply, line = service.post(customer_of(rng, customer_id=customer_id))
        whose = "the same id" if is_same else "another id or another key"
        wanted = f"{'again' if is_same else 'not'} {first}: it is {whose}"
        right = (line.get("customer_pseudonym") == first) is is_same
        look = "what goes into it: the id and `settings.pseudonym_key`, nothing else"
        expect(reply, line, "customer_pseudonym", right, wanted, look)
    reply, line = plain(project, key).post(customer_of(rng, customer_id="Zoë"))
    wanted = hmac.new(key.encode(), "Zoë".encode(), hashlib.sha256).hexdigest()
    look = "HMAC-SHA256 of the id in UTF-8 under the key, all of its hexadecimal digits"
    expect(
        reply, line, "customer_pseudonym", line.get("customer_pseudonym") == wanted, wanted, look
    )


def test_a_forged_line_stays_on_its_line(serve, rng):
    """Line breaks, colour codes and quotes from a caller stay on their line"""
    version = "v\u2028\x1b[31m\u00e9"  # the one text of the line that is ours to choose
    service = Watched(serve(version=version))
    header = '"}\t{"forged":1} \x1b[31m'
    for reply, line in (
        service.post(customer_of(rng, customer_id='ada"}\n{"forged":1}\r\n\u2028\x1b[2K\x00')),
        service.get('/%0a%7B"forged":1%7D%0d%1b[2K?x=%0aforged%e2%80%a8'),
        service.get("/health", **{"User-Agent": header, "Referer": header, "X-Request-ID": header}),
    ):
        strange = [sign for sign in service.log if sign != "\n" and not " " <= sign <= "~"]
        if strange or "forged" in service.log:
            what = f"the character {strange[0]!r}" if strange else "words of the caller"
            raise reply.fails(
                f"The log holds {what}",
                "ASCII, and of all that a caller sent a sane request id only",
                "how the line is made: `json.dumps` escapes the rest unless it is told not to",
            )
        right = line.get("model_version") == version
        expect(reply, line, "model_version", right, ascii(version), "who escapes: json.dumps does")


def test_requests_at_the_same_time_keep_apart(serve, rng):
    """Requests that run at the same time get a whole line each, with their own data"""
    customers = {f"r-{number}": customer_of(rng) for number in range(24)}
    said = {name: rng.random() for name in customers}
    answers = [
        [[customers[name][field] for field in FIELDS], probability]
        for name, probability in said.items()
    ]
    slow = {"model_version": "v2", "answers": answers, "default": 0.5, "delay_seconds": 0.01}
    service = serve(model=slow)

    def ask(name: str):
        return service.post("/predict", customers[name], **{"X-Request-ID": name})

    with ThreadPoolExecutor(8) as callers:
        replies = list(callers.map(ask, said))
    texts = service.log_lines(len(said))
    lines = {line.get("request_id"): line for line in map(parsed, texts) if line}
    for name, reply in zip(said, replies, strict=True):
        got = lines.get(name, {}).get("churn_probability")
        if got != said[name] or len(texts) != len(said):
            raise reply.fails(
                f"Of {len(said)} predictions, eight at a time, {len(texts)} lines came; the line of "
                f"{name} had churn_probability {got!r}",
                f"{len(said)} lines, and {said[name]!r} in this one, as that request was answered",
                "where a request's data are kept: `flask.g` is its own, other variables are shared",
            )
    after = Watched(service).get("/health")
    expect_no_prediction(*after, look="what is left over from an earlier request")


def test_the_line_is_written_with_one_call(project):
    """The line is written with one call, to what sys.stderr is at that moment"""
    said = 'client.get("/health")'
    answer = project.probe(PROBE, "writes_of_one_request", "/health", said=said)
    writes = answer.value
    if not writes:
        raise answer.fails(
            "Nothing was written to `sys.stderr`, which was replaced after the app was made",
            "one line",
            "when it is looked up: a handler made at start-up keeps the stream of that moment",
        )
    if len(writes) != 1 or not writes[0].endswith("\n"):
        raise answer.fails(
            f"`sys.stderr.write` was called {len(writes)} times; the last wrote {writes[-1]!r}",
            "one call, which writes the line with its line break",
            "`print` writes the text and the line break apart; another thread may come between",
        )
