"""What the smoke test must say of right deployments, and of ones with one fault each."""

import contextlib
import json
import re
import socket
import threading

import pytest

from workbench.boundary.outcomes import LearnerError, LearnerTimeout, mismatch
from workbench.instruments.http.deployments import Deployment
from workbench.sandbox.commands import run_python

FILE = "deploy/smoke_test.py"
PROOFS = ("health", "version", "prediction", "refusal", "headers", "latency")
LINE = re.compile(rf"(?m)^(?P<sign>ok  |FAIL) (?P<name>{'|'.join(PROOFS)})\b(?P<told>.*)$")
DEADLINE_SECONDS = 15
STANDARD_CLIENT = ("argparse", "json", "pathlib", "urllib.request", "http.client", "ssl", "typing")
LOGIN = b"<!doctype html><title>Sign in</title><form action=/login></form>"
WITHIN_MS = 1000
NOTHING_BEYOND = (
    "what the docstring asks for, and nothing beyond it: order of keys, extra members and the case of "
    "header names are the server's own affair"
)
TLS_HANDSHAKE = b"\x16"  # how a TLS connection begins: RFC 8446, section 5.1


def known_to(rng) -> dict:
    """What a model says of three customers it has been asked about."""
    predictions = [
        {
            "customer": {
                "customer_id": f"C-{rng.getrandbits(40)}",
                "days_since_last_order": rng.randint(1, 300),
                "total_orders": rng.randint(1, 50),
                "lifetime_value": round(rng.uniform(5, 900), 2),
                "email_open_rate": round(rng.random(), 3),
            },
            "churn_probability": rng.uniform(0.05, 0.95),
        }
        for _ in range(3)
    ]
    return {"model_version": f"v{rng.randint(3, 99)}", "predictions": predictions}


def probabilities_of(known: dict) -> dict[str, float]:
    return {p["customer"]["customer_id"]: p["churn_probability"] for p in known["predictions"]}


class Report:
    """What the smoke test said of one deployment. `which` describes the deployment."""

    def __init__(self, which: str, status: int | None, output: str):
        self.did = f"The check ran `python {FILE} URL --expect known.json` against {which}"
        self.output = output.strip()
        self.status = status
        if status is None:
            got = f"It had not ended after {DEADLINE_SECONDS} s and was stopped"
            raise LearnerTimeout(self.did, got, "a report", "requests that wait without a timeout")
        if "Traceback (most recent call last)" in output or '  File "' in output:
            last = self.output.splitlines()[-1]
            got = f"It ended with a traceback: {last[-300:]}"
            where = re.findall(r'smoke_test\.py", line (\d+)', output)
            look = f"line {where[-1]} of {FILE}" if where else FILE
            look += ": what comes back may be anything, or break off"
            raise LearnerError(
                self.did, got, "a report and an exit status, whatever comes back", look
            )
        self.failed = {m["name"]: m["told"] for m in LINE.finditer(output) if m["sign"] == "FAIL"}
        self.held = [m["name"] for m in LINE.finditer(output) if m["sign"] == "ok  "]

    def fails(self, got: str, expected: str, look: str):
        return mismatch(
            self.did, got=f"{got}. It said: {self.output[-500:]}", expected=expected, look=look
        )

    def expect_good(self, look: str = NOTHING_BEYOND) -> None:
        if self.failed or self.status != 0 or tuple(self.held) != PROOFS:
            first = f"It failed `{next(iter(self.failed))}`" if self.failed else "A line is missing"
            raise self.fails(
                f"{first}, and the exit status was {self.status}",
                f"one line `ok   NAME` for each of {', '.join(PROOFS)}, and status 0",
                look,
            )

    def expect_failed(self, name: str, look: str, saying: str = "") -> None:
        if name not in self.failed:
            said = "held" if name in self.held else "has no line"
            raise self.fails(f"The proof `{name}` {said}", f"a line `FAIL {name}: ...`", look)
        if self.status == 0:
            raise self.fails("The exit status was 0", "status 1", "what `main` returns")
        if saying not in self.failed[name]:
            raise self.fails(
                f"`FAIL {name}` does not mention {saying}", f"{saying} is in that line", look
            )


def smoke_test(project, tmp_path, known: dict, url: str, which: str) -> Report:
    expected = tmp_path / "known.json"
    expected.write_text(json.dumps(known), encoding="utf-8")
    options = ["--expect", str(expected), "--within-ms", str(WITHIN_MS), "--timeout", "2"]
    argv = ["-S", FILE, url, *options]  # -S: no packages beside the standard library
    ended = run_python(
        project.folder, *argv, deadline_seconds=DEADLINE_SECONDS, imported=STANDARD_CLIENT
    )
    return Report(which, ended.status, ended.output)


@pytest.fixture
def judge(project, tmp_path, rng):
    """`judge(which, fault)`: the smoke test's report of a deployment with that fault."""
    known = known_to(rng)
    with contextlib.ExitStack() as stack:

        def judge(which, fault=lambda asked, reply: None, **changes):
            probabilities = changes.get("probabilities") or probabilities_of(known)
            made = Deployment(
                changes.get("version") or known["model_version"], probabilities, fault
            )
            stack.callback(made.close)
            return smoke_test(project, tmp_path, known, made.url, which)

        judge.known = known
        yield judge


def test_a_good_deployment_passes(judge, project, tmp_path, serve):
    """Two good deployments pass: the reference service, and a server that is written differently"""
    known = judge.known
    answers = [
        [[float(p["customer"][name]) for name in list(p["customer"])[1:]], p["churn_probability"]]
        for p in known["predictions"]
    ]
    service = serve(answers=answers, version=known["model_version"])
    url = f"http://127.0.0.1:{service.port}"
    smoke_test(project, tmp_path, known, url, "the reference service").expect_good()
    judge("another server that is right").expect_good()
    near = {name: p + 1e-8 for name, p in probabilities_of(known).items()}
    report = judge("a server whose probabilities differ by 0.00000001", probabilities=near)
    report.expect_good(
        look="how closely a probability is compared: TOLERANCE says what still is right"
    )


def test_the_old_version_is_noticed(judge):
    """An old version that is still live fails `version`"""
    report = judge("a deployment where the old version v1 is still live", version="v1")
    report.expect_failed("version", "`model_version` in the answer to GET /health", "v1")


def test_a_wrong_model_is_noticed(judge):
    """A wrong model under the right version fails `prediction`"""
    right = probabilities_of(judge.known)
    last = list(right)[-1]
    wrong = right | {last: right[last] + 0.00001}
    report = judge("a deployment whose model gives one customer 0.00001 more", probabilities=wrong)
    report.expect_failed("prediction", "whether each known prediction is compared, and how closely")

    what_else = "the `customer_id` and the `model_version` of each prediction"
    for which, fault, look in (
        (
            "a deployment that answers each prediction with status 500",
            predictions_with(status=500),
            "the status of a prediction, before its body is believed",
        ),
        (
            "a deployment whose probabilities are null",
            predictions_with(churn_probability=None),
            "the type of what is compared",
        ),
        (
            "a deployment that answers about another customer",
            predictions_with(customer_id="C-another"),
            what_else,
        ),
        (
            "a deployment where an old version still predicts",
            predictions_with(model_version="v1"),
            what_else,
        ),
    ):
        judge(which, fault).expect_failed("prediction", look)


def predictions_with(status: int = 200, **members):
    """A fault: each prediction gets that status, and these members in its body."""

    def fault(asked, reply):
        if asked.path == "/predict" and reply.status == 200:
            reply.status = status
            reply.body |= members

    return fault


def test_errors_as_200_are_noticed(judge):
    """A bad request that is answered with 200, or without naming the field, fails `refusal`"""

    def always_200(asked, reply):
        reply.status = 200

    refused = []

    def silent(asked, reply):
        if reply.status == 422:
            refused.append(asked.payload)
            reply.body = {"status": 422, "title": "Unprocessable Entity"}

    def another_field(asked, reply):
        if reply.status == 422:
            reply.body["errors"] = [{"field": "lifetime_value", "problem": "missing"}]

    def texts(asked, reply):
        if reply.status == 422:
            reply.body["errors"] = ["total_orders"]

    look = "the status of the refusal and the `field` of its `errors`, both"
    judge("a deployment that sends its errors with status 200", always_200).expect_failed(
        "refusal", look
    )
    report = judge("a deployment that refuses without a reason", silent)
    report.expect_failed("refusal", look)
    if judge.known["predictions"][0]["customer"] | {"total_orders": -1} not in refused:
        raise report.fails(
            f"What it sent to be refused was {refused[0] if refused else 'nothing'}",
            "the first known customer with `total_orders` -1, all else as it was",
            "what the docstring of `prove` says of `refusal`",
        )
    report = judge("a deployment whose `errors` are texts, not objects", texts)
    report.expect_failed("refusal", look)
    judge("a deployment that blames another field", another_field).expect_failed("refusal", look)


def test_a_login_page_is_noticed(judge):
    """A redirect to a login page, or the page itself, fails `health`"""

    def redirect(asked, reply):
        if asked.path == "/login":
            reply.status, reply.body = 200, LOGIN
            reply.headers["content-type"] = "text/html"
        else:
            reply.status, reply.body = 302, b""
            reply.headers["location"] = "/login"

    def page(asked, reply):
        reply.status, reply.body = 200, LOGIN
        reply.headers["content-type"] = "text/html"

    report = judge("a deployment behind a proxy that redirects to /login", redirect)
    report.expect_failed("health", "which client follows redirects by itself: urlopen does", "302")
    report = judge("a deployment where a login page answers everything with 200", page)
    report.expect_failed("health", "what is done with a body that is no JSON")


def test_odd_answers_make_no_traceback(judge):
    """A status of 503, JSON that is no object, and bytes that are no text fail `health`"""

    def listed(asked, reply):
        reply.body = [reply.body]

    def overloaded(asked, reply):
        if asked.path == "/health":
            reply.status = 503

    def noise(asked, reply):
        reply.body = b"\xff\xfe\x00{"

    report = judge("a deployment that answers with a list", listed)
    report.expect_failed("health", "a JSON body may be a list, a number or null as well")
    report = judge("a deployment that says it is healthy with status 503", overloaded)
    report.expect_failed("health", "the status of GET /health, and its body, both")
    report = judge("a deployment that answers with bytes that are no UTF-8", noise)
    report.expect_failed("health", "how a body is shown: it may be any bytes")


def test_wrong_headers_are_noticed(judge):
    """A wrong Content-Type, or a request id that is lost, fails `headers`"""

    def as_text(asked, reply):
        if reply.status == 200:
            reply.headers["content-type"] = "text/plain"

    def lost(asked, reply):
        reply.headers["x-request-id"] = "the-proxys-own"

    def lost_in_a_refusal(asked, reply):
        if reply.status == 422:
            reply.headers["x-request-id"] = "the-proxys-own"

    def untyped(asked, reply):
        reply.headers["content-type"] = None

    look = "both headers: Content-Type of the predictions, X-Request-ID of every answer"
    judge("a deployment that sends JSON as text/plain", as_text).expect_failed("headers", look)
    judge("a deployment that loses the caller's X-Request-ID", lost).expect_failed("headers", look)
    report = judge("a deployment that loses the X-Request-ID of what it refuses", lost_in_a_refusal)
    report.expect_failed("headers", look)
    report = judge("a deployment that sends no Content-Type", untyped)
    report.expect_failed("headers", f"{look}. A header may be absent")


def test_a_slow_deployment_is_noticed(judge):
    """One slow prediction of three fails `latency`"""
    slow = judge.known["predictions"][1]["customer"]["customer_id"]

    def late(asked, reply):
        if isinstance(asked.payload, dict) and asked.payload.get("customer_id") == slow:
            reply.delay_seconds = WITHIN_MS / 1000 + 0.5

    report = judge(
        f"a deployment that takes more than {WITHIN_MS} ms for one of the customers", late
    )
    report.expect_failed("latency", "the slowest of the predictions: a mean hides it")
    if "prediction" in report.failed:
        raise report.fails("`prediction` failed too", "it was right, only slow", "the timeout")


def test_no_answer_is_told(judge, project, tmp_path):
    """A deployment that is down, hangs, or breaks off is told, within seconds; https means TLS"""

    def hang(asked, reply):
        reply.delay_seconds = DEADLINE_SECONDS + 5

    def break_off(asked, reply):
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"

    def no_http(asked, reply):
        return b"\x16\x03\x01 this is no HTTP\r\n"

    def late_fall(asked, reply):
        return b"" if asked.path == "/predict" else None

    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = f"http://127.0.0.1:{probe.getsockname()[1]}"
    look = "the exceptions of the client you use: OSError, TimeoutError, http.client.HTTPException"
    report = smoke_test(project, tmp_path, judge.known, closed, "an address where nobody listens")
    report.expect_failed("health", look)
    for which, fault, proof in (
        ("a deployment that accepts and never answers", hang, "health"),
        ("a deployment that breaks off in the middle of a body", break_off, "health"),
        ("something that speaks no HTTP", no_http, "health"),
        ("a deployment that dies at the first prediction", late_fall, "prediction"),
    ):
        report = judge(which, fault)
        report.expect_failed(proof, look)
        if report.failed.keys() | set(report.held) != set(PROOFS):
            raise report.fails(
                "Some proof has no line",
                "a line for each",
                "what becomes of the later proofs once the deployment gives no answer: they fail too",
            )
    require_tls(project, tmp_path, judge.known)


def require_tls(project, tmp_path, known: dict) -> None:
    """Fails unless an address that begins with https is spoken to over TLS."""
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE_SECONDS)

        def listen() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    heard.append(connection.recv(1))

        listening = threading.Thread(target=listen, daemon=True)
        listening.start()
        url = f"https://127.0.0.1:{server.getsockname()[1]}"
        report = smoke_test(project, tmp_path, known, url, "an https address that breaks off")
        report.expect_failed("health", "what becomes of a connection that breaks off")
        listening.join(DEADLINE_SECONDS)
    if heard != [TLS_HANDSHAKE]:
        raise report.fails(
            f"What it sent to that address began with {heard[0] if heard else b''!r}, which is no TLS",
            f"an https address is spoken to over TLS, which begins with {TLS_HANDSHAKE!r}",
            "the scheme of the address: with https the customers' data must not go in the clear",
        )
