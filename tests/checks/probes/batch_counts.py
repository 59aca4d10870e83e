"""Runs beside the project: the batch view alone on an app, with a list in the place of the metrics."""


class Predictor:
    model_version = "v2"

    def predict_probability(self, customer):
        return 0.5

    def predict_probabilities(self, customers):
        return [0.5 for _ in customers]


def fields_counted(payload):
    """The fields that the view reported for one batch, in order, and the status it answered."""
    from flask import Flask

    from churn_service import batch, problems

    app, counted = Flask("batch"), []
    problems.init_app(app)
    batch.init_app(app, Predictor(), max_rows=100, count_field_problems=counted.extend)
    answer = app.test_client().post("/predict/batch", json=payload)
    return {"fields": counted, "status": answer.status_code}
