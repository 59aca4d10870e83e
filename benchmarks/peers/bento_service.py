"""The same forest in BentoML, as its documentation shows a scikit-learn model."""

import os

import bentoml
import joblib


@bentoml.service
class Churn:
    def __init__(self):
        self.model = joblib.load(os.environ["BENCHMARK_FOREST"])

    @bentoml.api
    def predict(self, rows: list[list[float]]) -> list[float]:
        return self.model.predict_proba(rows)[:, 1].tolist()
