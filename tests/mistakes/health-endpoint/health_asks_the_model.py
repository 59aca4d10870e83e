# fails: test_health_does_not_ask_the_model
# says: a restart does not mend a model
# BEGIN SOLUTION
    @app.get("/health")
    def health():
        if predictor is None:
            return problem_response(503, "Service Unavailable", "No model.")
        return {"status": "healthy", "model_version": predictor.model_version}

    @app.get("/ready")
    def ready():
        return health()
# END SOLUTION
