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
        # BEGIN SOLUTION
        row = [
            customer.days_since_last_order,
            customer.total_orders,
            customer.lifetime_value_gbp,
            customer.email_open_rate,
        ]
        return float(self._forest.predict_proba(np.array([row], dtype=np.float64))[0, 1])
        # END SOLUTION

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
    # BEGIN SOLUTION
    metadata = read_metadata(folder)
    model_bytes = _read_model_file(folder, metadata["model_file"])
    digest = hashlib.sha256(model_bytes).hexdigest()
    if digest != metadata["sha256"]:
        raise ModelRefused(
            f"the SHA-256 of {metadata['model_file']} is {digest}, but metadata.json says "
            f"{metadata['sha256']}: the file was changed or cut short after training."
        )
    _check_feature_order(metadata["feature_order"])
    _check_library_versions(metadata["library_versions"])
    return ForestPredictor(_unpickle_forest(model_bytes), metadata["model_version"])
    # END SOLUTION


# BEGIN SOLUTION
def _read_model_file(folder: Path, name: str) -> bytes:
    # The Windows rules know both slashes and drive letters, on every platform.
    if name in ("", ".", "..") or PureWindowsPath(name).name != name:
        raise ModelRefused(f"model_file is {name!r}, which is not a plain file name.")
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError:
        raise ModelRefused(f"the model file {name} is missing from {folder}.") from None
    except (OSError, ValueError) as error:
        raise ModelRefused(f"the model file {name!r} cannot be read ({error}).") from None


def _check_feature_order(names: list) -> None:
    if names == list(FEATURE_ORDER):
        return
    same = sorted(map(str, names)) == sorted(FEATURE_ORDER)
    difference = "in another order than" if same else "not"
    raise ModelRefused(f"the features {names} are {difference} the service's {FEATURE_ORDER}.")


def _check_library_versions(trained_with: dict) -> None:
    running = {"python": platform.python_version()}
    running |= {name: version(name) for name in ("numpy", "scikit-learn")}
    for library, here in running.items():
        there = str(trained_with.get(library, "unknown"))
        if there.split(".")[:2] != here.split(".")[:2]:
            raise ModelRefused(f"the model needs {library} {there}, but {here} is running.")


def _unpickle_forest(model_bytes: bytes):
    try:
        forest = joblib.load(io.BytesIO(model_bytes))
        fits = list(forest.classes_) == [0, 1] and forest.n_features_in_ == len(FEATURE_ORDER)
    except Exception as error:
        cause = type(error).__name__
        raise ModelRefused(f"the model file does not unpickle as a classifier ({cause}).") from None
    if not (fits and hasattr(forest, "predict_proba")):
        raise ModelRefused("the model is no classifier of four features with the classes 0 and 1.")
    forest.n_jobs = 1
    # Trained on a DataFrame, a forest would warn about each row that comes without column names.
    vars(forest).pop("feature_names_in_", None)
    return forest


# END SOLUTION
