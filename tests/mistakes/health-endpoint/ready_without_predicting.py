# fails: test_ready_is_refused_when_the_prediction_raises
# says: whether /ready predicts at all
# BEGIN SOLUTION
    @app.get("/health")
    def health():
        return {"status": "healthy", "model_version": predictor and predictor.model_version}
    @app.get("/ready")
    def ready():
        if predictor is None:
            return problem_response(503, "Service Unavailable", "No model is loaded.")
        return {"status": "ready", "model_version": predictor.model_version}
# END SOLUTION
