# fails: test_ready_is_refused_without_a_model
# says: Content-Type was
# BEGIN SOLUTION
    @app.get("/health")
    def health():
        return {"status": "healthy", "model_version": predictor and predictor.model_version}

    @app.get("/ready")
    def ready():
        try:
            assert 0 <= predictor.predict_probability(PROBE) <= 1
        except Exception:
            return {"status": "not ready"}, 503
        return {"status": "ready", "model_version": predictor.model_version}
# END SOLUTION
