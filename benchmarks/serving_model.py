"""The model that all stacks of the serving benchmark serve, in each form that one of them needs."""

import hashlib
import importlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier

from bookstore_model.features import FEATURES
from bookstore_model.store import ORDERS_FILE, load_order_log, load_time_range
from bookstore_model.train import as_matrix, choose_split, examples_at

ROOT = Path(__file__).resolve().parent.parent
TREES, DEPTH, BODIES = 20, 10, 200


@dataclass(frozen=True)
class Models:
    """Where the forest is in each form; bodies to send, and what the forest says of each."""

    folder: Path
    joblib_file: Path
    onnx_file: Path
    artefact: Path
    rows: list[list[float]]
    bodies: list[str]
    probabilities: list[float]


def make_models(folder: Path) -> Models:
    """Train the forest on the course's orders and write it out."""
    sys.path.insert(0, str(ROOT / "solutions"))
    export_onnx = importlib.import_module("pipeline.export_onnx")
    orders = ROOT / "data" / ORDERS_FILE
    split, log = choose_split(*load_time_range(orders)), load_order_log(orders)
    train, test = (examples_at(log, cutoff) for cutoff in (split.train_cutoff, split.test_cutoff))
    forest = RandomForestClassifier(TREES, max_depth=DEPTH, random_state=42)
    forest.fit(as_matrix(train.features), train.churned)
    artefact = folder / "artefact"
    artefact.mkdir()
    model = export_onnx.export_forest(forest)
    (artefact / "model.onnx").write_bytes(model)
    metadata = {
        "format": 1,
        "model_version": "v2",
        "model_file": "model.onnx",
        "sha256": hashlib.sha256(model).hexdigest(),
        "feature_order": list(FEATURES),
        "library_versions": {},
    }
    (artefact / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    joblib.dump(forest, folder / "forest.joblib")
    rows = np.unique(as_matrix(test.features), axis=0)
    rows = rows[np.random.default_rng(1).choice(len(rows), BODIES, replace=False)]
    return Models(
        folder,
        folder / "forest.joblib",
        artefact / "model.onnx",
        artefact,
        rows.tolist(),
        [json.dumps({"customer_id": f"C-{n}", **dict(zip(FEATURES, row, strict=True))})
         for n, row in enumerate(rows.tolist())],
        forest.predict_proba(rows)[:, 1].tolist(),
    )  # fmt: skip
