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
    # BEGIN SOLUTION
    exported = to_onnx(
        forest,
        initial_types=[(INPUT, FloatTensorType([None, FEATURES]))],
        options={id(forest): {"zipmap": False}},
    )
    return exported.SerializeToString()
    # END SOLUTION


def rows_at_thresholds(forest: RandomForestClassifier) -> np.ndarray:
    """Return rows on both sides of every threshold of every tree: float32 of shape [n, 4].

    A tree sends a row left when its float32 value is at most the float64 threshold. For each split
    there are two rows that reach it (all splits above it send them there) and whose value of its
    feature is the largest float32 that goes left, and the smallest that goes right. A split that no
    float32 row can reach, or that has only one side within reach, gives none or one.
    """
    # BEGIN SOLUTION
    rows = []
    for tree in (estimator.tree_ for estimator in forest.estimators_):
        box = np.array([[-np.inf, np.inf]] * FEATURES, dtype=np.float32)
        waiting = [(0, box)]
        while waiting:
            node, box = waiting.pop()
            if tree.children_left[node] < 0:
                continue
            feature = tree.feature[node]
            last_left = largest_float32_up_to(tree.threshold[node])
            first_right = np.nextafter(last_left, np.float32(np.inf))
            left, right = box.copy(), box.copy()
            left[feature, 1] = min(last_left, box[feature, 1])
            right[feature, 0] = max(first_right, box[feature, 0])
            for side, value, child in (
                (left, left[feature, 1], tree.children_left[node]),
                (right, right[feature, 0], tree.children_right[node]),
            ):
                if side[feature, 0] <= side[feature, 1]:
                    row = point_inside(side)
                    row[feature] = value
                    rows.append(row)
                    waiting.append((child, side))
    return np.array(rows, dtype=np.float32).reshape(-1, FEATURES)
    # END SOLUTION


# BEGIN SOLUTION
def largest_float32_up_to(threshold: float) -> np.float32:
    """Return the largest float32 that is not above a float64."""
    nearest = np.float32(threshold)
    return np.nextafter(nearest, np.float32(-np.inf)) if float(nearest) > threshold else nearest


def point_inside(box: np.ndarray) -> np.ndarray:
    """Return a row inside a box of closed float32 intervals, which may be open-ended."""
    low, high = box[:, 0], box[:, 1]
    return np.where(np.isfinite(low), low, np.where(np.isfinite(high), high, np.float32(0)))


# END SOLUTION


def compare(
    forest: RandomForestClassifier, model: bytes, rows: np.ndarray, *, tolerance: float = 1e-6
) -> Parity:
    """Return how far the ONNX model's probability of class 1 agrees with the forest's on `rows`.

    `rows` is float32 of shape [n, 4] and n may be 0; both models get the very same values. A row is
    apart when the two differ by more than `tolerance`, or when the model says NaN.
    """
    # BEGIN SOLUTION
    if len(rows) == 0:
        return Parity(0, 0, 0.0)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (said,) = session.run([PROBABILITIES], {INPUT: np.asarray(rows, np.float32)})
    differences = np.abs(said[:, 1] - forest.predict_proba(rows)[:, 1])
    apart = int((~(differences <= tolerance)).sum())
    return Parity(len(rows), apart, float(differences.max()))
    # END SOLUTION
