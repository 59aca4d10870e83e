# fails: test_ready_is_refused_when_the_prediction_is_no_probability
# says: which is no probability
# BEGIN SOLUTION
    @app.get("/health")
    def health():
        return {"status": "healthy", "model_version": predictor and predictor.model_version}

    @app.get("/ready")
    def ready():
        try:
            predictor.predict_probability(PROBE)
        except Exception:
            return problem_response(503, "Service Unavailable", "The model cannot predict.")
        return {"status": "ready", "model_version": predictor.model_version}
# END SOLUTION
