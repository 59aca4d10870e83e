"""From a forest to ONNX, with proof that both say the same where it is hardest: at the thresholds."""

from dataclasses import dataclass

import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier

INPUT, PROBABILITIES = "features", "probabilities"
FEATURES = 4


@dataclass(frozen=True)
class Parity:
    """How far two models agree: rows compared, rows apart by more than asked, largest difference."""

    rows: int
    apart: int
    largest_difference: float


def export_forest(forest: RandomForestClassifier) -> bytes:
    """Return the forest as an ONNX model.

    Its one input is INPUT, float32 of shape [rows, 4]; its output PROBABILITIES is a float32 tensor
    of shape [rows, 2]. Another output, the predicted class, is allowed.
    """
    raise NotImplementedError("fast-inference")


def rows_at_thresholds(forest: RandomForestClassifier) -> np.ndarray:
    """Return rows on both sides of every threshold of every tree: float32 of shape [n, 4].

    A tree sends a row left when its float32 value is at most the float64 threshold. For each split
    there are two rows that reach it (all splits above it send them there) and whose value of its
    feature is the largest float32 that goes left, and the smallest that goes right. A split that no
    float32 row can reach, or that has only one side within reach, gives none or one.
    """
    raise NotImplementedError("fast-inference")


# TODO(fast-inference): your answer goes here.


def compare(
    forest: RandomForestClassifier, model: bytes, rows: np.ndarray, *, tolerance: float = 1e-6
) -> Parity:
    """Return how far the ONNX model's probability of class 1 agrees with the forest's on `rows`.

    `rows` is float32 of shape [n, 4] and n may be 0; both models get the very same values. A row is
    apart when the two differ by more than `tolerance`, or when the model says NaN.
    """
    raise NotImplementedError("fast-inference")
