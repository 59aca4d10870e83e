# fails: test_ready_asks_the_model_each_time
# says: not once when the app is made
# BEGIN SOLUTION
    try:
        works = predictor is not None and 0 <= predictor.predict_probability(PROBE) <= 1
    except Exception:
        works = False

    @app.get("/health")
    def health():
        return {"status": "healthy", "model_version": predictor and predictor.model_version}

    @app.get("/ready")
    def ready():
        if not works:
            return problem_response(503, "Service Unavailable", "The model cannot predict.")
        return {"status": "ready", "model_version": predictor.model_version}
# END SOLUTION
