"""From the artefact folder to a predictor, or one sentence that says why not."""

import hashlib
import io
import json
import platform
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np

from churn_service.predictor import FEATURE_ORDER, Customer


class ModelRefused(Exception):  # noqa: N818 - the name says what happened, as a log will show it
    """An artefact that must not be served. The message is one sentence naming the cause."""


class ForestPredictor:
    """A trained forest as a `Predictor`."""

    def __init__(self, forest, model_version: str):
        """Keep a fitted scikit-learn classifier of the classes 0 (stayed) and 1 (churned)."""
        self.model_version = model_version
        self._forest = forest

    def predict_probability(self, customer: Customer) -> float:
        """Return the forest's probability of class 1: one float64 row, columns in FEATURE_ORDER."""
        # BEGIN SOLUTION
        row = [
            customer.days_since_last_order,
            customer.total_orders,
            customer.lifetime_value_gbp,
            customer.email_open_rate,
        ]
        return float(self._forest.predict_proba(np.array([row], dtype=np.float64))[0, 1])
        # END SOLUTION


def load_model(folder: Path) -> ForestPredictor:
    """skeleton"""
    # BEGIN SOLUTION
    metadata = json.loads((folder / "metadata.json").read_text("utf-8"))
    data = (folder / metadata["model_file"]).read_bytes()
    if hashlib.sha256(data).hexdigest() != metadata["sha256"]:
        raise ModelRefused("sha256")
    forest = joblib.load(io.BytesIO(data))
    forest.n_jobs = 1
    return ForestPredictor(forest, metadata["model_version"])
    # END SOLUTION
