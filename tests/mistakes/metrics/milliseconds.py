# fails: test_durations_are_seconds_of_the_request
# says: the unit, which is the second
# BEGIN SOLUTION
        self._registry = CollectorRegistry()
        version = model_version or "none"
        own = {"registry": self._registry}
        latency = {"buckets": (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)}
        self._requests = Counter(
            "http_requests_total", "Requests answered.", ["method", "route", "status"], **own
        )
        self._durations = Histogram(
            "http_request_duration_seconds",
            "Seconds from a request's arrival to its response.",
            ["method", "route"],
            **own,
            **latency,
        )
        predictions = Counter(
            "ml_predictions_total", "Predictions.", ["model_version", "outcome"], **own
        )
        self._churn, self._stay, self._error = (
            predictions.labels(version, outcome) for outcome in ("churn", "stay", "error")
        )
        self._prediction_latency = Histogram(
            "ml_prediction_latency_seconds",
            "Seconds a prediction took.",
            ["model_version"],
            **own,
            **latency,
        ).labels(version)
        self._score = Histogram(
            "ml_prediction_score",
            "Churn probabilities.",
            ["model_version"],
            buckets=[tenth / 10 for tenth in range(1, 11)],
            **own,
        ).labels(version)
        failures = Counter(
            "validation_failures_total", "Problems of refused bodies.", ["field"], **own
        )
        self._failures = {field: failures.labels(field) for field in (*FIELDS, "other")}
        cache = Counter(
            "prediction_cache_total", "Predictions asked of the cache.", ["outcome"], **own
        )
        self._cache = {outcome: cache.labels(outcome) for outcome in ("hit", "miss")}
        self._dropped = Counter(
            "prediction_log_dropped_total", "Rows the prediction log lost.", **own
        )
        # Of the processes that are alive: one that is gone has no model loaded.
        Gauge(
            "model_info", "The model served.", ["version"], multiprocess_mode="livemax", **own
        ).labels(version).set(1)
        self._routes: dict[tuple, tuple] = {}
# END SOLUTION
# BEGIN SOLUTION
        asked = (method, route, status)
        counted = self._routes.get(asked)
        if counted is None:
            known = method if method in METHODS else "other"
            counter = self._requests.labels(known, route, status)
            counted = (counter, self._durations.labels(known, route))
            if known == method:  # what a caller makes up is not kept
                self._routes[asked] = counted
        counter, durations = counted
        counter.inc()
        durations.observe(seconds)
# END SOLUTION
# BEGIN SOLUTION
        (self._churn if probability > CHURNS_ABOVE else self._stay).inc()
        self._prediction_latency.observe(seconds)
        self._score.observe(probability)
# END SOLUTION
# BEGIN SOLUTION
        self._error.inc()
# END SOLUTION
# BEGIN SOLUTION
        for field in fields:
            self._failures.get(field, self._failures["other"]).inc()
# END SOLUTION
# BEGIN SOLUTION
        self._cache[outcome].inc()
# END SOLUTION
# BEGIN SOLUTION
        self._dropped.inc(rows)
# END SOLUTION
# BEGIN SOLUTION
        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        return generate_latest(registry), CONTENT_TYPE_LATEST
# END SOLUTION
# BEGIN SOLUTION

    @app.before_request
    def note_arrival():
        g.counting_since = time.perf_counter()

    @app.after_request
    def count(response):
        route = request.url_rule.rule if request.url_rule else UNMATCHED
        seconds = (time.perf_counter() - g.counting_since) * 1000
        metrics.count_request(request.method, route, response.status_code, seconds)
        if route in PREDICTING and response.status_code in (400, 422):
            errors = (response.get_json(silent=True) or {}).get("errors", [])
            metrics.count_field_problems(error["field"] for error in errors)
        return response

    @app.get("/metrics")
    def show_metrics():
        body, content_type = metrics.exposition()
        return Response(body, content_type=content_type)

# END SOLUTION
