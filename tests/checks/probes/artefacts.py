"""Runs beside the project: makes a small real artefact, and loads one with the project's loader."""

import json
import sys
from pathlib import Path


def make_artefact(folder: str) -> None:
    """Trains a forest on seeded customers and saves it with what it says of 200 others."""
    from datetime import UTC, datetime

    import joblib
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.linear_model import RidgeClassifier

    from bookstore_model.artefact import TrainingWindow, save_artefact

    random = np.random.default_rng(20)
    customers = random.uniform([0, 1, 5, 0], [400, 40, 900, 1], size=(800, 4))
    churned = (customers[:, 0] + 200 * random.random(800) > 250).astype(int)
    forest = RandomForestClassifier(n_estimators=10, random_state=3, n_jobs=2).fit(
        customers[:600], churned[:600]
    )
    save_artefact(
        Path(folder),
        forest,
        training_window=TrainingWindow("2024-01-01", "2025-01-01", "2025-04-01"),
        seed=3,
        metrics={},
        created_at=datetime.now(UTC),
        orders_origin={"made_by": "a check"},
    )
    told = [
        [row.tolist(), float(p)]
        for row, p in zip(customers[600:], forest.predict_proba(customers[600:])[:, 1], strict=True)
    ]
    (Path(folder) / "told.json").write_text(json.dumps(told), encoding="utf-8")
    (Path(folder) / "quiet.json").write_text(json.dumps(quiet_places(Path(folder), forest)))
    small = RandomForestClassifier(n_estimators=2, random_state=3)
    others = {
        "three features": small.fit(customers[:, :3], churned),
        "classes 1 and 2": RandomForestClassifier(2, random_state=3).fit(customers, churned + 1),
        "a regressor": RandomForestRegressor(2, random_state=3).fit(customers, churned),
        "no probabilities": RidgeClassifier().fit(customers, churned),
    }
    for name, other in others.items():
        joblib.dump(other, Path(folder) / f"{name}.joblib")


def quiet_places(folder: Path, forest) -> list[int]:
    """Bytes of the model file where a flipped bit changes a threshold a little, and nothing else."""
    content = (folder / "model.joblib").read_bytes()
    last = [tree.tree_.threshold[0].tobytes() for tree in forest.estimators_[5:]]
    return [content.rindex(threshold) for threshold in last]


def load_and_predict(folder: str, rows: list) -> dict:
    """What the project's loader makes of the folder, and what its predictor says of the rows."""
    from churn_service.model import load_model
    from churn_service.predictor import Customer

    predictor = load_model(Path(folder))
    told = [predictor.predict_probability(Customer("C-1", *row)) for row in rows]
    return {
        "version": predictor.model_version,
        "probabilities": told,
        "types": sorted({type(probability).__name__ for probability in told}),
        "n_jobs": next((m.n_jobs for m in vars(predictor).values() if hasattr(m, "n_jobs")), 1),
    }


def count_opens(folder: str, name: str) -> int:
    """How often loading opens the model file."""
    from churn_service.model import load_model

    load_model(Path(folder))  # imports what it needs, so that only the second time is counted
    opened = []

    def note(event: str, arguments: tuple) -> None:
        if event == "open" and str(arguments[0]).endswith(name):
            opened.append(arguments[0])

    sys.addaudithook(note)
    load_model(Path(folder))
    return len(opened)
