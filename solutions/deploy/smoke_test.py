"""Proves that a deployment works, from outside: `python deploy/smoke_test.py URL --expect known.json`.

`known.json` is what `record_known.py` makes of an artefact: the version, and what its model says of a
few customers. So the proof is held against the model that was meant to be shipped, not against what
happens to be live. Standard library only: it runs wherever there is a Python.

It prints one line for each proof, "ok   NAME" or "FAIL NAME: what was seen", and ends with status 0 when
all of them hold, else with 1.
"""

import argparse
import http.client
import json
import math
import sys
import time
import urllib.parse
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TOLERANCE = 1e-6
PROOFS = ("health", "version", "prediction", "refusal", "headers", "latency")


class NoAnswer(Exception):
    """No HTTP answer came. The message says why, in one sentence."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: its status, its headers by lower-case name, its body, the seconds it took."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def document(self) -> dict:
        """The body as a JSON object; an empty one when it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def send(url: str, method: str, path: str, payload: object, timeout_seconds: float) -> Answer:
    """Send one request and return what came back, whatever its status; a redirect is not followed.

    `payload`, unless it is None, goes as JSON. Each request carries an X-Request-ID header of its own,
    kept in `Answer.headers` under "sent-request-id". Raises NoAnswer when the connection is refused,
    breaks, speaks no HTTP, or takes longer than `timeout_seconds`.
    """
    # BEGIN SOLUTION
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    request_id = uuid.uuid4().hex
    headers = {"X-Request-ID": request_id, "Accept": "application/json"}
    body = None
    if payload is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(payload)
    started = time.perf_counter()
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=timeout_seconds)
        try:
            connection.request(method, parts.path.rstrip("/") + path, body, headers)
            reply = connection.getresponse()
            content = reply.read()
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = str(error) or type(error).__name__
        raise NoAnswer(f"{method} {path} got no answer ({reason})") from None
    fields = {name.lower(): value for name, value in reply.getheaders()}
    fields["sent-request-id"] = request_id
    return Answer(reply.status, fields, content, time.perf_counter() - started)
    # END SOLUTION


def prove(
    url: str, known: dict, *, within_ms: float, timeout_seconds: float
) -> Iterator[tuple[str, str]]:
    """Yield the name of each of PROOFS, in this order, with what is wrong; "" when nothing is.

    - health: GET /health answers 200 with a JSON object whose `status` is "healthy"
    - version: its `model_version` is that of `known`
    - prediction: POST /predict answers 200 for each of `known["predictions"]`, with its `customer_id`, a
      `churn_probability` that is a number within TOLERANCE of the known one, and the known version
    - refusal: for the first known customer with `total_orders` -1 it answers 422, and one of `errors` in
      the body has the `field` "total_orders"
    - headers: a prediction's Content-Type is application/json, and the X-Request-ID that was sent comes
      back, in the refusal too
    - latency: no known prediction takes longer than `within_ms`

    When no answer comes, that proof fails with the reason, and so does each after it: the others are
    not worth the wait.
    """
    # BEGIN SOLUTION
    proofs = _proofs(url, known, within_ms, timeout_seconds)
    given_up = ""
    for name in PROOFS:
        if not given_up:
            try:
                yield name, next(proofs)
                continue
            except NoAnswer as reason:
                given_up = str(reason)
        yield name, given_up
    # END SOLUTION


# BEGIN SOLUTION
def _proofs(url: str, known: dict, within_ms: float, timeout: float) -> Iterator[str]:
    version = known["model_version"]
    health = send(url, "GET", "/health", None, timeout)
    if health.status != 200 or health.document.get("status") != "healthy":
        yield f"GET /health answered {_shown(health)}"
    else:
        yield ""
    seen = health.document.get("model_version")
    yield "" if seen == version else f"{seen!r} is live, {version!r} is expected"
    answers = [
        send(url, "POST", "/predict", one["customer"], timeout) for one in known["predictions"]
    ]
    pairs = zip(known["predictions"], answers, strict=True)
    yield next(filter(None, (_wrong_prediction(one, a, version) for one, a in pairs)), "")
    bad = known["predictions"][0]["customer"] | {"total_orders": -1}
    refusal = send(url, "POST", "/predict", bad, timeout)
    yield "" if _names_the_field(refusal) else f"total_orders -1 was answered {_shown(refusal)}"
    yield _wrong_headers(answers, refusal)
    slowest = max(answer.seconds for answer in answers) * 1000
    yield "" if slowest <= within_ms else f"a prediction took {slowest:.0f} ms, not {within_ms:g}"


def _wrong_prediction(one: dict, answer: Answer, version: str) -> str:
    customer, said = one["customer"]["customer_id"], answer.document
    probability = said.get("churn_probability")
    if answer.status != 200:
        return f"{customer} was answered {_shown(answer)}"
    is_number = type(probability) in (int, float)  # True is an int, and is no probability
    if not is_number or not math.isclose(
        probability, one["churn_probability"], rel_tol=0, abs_tol=TOLERANCE
    ):
        return f"{customer} got {probability!r}, the model says {one['churn_probability']!r}"
    if (said.get("customer_id"), said.get("model_version")) != (customer, version):
        return f"{customer} was answered {_shown(answer)}"
    return ""


def _names_the_field(refusal: Answer) -> bool:
    errors = refusal.document.get("errors")
    named = (
        [e.get("field") for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []
    )
    return refusal.status == 422 and "total_orders" in named


def _wrong_headers(answers: list[Answer], refusal: Answer) -> str:
    for answer in (*answers, refusal):
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if answer is not refusal and kind != "application/json":
            return f"the Content-Type of a prediction is {kind!r}"
        if answer.headers.get("x-request-id") != answer.headers["sent-request-id"]:
            return f"X-Request-ID came back as {answer.headers.get('x-request-id')!r}"
    return ""


def _shown(answer: Answer) -> str:
    text = answer.body[:120].decode("utf-8", "replace")
    goes_to = f" (to {answer.headers['location']})" if "location" in answer.headers else ""
    return f"{answer.status}{goes_to}: {' '.join(text.split())}"


# END SOLUTION


def main(arguments: list[str]) -> int:
    """Prove, print the report, and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("url", help="where the deployment is, such as https://churn.example.org")
    parser.add_argument("--expect", type=Path, required=True, help="what record_known.py wrote")
    parser.add_argument("--within-ms", type=float, default=1000, help="longest prediction allowed")
    parser.add_argument("--timeout", type=float, default=5, help="seconds to wait for an answer")
    asked = parser.parse_args(arguments)
    known = json.loads(asked.expect.read_text("utf-8"))
    limits = {"within_ms": asked.within_ms, "timeout_seconds": asked.timeout}
    results = list(prove(asked.url, known, **limits))
    for name, problem in results:
        print(f"FAIL {name}: {problem}" if problem else f"ok   {name}", flush=True)
    return 1 if any(problem for _, problem in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
