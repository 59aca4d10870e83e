"""Small real artefacts: a forest trained on the spot, in a folder as the handover writes it."""

import hashlib
import io
import json
import platform
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier

FEATURES = ["days_since_last_order", "total_orders", "lifetime_value", "email_open_rate"]


def draw_customers(count: int, *, seed: int) -> np.ndarray:
    """Return (count, 4) float64: days, orders, GBP, share of emails opened."""
    random = np.random.default_rng(seed)
    return np.column_stack(
        [
            random.uniform(0, 400, count),
            random.poisson(5, count),
            random.gamma(2, 80, count),
            random.uniform(0, 1, count),
        ]
    )


def train_forest(*, trees: int = 30, seed: int = 7) -> RandomForestClassifier:
    """Return a forest for which a long silence means churn, with some noise."""
    customers = draw_customers(600, seed=seed)
    noise = np.random.default_rng(seed + 1).uniform(-120, 120, len(customers))
    churned = (customers[:, 0] + noise > 200).astype(int)
    return RandomForestClassifier(trees, random_state=seed).fit(customers, churned)


def pickled(thing: object) -> bytes:
    """Return what joblib.dump writes for a thing."""
    buffer = io.BytesIO()
    joblib.dump(thing, buffer)
    return buffer.getvalue()


def save_artefact(folder: Path, model_bytes: bytes, **changes: object) -> Path:
    """Write the folder; return it. `changes` replace members of metadata.json, None drops one."""
    metadata = {
        "format": 1,
        "model_version": "v2",
        "model_file": "model.joblib",
        "sha256": hashlib.sha256(model_bytes).hexdigest(),
        "feature_order": FEATURES,
        "training_window": {"from": "2024-01-01", "to": "2025-01-01"},
        "seed": 7,
        "metrics": {},
        "library_versions": {
            "python": platform.python_version(),
            "numpy": version("numpy"),
            "scikit-learn": version("scikit-learn"),
        },
        "created_at": "2025-01-02T00:00:00+00:00",
    } | changes
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.joblib").write_bytes(model_bytes)
    kept = {name: value for name, value in metadata.items() if value is not None}
    (folder / "metadata.json").write_text(json.dumps(kept), encoding="utf-8")
    return folder
