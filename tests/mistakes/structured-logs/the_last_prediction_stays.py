# fails: test_requests_at_the_same_time_keep_apart
# says: what is left over from an earlier request
# BEGIN SOLUTION
    if offered is not None and SANE_REQUEST_ID.fullmatch(offered):
        return offered
    return uuid.uuid4().hex
# END SOLUTION
# BEGIN SOLUTION
    return hmac.new(key, customer_id.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
# END SOLUTION
# BEGIN SOLUTION
    last = {}

    @app.before_request
    def note_arrival():
        g.arrived_at = time.perf_counter()
        g.request_id = choose_request_id(request.headers.get("X-Request-ID"))

    @app.after_request
    def write_line(response):
        status = response.status_code
        line = {
            "timestamp": datetime.now(UTC).isoformat(),
            "level": "error" if status >= 500 else "warning" if status >= 400 else "info",
            "request_id": g.request_id,
            "method": request.method,
            "route": request.url_rule.rule if request.url_rule else UNMATCHED,
            "status": status,
            "latency_ms": round((time.perf_counter() - g.arrived_at) * 1000, 3),
            "model_version": model_version,
        }
        if "prediction" in g:
            last["churn_probability"] = g.prediction.churn_probability
            last["customer_pseudonym"] = pseudonym(g.prediction.customer_id, settings.pseudonym_key)
        line |= last
        sys.stderr.write(json.dumps(line) + "\n")
        response.headers["X-Request-ID"] = g.request_id
        return response
# END SOLUTION
