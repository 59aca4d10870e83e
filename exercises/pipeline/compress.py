"""A smaller forest for the same customers: within a budget, and with what it costs in accuracy."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import joblib
import numpy as np
from scipy.stats import rankdata
from sklearn.ensemble import RandomForestClassifier

RESAMPLES = 200
CONFIDENCE = 0.95


class BudgetNotMet(Exception):
    """No forest that was tried fits the budget. The message says how near the best one came."""


@dataclass(frozen=True)
class Budget:
    """What a model may cost.

    `max_bytes`: its size as `stored_bytes` counts it. `max_comparisons`: what one prediction takes,
    as `comparisons_per_row` counts it; unlike microseconds it is the same on every machine.
    `max_auc_loss`: how much ROC AUC may be lost, as the upper end of an interval.
    """

    max_bytes: int
    max_comparisons: float
    max_auc_loss: float


@dataclass(frozen=True)
class AucLoss:
    """ROC AUC of the full model less that of the small one: the estimate and its interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Compressed:
    """A forest that fits the budget, and what it costs."""

    forest: RandomForestClassifier
    stored_bytes: int
    comparisons: float
    auc_loss: AucLoss


def stored_bytes(forest: RandomForestClassifier) -> int:
    """Return the size of the forest as joblib stores it, uncompressed."""
    stored = io.BytesIO()
    joblib.dump(forest, stored)
    return stored.getbuffer().nbytes


def comparisons_per_row(forest: RandomForestClassifier, features: np.ndarray) -> float:
    """Return how many thresholds a row is compared with on average, all trees together."""
    paths, _ = forest.decision_path(features)
    return float(paths.sum() / len(features)) - len(forest.estimators_)  # a leaf compares nothing


def auc_loss(
    churned: Sequence[bool], full: Sequence[float], small: Sequence[float], *, seed: int
) -> AucLoss:
    """Return what the small model loses against the full one, with its 95 % interval.

    `churned` are outcomes, `full` and `small` the two models' probabilities for the same customers,
    all of length n. The estimate is ROC AUC(full) - ROC AUC(small): negative when the small one is
    better. The interval says where the difference would lie for other customers like these. It is
    paired: both models are measured on the same customers each time, so that what is hard about the
    customers cancels out. The same seed gives the same interval.

    Source of the method: B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993,
    chapter 13 (the percentile interval); any other method for paired areas will do as well.

    Raises ValueError when the lengths differ or only one outcome is there.
    """
    raise NotImplementedError("compress-model")


# TODO(compress-model): your answer goes here.


def compress(
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    full: np.ndarray,
    budget: Budget,
    *,
    seed: int,
) -> Compressed:
    """Return a forest that fits the budget, trained on `train` and measured on `validation`.

    Both are (features, churned): float64 of shape [rows, 4] and outcomes of shape [rows]. `full`
    are the full model's probabilities for the validation rows, which neither model has learned
    from. The forest fits when its `stored_bytes` and its `comparisons_per_row` on the validation
    features are within the budget, and the upper end (`high`) of its `auc_loss` is too. Of what is
    tried, the first that fits will do. The forest predicts on one core (`n_jobs` None or 1), and
    the same arguments give the same forest.

    Raises BudgetNotMet when none fits, naming what the best one missed: bytes, comparisons or AUC.
    """
    raise NotImplementedError("compress-model")
