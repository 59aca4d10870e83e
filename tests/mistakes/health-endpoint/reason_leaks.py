# fails: test_ready_is_refused_when_the_prediction_raises
# says: the log, never the answer
# BEGIN SOLUTION
    @app.get("/health")
    def health():
        return {"status": "healthy", "model_version": predictor and predictor.model_version}

    @app.get("/ready")
    def ready():
        try:
            assert predictor is not None and 0 <= predictor.predict_probability(PROBE) <= 1
        except Exception as error:
            return problem_response(503, "Service Unavailable", str(error))
        return {"status": "ready", "model_version": predictor.model_version}
# END SOLUTION
