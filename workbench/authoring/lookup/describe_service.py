"""Run in the reference project: prints, as JSON, what the service says of itself.

`api` is its OpenAPI document, `metrics` what GET /metrics answers after a request of each kind.
"""

import json
import sys
from importlib import import_module
from pathlib import Path


class Undecided:
    """A predictor that says the same of everybody."""

    model_version = "v2"

    def predict_probability(self, customer):
        return 0.5

    def predict_probabilities(self, customers):
        return [0.5 for _ in customers]


def main():
    sys.path.insert(0, str(Path.cwd()))
    settings = import_module("churn_service.settings").settings_from_environment(
        {"CHURN_PREDICTION_LOG": "off", "CHURN_CACHE_ENTRIES": "10"}
    )
    openapi = import_module("churn_service.openapi")
    client = import_module("churn_service.app").create_app(Undecided(), settings).test_client()
    client.post("/predict", json=openapi.EXAMPLE)
    client.post("/predict", json={})
    print(json.dumps({"api": openapi.describe_api(), "metrics": client.get("/metrics").text}))


if __name__ == "__main__":
    main()
