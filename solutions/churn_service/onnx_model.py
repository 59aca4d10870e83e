"""The forest in ONNX: the same answers from a few microseconds of compiled code, and no pickle."""

import hashlib
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

import numpy as np
import onnxruntime

from churn_service.artefact import ModelRefused, read_metadata
from churn_service.predictor import FEATURE_ORDER, Customer, feature_row

INPUT, PROBABILITIES = "features", "probabilities"


class OnnxPredictor:
    """A forest in ONNX as a `Predictor`. Threads may share it."""

    def __init__(self, model: bytes, model_version: str):
        """Read a model whose one input is INPUT, float32 of shape [rows, 4] in FEATURE_ORDER.

        Its output PROBABILITIES is float32 of shape [rows, 2]: the probabilities of class 0
        (stayed) and of class 1 (churned). Raises ModelRefused for bytes that are no such model.

        One row is too little work to share, so the session runs on one thread. The provider is
        CPUExecutionProvider.
        """
        # BEGIN SOLUTION
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises classes of its own for each kind of damage
            cause = type(error).__name__
            raise ModelRefused(f"the model file is no ONNX model ({cause}).") from None
        inputs = [(i.name, i.type, i.shape[1:]) for i in self._session.get_inputs()]
        outputs = [output.name for output in self._session.get_outputs()]
        if inputs != [(INPUT, "tensor(float)", [4])] or PROBABILITIES not in outputs:
            raise ModelRefused(f"the model takes {inputs} and gives {outputs}: no churn forest.")
        self.model_version = model_version
        # END SOLUTION

    def predict_probability(self, customer: Customer) -> float:
        """Return the probability of class 1, as a Python float from 0 to 1."""
        # BEGIN SOLUTION
        features = np.array([feature_row(customer)], np.float32)
        (both,) = self._session.run([PROBABILITIES], {INPUT: features})
        return min(both[0, 1].item(), 1.0)  # `score` for one row, without an array in between
        # END SOLUTION

    def predict_probabilities(self, customers: Sequence[Customer]) -> list[float]:
        """Return the probability of each customer, in order, from one run of the model."""
        # BEGIN SOLUTION
        if not customers:
            return []
        return self.score(np.array([feature_row(c) for c in customers], np.float32)).tolist()
        # END SOLUTION

    def score(self, features: np.ndarray) -> np.ndarray:
        """Return the probabilities of class 1, float32 of shape [rows], for INPUT as above.

        A sum of float32 may end a hair above 1; what is returned lies from 0 to 1.
        """
        # BEGIN SOLUTION
        (both,) = self._session.run([PROBABILITIES], {INPUT: features})
        return both[:, 1].clip(0, 1)
        # END SOLUTION


def load_onnx_model(folder: Path) -> OnnxPredictor:
    """Return the predictor in an artefact folder whose `model_file` is ONNX; raise ModelRefused.

    ONNX is data: reading it runs no code of the file's. It is verified all the same, for a model
    that was cut short or swapped predicts without a word: the file's name leads nowhere else, its
    SHA-256 is that of `metadata.json`, and its features are the service's.
    """
    metadata = read_metadata(folder)
    name = metadata["model_file"]
    if name in ("", ".", "..") or PureWindowsPath(name).name != name:
        raise ModelRefused(f"model_file is {name!r}, which is not a plain file name.")
    try:
        model = (folder / name).read_bytes()
    except (OSError, ValueError) as error:
        raise ModelRefused(f"the model file {name!r} cannot be read ({error}).") from None
    if hashlib.sha256(model).hexdigest() != metadata["sha256"]:
        raise ModelRefused(f"{name} is not the file that metadata.json describes (SHA-256).")
    if metadata["feature_order"] != list(FEATURE_ORDER):
        raise ModelRefused(f"the features {metadata['feature_order']} are not the service's.")
    return OnnxPredictor(model, metadata["model_version"])
