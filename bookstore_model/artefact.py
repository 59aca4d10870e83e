"""The folder that passes from training to serving: the model and what must be known about it."""

import hashlib
import json
import platform
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import joblib

from bookstore_model.errors import HandoverError
from bookstore_model.features import FEATURES
from bookstore_model.files import replacing_folder

MODEL_FILE = "model.joblib"
METADATA_FILE = "metadata.json"
ORDERS_ORIGIN_FILE = "orders.json"  # how the orders were made; serving has no use for it
MODEL_VERSION = "v2"


class ArtefactError(HandoverError):
    """There is no complete artefact in the folder; the message says what is missing."""


@dataclass(frozen=True)
class TrainingWindow:
    """Dates of what the model learned from, as ISO 8601 text: features up to `cutoff`, churn up to
    `label_end`."""

    first_order: str
    cutoff: str
    label_end: str


def save_artefact(
    folder: Path,
    model,
    *,
    training_window: TrainingWindow,
    seed: int,
    metrics: dict[str, dict],
    created_at: datetime,
    orders_origin: dict,
    model_version: str = MODEL_VERSION,
) -> dict:
    """Write `folder` and return its metadata.

    The folder holds model.joblib (a joblib dump of the fitted classifier), metadata.json and
    orders.json. It appears, or replaces the one before, as a whole: a kill leaves the old or the
    new.
    """
    with replacing_folder(Path(folder)) as draft:
        joblib.dump(model, draft / MODEL_FILE)
        metadata = {
            "format": 1,
            "model_version": model_version,
            "model_file": MODEL_FILE,
            "sha256": hash_file(draft / MODEL_FILE),
            "feature_order": list(FEATURES),
            "training_window": vars(training_window),
            "seed": seed,
            "metrics": metrics,
            "library_versions": library_versions(),
            "created_at": created_at.isoformat(timespec="seconds"),
        }
        _write_json(draft / METADATA_FILE, metadata)
        _write_json(draft / ORDERS_ORIGIN_FILE, orders_origin)
    return metadata


def load_training_report(folder: Path) -> dict:
    """The metadata of a complete artefact, without loading the model.

    Raises ArtefactError when a file is missing, the metadata cannot be read, or the model file
    is not the one that was written.
    """
    metadata = _read_json(Path(folder) / METADATA_FILE)
    model_path = Path(folder) / MODEL_FILE
    if not model_path.exists():
        raise ArtefactError(f"{model_path} is missing; run `python -m bookstore_model train`.")
    if hash_file(model_path) != metadata.get("sha256"):
        raise ArtefactError(
            f"{model_path} is not the file that {METADATA_FILE} describes (its SHA-256 differs); "
            "run `python -m bookstore_model train`."
        )
    return metadata


def load_orders_origin(folder: Path) -> dict:
    """How the orders behind the artefact were made. Raises ArtefactError."""
    return _read_json(Path(folder) / ORDERS_ORIGIN_FILE)


def library_versions() -> dict[str, str]:
    """The versions a reader of model.joblib must share."""
    return {
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "scikit-learn": version("scikit-learn"),
    }


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _read_json(path: Path) -> dict:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArtefactError(
            f"{path} cannot be read ({error}); run `python -m bookstore_model train`."
        ) from error
    if not isinstance(value, dict):
        raise ArtefactError(f"{path} holds {type(value).__name__}, not an object.")
    return value
