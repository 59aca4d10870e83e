"""What every error must look like on the wire, and what a crash may tell, over HTTP and in the log."""

import json
from http.client import responses
from pathlib import Path
from weakref import WeakKeyDictionary

import pytest

from workbench.boundary.expect import Reply, shown

PROBE = Path(__file__).parent / "probes" / "problems.py"
PROBLEM = "application/problem+json"
MEMBERS = ["type", "title", "status", "detail"]
OTHER_NAMES = {413: {"request entity too large", "content too large"}}
OTHER_NAMES |= {422: {"unprocessable entity", "unprocessable content"}}
CUSTOMER = {"customer_id": "C-7", "total_orders": 3, "lifetime_value": 80.5, "email_open_rate": 0.5}
CUSTOMER |= {"days_since_last_order": 12}
LIMIT_BYTES = 1437
RUNNING = WeakKeyDictionary()
NO_HTML = "the exception's `description` is plain text; `get_description` and `get_body` make HTML"


@pytest.fixture
def running(serve, project):
    """`running("working" | "broken" | "without a model")`: a service, started once for all checks."""
    kinds = {
        "working": {"settings": {"CHURN_MAX_BODY_BYTES": str(LIMIT_BYTES)}},
        "broken": {"default": None},
        "without a model": {"model": None},
    }
    services = RUNNING.setdefault(project, {})

    def find(kind: str):
        if kind not in services or not services[kind].is_running:
            services[kind] = serve(**kinds[kind])
        return services[kind]

    return find


def is_problem(reply: Reply, status: int, *, look: str, members: list | None = None) -> dict:
    """The reply must be a problem document of that status; returns it."""
    reply.has_status(status, look=look)
    reply.has_header(
        "Content-Type",
        PROBLEM,
        look="the media type of the response you make, and what sets it anew afterwards",
    )
    document = reply.json(look="make the body with json.dumps: texts may hold quotes")
    wanted = members or MEMBERS
    if not isinstance(document, dict) or set(document) != set(wanted):
        look = "the members in the docstring; `errors` is there only when there are any"
        raise reply.fails(f"The body was {reply.shown_body()}", f"members {wanted}", look)
    if document["status"] != status or type(document["status"]) is not int:
        look = "the member must repeat the status line: callers may see only one of the two"
        raise reply.fails(f"Its status member was {document['status']!r}", f"{status}", look)
    if document["type"] != "about:blank":
        raise reply.fails(f"Its type was {document['type']!r}", "about:blank", "RFC 9457, 4.2.1")
    return document


def has_texts(reply: Reply, document: dict, *words: str) -> None:
    """The title must be the name of the status, the detail a sentence that holds the words."""
    title, detail = document["title"], document["detail"]
    names = OTHER_NAMES.get(reply.status, {responses[reply.status].lower()})
    if not isinstance(title, str) or title.lower() not in names:
        look = "where the name comes from: an HTTPException knows its own"
        raise reply.fails(f"Its title was {title!r}", f"{responses[reply.status]!r}", look)
    if not isinstance(detail, str) or not detail.strip() or "<" in detail:
        raise reply.fails(f"Its detail was {detail!r}", "a sentence without HTML", NO_HTML)
    if not all(word in detail for word in words):
        look = "what the `abort` said: its description says more than the status does"
        raise reply.fails(f"Its detail was {detail!r}", f"one that says {', '.join(words)}", look)


def post(service, body: bytes, kind: str = "application/json") -> Reply:
    return service.send("POST", "/predict", body, {"Content-Type": kind})


def in_view(project, kind: str) -> tuple[Reply, list]:
    """A view raises an exception of that kind: the reply, its headers and what was logged."""
    answer = project.probe(
        PROBE, "raise_in_view", kind, said=f"GET a view that raises a {kind}"
    ).value
    fields = {name.lower(): value for name, value in answer["headers"]}
    said = f"GET /raises (a view that raises: {kind})"
    reply = Reply(said, answer["status"], fields, answer["body"].encode())
    reply.kinds = [value for name, value in answer["headers"] if name.lower() == "content-type"]
    return reply, answer["log"]


def test_http_errors_are_problem_documents(running, project, rng):
    """404, 405, 413, 415 and 503 are problem documents"""
    service, body = running("working"), json.dumps(CUSTOMER).encode()
    cases = (
        (service.get(f"/nowhere/{rng.randint(1, 999)}"), 404, ()),
        (service.get("/predict"), 405, ()),
        (post(service, b" " * (LIMIT_BYTES + 1)), 413, (str(LIMIT_BYTES),)),
        (post(service, b"a=1", "text/plain"), 415, ("application/json",)),
        (post(running("without a model"), body), 503, ("model",)),
    )
    for reply, status, words in cases:
        look = f"the handler of HTTPException, which {responses[status]} is: it keeps its status"
        has_texts(reply, is_problem(reply, status, look=look), *words)
    reply, _ = in_view(project, "400")
    look = "the handler of HTTPException: from 400 on it is an error, 400 itself too"
    has_texts(reply, is_problem(reply, 400, look=look), "Which one?")
    head = service.send("HEAD", "/nowhere").has_status(404, look="HEAD is GET without the body")
    head.has_header("Content-Type", PROBLEM, look="the headers of a HEAD are those of the GET")


def test_an_http_error_keeps_its_headers(running, project):
    """An HTTP error keeps its own headers: Allow, Retry-After, WWW-Authenticate"""
    look = "`get_headers()` of the exception: some errors are useless without their headers"
    wrong_method = running("working").get("/predict").has_status(405, look="a wrong method")
    allowed = wrong_method.headers.get("allow", "nothing")
    if "POST" not in allowed:
        raise wrong_method.fails(f"The Allow header named {allowed}", "POST among them", look)
    for kind, name, value in (("429", "Retry-After", "7"), ("401", "WWW-Authenticate", "basic")):
        reply, _ = in_view(project, kind)
        reply.has_status(int(kind), look="the status of the exception")
        reply.has_header(name, value, look=look)
        if reply.kinds != [PROBLEM]:
            got = f"Content-Type came as {' and as '.join(reply.kinds)}"
            raise reply.fails(got, f"one Content-Type, {PROBLEM}", "which header not to take over")


def test_an_invalid_customer_becomes_its_status_with_errors(running, rng):
    """An invalid customer gets its own status, and every problem in errors"""
    service = running("working")
    unknown = f'a "quoted" \\ £ {rng.randint(1, 999)}'
    wrong = CUSTOMER | {"total_orders": -rng.random(), "customer_id": "", unknown: 1}
    cases = (
        (json.dumps(wrong).encode(), 422, ["customer_id", "total_orders", unknown]),
        (b'{"customer_id": ', 400, ["body"]),
        (b"[]", 422, ["body"]),
    )
    for body, status, fields in cases:
        reply = post(service, body)
        look = "InvalidCustomer carries its `status` and its `problems`"
        document = is_problem(reply, status, look=look, members=[*MEMBERS, "errors"])
        has_texts(reply, document, "problem")
        told = document["errors"]
        plain = isinstance(told, list) and all(
            isinstance(e, dict) and set(e) == {"field", "problem"} and e["problem"] for e in told
        )
        if not plain or sorted(e["field"] for e in told) != sorted(fields):
            wanted = f'a list of {{"field", "problem"}} for the fields {", ".join(fields)}'
            raise reply.fails(f"Its errors were {shown(told)}", wanted, look)


def test_any_text_makes_a_valid_document(project, rng):
    """problem_response makes valid JSON of any texts"""
    texts = [f'say "{rng.randint(1, 999)}"\n', "\\ back £ 李", "\u2028</script>\x00", "'"]
    rng.shuffle(texts)
    title, detail, field, problem = texts
    said = f"problem_response(422, {title!r}, {detail!r}, errors=[...])"
    made = project.probe(PROBE, "document", title, detail, [[field, problem]], said=said).value
    body, kind = made["body"].encode("utf-8", "replace"), made["kind"]
    reply = Reply(said, made["status"], {"content-type": kind}, body)
    document = is_problem(reply, 422, look="the status given", members=[*MEMBERS, "errors"])
    for name, text in (("title", title), ("detail", detail)):
        if document[name] != text:
            raise reply.fails(f"Its {name} was {document[name]!r}", repr(text), "the arguments")
    if document["errors"] != [{"field": field, "problem": problem}]:
        wanted = repr([{"field": field, "problem": problem}])
        raise reply.fails(f"Its errors were {document['errors']!r}", wanted, "the arguments")


def test_a_crash_is_a_500_that_tells_nothing(running, project):
    """A crash is a 500 document that tells nothing of the cause, and the service goes on"""
    service = running("broken")
    view, _ = in_view(project, "crash")
    for reply in (post(service, json.dumps(CUSTOMER).encode()), view):
        document = is_problem(reply, 500, look="an exception that is no HTTPException")
        has_texts(reply, document)
        answer = f"{reply.headers} {reply.body.decode('utf-8', 'replace')}"
        inside = ("the model is broken", "no row 42", "RuntimeError", "Traceback", ".py", "/srv")
        leaks = [text for text in inside if text in answer]
        if leaks:
            look = "what the detail is made of; str(error) may hold a path, a query, a password"
            wanted = "a detail that says nothing of the cause"
            raise reply.fails(f"It tells {leaks[0]!r}: {reply.shown_body()}", wanted, look)
    service.get("/health").has_status(200, look="whether one crash disturbs the next request")


def test_a_crash_is_logged_with_its_stack_trace(running, project):
    """A crash is logged as an error with its stack trace, a refusal is not"""
    service = running("broken")
    reply = post(service, json.dumps(CUSTOMER).encode())
    lines = "\n".join(service.log_lines(2))
    if "Traceback" not in lines or "the model is broken" not in lines:
        look = "a logger's `exception(...)`, or `error(..., exc_info=...)`, in the handler"
        raise reply.fails(
            "The log has no stack trace of it", "the trace, for whoever is called", look
        )
    reply, log = in_view(project, "crash")
    if not any(entry["exception"] == "LookupError" and entry["level"] >= 40 for entry in log):
        look = "the `logging` module: what is printed is no JSON line, and no alert sees it"
        raise reply.fails(f"logging had {shown(log)}", "a record at ERROR with exc_info", look)
    reply, log = in_view(project, "429")
    if any(entry["level"] >= 40 for entry in log):
        look = "which handler logs: a caller's mistake must wake nobody"
        raise reply.fails(f"logging had {shown(log)}", "no error in the log", look)


def test_what_is_no_error_passes(running, project):
    """Redirects, ready-made responses and successes pass unchanged"""
    look = "an HTTPException with a code below 400 or with none: return it as it is"
    for kind, status in (("303", 303), ("redirect", 302)):
        reply, _ = in_view(project, kind)
        reply.has_status(status, look=look)
        if PROBLEM in reply.kinds:
            raise reply.fails("It became a problem document", "the exception's own response", look)
        reply.has_header("Location", "/elsewhere", look=look)
    service = running("working")
    service.send("HEAD", "/health").has_status(200, look="HEAD /health, which is no error")
    post(service, json.dumps(CUSTOMER).encode()).has_status(200, look="a valid customer")
