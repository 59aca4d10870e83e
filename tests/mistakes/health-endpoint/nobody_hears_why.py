# fails: test_what_the_prediction_raised_is_logged
# says: after a prediction that raised
# BEGIN SOLUTION
    version = predictor.model_version if predictor else None

    @app.get("/health")
    def health():
        return {"status": "healthy", "model_version": version}

    @app.get("/ready")
    def ready():
        try:
            predicted = 0 <= predictor.predict_probability(PROBE) <= 1
        except Exception:
            predicted = False
        if not predicted:
            return problem_response(503, "Service Unavailable", "The model cannot predict.")
        return {"status": "ready", "model_version": version}

# END SOLUTION
