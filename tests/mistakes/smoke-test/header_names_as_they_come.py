# fails: test_a_good_deployment_passes
# says: It failed `headers`
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
    fields = dict(reply.getheaders())
    fields["sent-request-id"] = request_id
    return Answer(reply.status, fields, content, time.perf_counter() - started)
    # END SOLUTION


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
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if answer is not refusal and kind != "application/json":
            return f"the Content-Type of a prediction is {kind!r}"
        if answer.headers.get("X-Request-ID") != answer.headers["sent-request-id"]:
            return f"X-Request-ID came back as {answer.headers.get('x-request-id')!r}"
    return ""


def _shown(answer: Answer) -> str:
    text = answer.body[:120].decode("utf-8", "replace")
    goes_to = f" (to {answer.headers['location']})" if "location" in answer.headers else ""
    return f"{answer.status}{goes_to}: {' '.join(text.split())}"


# END SOLUTION
