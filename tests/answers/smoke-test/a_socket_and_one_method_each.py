    # BEGIN SOLUTION
    where = urllib.parse.urlparse(url)
    secure = where.scheme == "https"
    made = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    mark = f"smoke-{time.time_ns():x}"
    begun = time.monotonic()
    connection = None
    try:
        connection = made(where.netloc, timeout=timeout_seconds)
        connection.putrequest(method, where.path.removesuffix("/") + path)
        connection.putheader("X-Request-ID", mark)
        text = b"" if payload is None else json.dumps(payload).encode("utf-8")
        if text:
            connection.putheader("Content-Type", "application/json; charset=utf-8")
            connection.putheader("Content-Length", str(len(text)))
        connection.endheaders(text)
        response = connection.getresponse()
        got = {"sent-request-id": mark}
        for line in response.msg:
            got[line.lower()] = response.msg[line]
        return Answer(response.status, got, response.read(), time.monotonic() - begun)
    except Exception as broken:
        raise NoAnswer(f"{type(broken).__name__} at {method} {path}")
    finally:
        if connection is not None:
            connection.close()
    # END SOLUTION


    # BEGIN SOLUTION
    prover = _Prover(url, known, within_ms, timeout_seconds)
    reason = None
    for name in PROOFS:
        if reason is None:
            try:
                wrong = getattr(prover, name)()
            except NoAnswer as silence:
                wrong = reason = str(silence)
        else:
            wrong = reason
        yield name, wrong or ""
    # END SOLUTION


# BEGIN SOLUTION
class _Prover:
    def __init__(self, url, known, within_ms, timeout_seconds):
        self.ask = lambda method, path, payload=None: send(url, method, path, payload, timeout_seconds)
        self.known, self.within_ms = known, within_ms

    def health(self):
        self.seen = self.ask("GET", "/health")
        if (self.seen.status, self.seen.document.get("status")) != (200, "healthy"):
            return f"{self.seen.status} {self.seen.headers.get('location', '')} {self.seen.body[:60]!r}"

    def version(self):
        live = self.seen.document.get("model_version")
        if live != self.known["model_version"]:
            return f"live is {live}"

    def prediction(self):
        self.answers = [self.ask("POST", "/predict", p["customer"]) for p in self.known["predictions"]]
        for case, answer in zip(self.known["predictions"], self.answers):
            said = answer.document
            same_customer = said.get("customer_id") == case["customer"]["customer_id"]
            same_version = said.get("model_version") == self.known["model_version"]
            probability = said.get("churn_probability")
            number = float(probability) if type(probability) in {int, float} else math.nan
            near = abs(number - case["churn_probability"]) < TOLERANCE
            if answer.status != 200 or not (same_customer and same_version and near):
                return f"for {case['customer']['customer_id']}: {answer.status} {said}"

    def refusal(self):
        bad = dict(self.known["predictions"][0]["customer"])
        bad["total_orders"] = -1
        self.refused = self.ask("POST", "/predict", bad)
        errors = self.refused.document.get("errors") or []
        if self.refused.status != 422 or not any("total_orders" == e.get("field") for e in errors if isinstance(e, dict)):
            return f"{self.refused.status} {errors}"

    def headers(self):
        for answer in self.answers:
            if "application/json" != answer.headers.get("content-type", "").lower().split(";")[0]:
                return "Content-Type"
        for answer in [*self.answers, self.refused]:
            if answer.headers.get("x-request-id", "") != answer.headers["sent-request-id"]:
                return "X-Request-ID"

    def latency(self):
        late = [a.seconds for a in self.answers if a.seconds > self.within_ms / 1000]
        return f"{max(late)} s" if late else None


# END SOLUTION
