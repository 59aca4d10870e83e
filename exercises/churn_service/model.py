"""From the artefact folder to a predictor, or one sentence that says why not."""

import hashlib
import io
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path, PureWindowsPath

import joblib
import numpy as np

from churn_service.artefact import ModelRefused, read_metadata
from churn_service.predictor import FEATURE_ORDER, Customer, feature_row


class ForestPredictor:
    """A trained forest as a `Predictor`."""

    def __init__(self, forest, model_version: str):
        """Keep a fitted scikit-learn classifier of the classes 0 (stayed) and 1 (churned)."""
        self.model_version = model_version
        self._forest = forest

    def predict_probability(self, customer: Customer) -> float:
        """Return the forest's probability of class 1, as a Python float.

        The forest is asked for one row of float64, its columns in FEATURE_ORDER.
        """
        raise NotImplementedError("load-model")

    def predict_probabilities(self, customers: Sequence[Customer]) -> list[float]:
        """Return the probability of class 1 for each customer, from one call of the forest."""
        if not customers:
            return []
        rows = [feature_row(customer) for customer in customers]
        return self._forest.predict_proba(np.array(rows, dtype=np.float64))[:, 1].tolist()


def load_model(folder: Path) -> ForestPredictor:
    """Return the predictor in an artefact folder, or raise ModelRefused.

    The folder holds `metadata.json` and the model file that it names. Unpickling runs whatever code
    the file contains, so everything else is checked first, in this order:

    1. `metadata.json` is there and has what it must: `read_metadata` does this
    2. `model_file` is a plain file name, so that it cannot lead out of the folder, and the file is
       there; its bytes are read once
    3. the SHA-256 of those bytes, in lower-case hexadecimal, equals `sha256`
    4. `feature_order` equals FEATURE_ORDER: no name unknown, missing, twice or out of place
    5. `library_versions` has "python", "numpy" and "scikit-learn", each of the same major and minor
       version as the one that is running

    Then the bytes that were checked are unpickled with `joblib.load`, not the file a second time:
    it may have changed. What comes out must be a classifier of four features with the classes 0 and
    1. It predicts on one core (`n_jobs = 1`): a thread pool costs more than one row does.

    Every ModelRefused is one sentence that names the cause: "metadata.json is missing from ...".
    Whatever else `joblib.load` raises becomes a ModelRefused too.
    """
    raise NotImplementedError("load-model")


# TODO(load-model): your answer goes here.
