"""The refusals are a list of small checks, run in order over one immutable record."""

import hashlib
import io
import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version_tuple

import joblib

from churn_service.predictor import FEATURE_ORDER


class ModelRefused(Exception):
    """Says why."""


@dataclass(frozen=True)
class Handed:
    metadata: dict
    content: bytes


class ForestPredictor:
    def __init__(self, forest, model_version):
        self._says = forest.predict_proba
        self._churned = list(forest.classes_).index(1)
        self.model_version = model_version

    def predict_probability(self, customer):
        columns = {
            "days_since_last_order": customer.days_since_last_order,
            "total_orders": customer.total_orders,
            "lifetime_value": customer.lifetime_value_gbp,
            "email_open_rate": customer.email_open_rate,
        }
        (row,) = self._says([[columns[name] for name in FEATURE_ORDER]])
        return float(row[self._churned])


def fingerprint(handed):
    if hashlib.sha256(handed.content).hexdigest() != handed.metadata["sha256"].lower():
        return "the model file's checksum is wrong"
    return None


def features(handed):
    wanted = handed.metadata["feature_order"]
    return None if wanted == list(FEATURE_ORDER) else f"the feature order {wanted} is unknown"


def libraries(handed):
    running = {name: version(name).split(".") for name in ("numpy", "scikit-learn")}
    running["python"] = list(python_version_tuple())
    for name, parts in running.items():
        trained = str(handed.metadata["library_versions"].get(name, "")).split(".")
        if trained[:2] != parts[:2]:
            return f"{name} differs: {trained} then, {parts} now"
    return None


def collect(folder):
    try:
        metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    except Exception as problem:
        raise ModelRefused(f"no usable metadata.json: {problem}") from None
    name = metadata.get("model_file")
    if not isinstance(name, str) or name not in {e.name for e in folder.iterdir() if e.is_file()}:
        raise ModelRefused(f"{name} is not a file in the folder")
    return Handed(metadata, (folder / name).read_bytes())


def load_model(folder: Path):
    handed = collect(folder)
    for check in (fingerprint, features, libraries):
        if problem := check(handed):
            raise ModelRefused(problem)
    try:
        loaded = joblib.load(io.BytesIO(handed.content))
        shape = ([*loaded.classes_], loaded.n_features_in_, callable(loaded.predict_proba))
    except Exception as problem:
        raise ModelRefused(f"unpickling gave no classifier: {problem}") from None
    if shape != ([0, 1], 4, True):
        raise ModelRefused(f"unpickling gave another kind of model: {shape}")
    return ForestPredictor(loaded, handed.metadata["model_version"])
