"""`python -m pipeline.release`: from the handover to the small, portable model that is shipped."""

import argparse
import hashlib
import json
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np

from bookstore_model.artefact import METADATA_FILE, MODEL_FILE, ArtefactError, load_training_report
from bookstore_model.errors import HandoverError
from bookstore_model.features import FEATURES
from bookstore_model.files import replacing_folder
from bookstore_model.store import ORDERS_FILE, load_order_log, load_time_range
from bookstore_model.train import as_matrix, choose_split, examples_at
from pipeline.compress import Budget, BudgetNotMet, compress
from pipeline.export_onnx import compare, export_forest, rows_at_thresholds

DATA = Path(__file__).resolve().parents[2] / "data"
PROJECT = Path(__file__).resolve().parent.parent
BUDGET = Budget(max_bytes=500_000, max_comparisons=200, max_auc_loss=0.005)
ONNX_FILE = "model.onnx"
RECIPE = 1  # raise it when the steps below change what comes out


class ReleaseRefused(Exception):
    """The model must not be shipped. The message says why."""


def make_release(data: Path, *, now: datetime) -> tuple[dict, bytes]:
    """Return metadata and bytes of the release of the handover in `data`.

    The forest is compressed within BUDGET, its AUC loss measured on half of the handover's test
    customers, exported, and compared with its source on the test customers and at every threshold.
    Raises HandoverError, BudgetNotMet or ReleaseRefused.
    """
    handover = load_training_report(
        data / "model"
    )  # the file's hash is checked before it is loaded
    full = joblib.load(data / "model" / MODEL_FILE)
    log = load_order_log(data / ORDERS_FILE)
    split = choose_split(*load_time_range(data / ORDERS_FILE))
    train, test = (examples_at(log, cutoff) for cutoff in (split.train_cutoff, split.test_cutoff))
    tested, churned = as_matrix(test.features), test.churned.to_numpy()
    chosen_on = np.arange(len(tested)) % 2 == 0
    made = compress(
        (as_matrix(train.features), train.churned.to_numpy()),
        (tested[chosen_on], churned[chosen_on]),
        full.predict_proba(tested[chosen_on])[:, 1],
        BUDGET,
        seed=handover["seed"],
    )
    model = export_forest(made.forest)
    rows = np.vstack([tested.astype(np.float32), rows_at_thresholds(made.forest)])
    parity = compare(made.forest, model, rows)
    if parity.apart:
        raise ReleaseRefused(f"{parity.apart} of {parity.rows} rows differ between the two models.")
    return describe(handover, made, parity, model, now), model


def describe(handover: dict, made, parity, model: bytes, now: datetime) -> dict:
    """Return the release's metadata: what the service checks, and where the model comes from."""
    libraries = {"python": platform.python_version()}
    libraries |= {name: version(name) for name in ("scikit-learn", "skl2onnx", "onnx")}
    return {
        "format": 1,
        "model_version": f"{handover['model_version']}-small",
        "model_file": ONNX_FILE,
        "sha256": hashlib.sha256(model).hexdigest(),
        "feature_order": list(FEATURES),
        "library_versions": libraries,
        "made_from": {"sha256": handover["sha256"], "recipe": RECIPE},
        "auc_loss": vars(made.auc_loss),
        "comparisons_per_row": round(float(made.comparisons), 1),
        "parity": vars(parity),
        "created_at": now.isoformat(timespec="seconds"),
    }


def is_current(folder: Path, handover: dict) -> bool:
    """Whether a folder holds the release of this handover, its model file whole."""
    try:
        metadata = json.loads((folder / METADATA_FILE).read_text(encoding="utf-8"))
        model = (folder / ONNX_FILE).read_bytes()
        source = {"sha256": handover["sha256"], "recipe": RECIPE}
        return metadata["made_from"] == source and (
            metadata["sha256"] == hashlib.sha256(model).hexdigest()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def save_release(folder: Path, metadata: dict, model: bytes) -> None:
    """Write an artefact folder as a whole: a kill leaves the old one or the new one."""
    with replacing_folder(folder) as draft:
        (draft / ONNX_FILE).write_bytes(model)
        text = json.dumps(metadata, indent=2) + "\n"
        (draft / METADATA_FILE).write_text(text, encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Exit codes: 0 done or nothing to do, 1 refused (one sentence), 2 usage."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.release", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of orders and handover")
    parser.add_argument(
        "--out", type=Path, action="append", help="folder to write; may be given twice"
    )
    asked = parser.parse_args(argv)
    try:
        handover = load_training_report(asked.data / "model")
        folders = [
            folder
            for folder in asked.out or [PROJECT / "model"]
            if not is_current(folder, handover)
        ]
        if folders:
            metadata, model = make_release(asked.data, now=datetime.now(UTC))
        for folder in folders:
            save_release(folder, metadata, model)
            print(f"{metadata['model_version']}, {len(model):,} bytes, is in {folder}.")
    except (HandoverError, ArtefactError, BudgetNotMet, ReleaseRefused, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
