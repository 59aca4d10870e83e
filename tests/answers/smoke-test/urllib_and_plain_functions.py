    # BEGIN SOLUTION
    import urllib.error
    import urllib.request

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_, **__):
            return None

    opener = urllib.request.build_opener(Stay)
    body = None if payload is None else json.dumps(payload).encode()
    request_id = uuid.uuid4().hex
    headers = {"X-Request-ID": request_id, "Content-Type": "application/json"}
    request = urllib.request.Request(url.rstrip("/") + path, body, headers, method=method)
    started = time.perf_counter()
    try:
        try:
            reply = opener.open(request, timeout=timeout_seconds)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            content = reply.read()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise NoAnswer(f"{method} {path}: {error or type(error).__name__}") from None
    fields = {name.lower(): value for name, value in reply.headers.items()}
    fields["sent-request-id"] = request_id
    return Answer(reply.status, fields, content, time.perf_counter() - started)
    # END SOLUTION


    # BEGIN SOLUTION
    told = {}
    try:
        _look(url, known, within_ms, timeout_seconds, told)
        reason = "was not reached"
    except NoAnswer as nothing:
        reason = f"{nothing}"
    for name in PROOFS:
        yield name, told.get(name, reason)
    # END SOLUTION


# BEGIN SOLUTION
def _look(url, known, within_ms, timeout, told):
    version, cases = known["model_version"], known["predictions"]
    answer = send(url, "GET", "/health", None, timeout)
    good = answer.status == 200 and answer.document.get("status") == "healthy"
    told["health"] = "" if good else f"status {answer.status}, body {answer.body[:80]!r}"
    live = answer.document.get("model_version")
    told["version"] = "" if live == version else f"expected {version}, found {live}"

    seconds, faults, header_faults = [], [], []
    for case in cases:
        answer = send(url, "POST", "/predict", case["customer"], timeout)
        seconds.append(answer.seconds)
        found = answer.document
        wanted = (200, case["customer"]["customer_id"], version)
        p = found.get("churn_probability")
        if (answer.status, found.get("customer_id"), found.get("model_version")) != wanted:
            faults.append(f"status {answer.status}, {found}")
        elif isinstance(p, bool) or not isinstance(p, (int, float)):
            faults.append(f"{p!r} is no probability")
        elif not abs(p - case["churn_probability"]) <= TOLERANCE:
            faults.append(f"{p} where {case['churn_probability']} was due")
        if not answer.headers.get("content-type", "").lower().startswith("application/json"):
            header_faults.append("a prediction is not sent as application/json")
        if answer.headers.get("x-request-id") != answer.headers["sent-request-id"]:
            header_faults.append("the request id was lost")
    told["prediction"] = faults[0] if faults else ""

    answer = send(url, "POST", "/predict", {**cases[0]["customer"], "total_orders": -1}, timeout)
    try:
        fields = [error["field"] for error in answer.document["errors"]]
    except (KeyError, TypeError):
        fields = []
    refused = answer.status == 422 and "total_orders" in fields
    told["refusal"] = "" if refused else f"status {answer.status}, fields {fields}"
    if answer.headers.get("x-request-id") != answer.headers["sent-request-id"]:
        header_faults.append("the request id was lost in the refusal")
    told["headers"] = header_faults[0] if header_faults else ""
    told["latency"] = "" if max(seconds) * 1000 <= within_ms else f"{max(seconds):.2f} s"


# END SOLUTION
