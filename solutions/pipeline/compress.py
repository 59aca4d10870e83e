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
    # BEGIN SOLUTION
    outcomes = np.asarray(churned, dtype=bool)
    scores = np.asarray(full, dtype=float), np.asarray(small, dtype=float)
    if any(len(score) != len(outcomes) for score in scores):
        raise ValueError("outcomes and both models' probabilities must be of the same customers")
    if outcomes.all() or not outcomes.any():
        raise ValueError("with one outcome only there is no area to measure")

    def loss(rows) -> float:
        return area(outcomes[rows], scores[0][rows]) - area(outcomes[rows], scores[1][rows])

    everyone = np.arange(len(outcomes))
    rng = np.random.default_rng(seed)
    losses = []
    while len(losses) < RESAMPLES:
        drawn = rng.choice(everyone, len(everyone))
        if 0 < outcomes[drawn].sum() < len(drawn):
            losses.append(loss(drawn))
    outside = (1 - CONFIDENCE) / 2
    low, high = np.quantile(losses, [outside, 1 - outside])
    return AucLoss(float(loss(everyone)), float(low), float(high))
    # END SOLUTION


# BEGIN SOLUTION
def area(outcomes: np.ndarray, scores: np.ndarray) -> float:
    """Return ROC AUC from ranks (Mann and Whitney), which is what hundreds of draws can afford."""
    churners = int(outcomes.sum())
    ranks = rankdata(scores)[outcomes].sum() - churners * (churners + 1) / 2
    return ranks / (churners * (len(outcomes) - churners))


# END SOLUTION


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
    # BEGIN SOLUTION
    missed = ""
    for trees, depth in ((5, 5), (10, 6), (20, 7), (20, 8), (40, 8), (60, 10), (100, 12)):
        forest = RandomForestClassifier(
            trees, max_depth=depth, min_samples_leaf=20, random_state=seed
        )
        forest.fit(*train)
        made = Compressed(
            forest,
            stored_bytes(forest),
            comparisons_per_row(forest, validation[0]),
            auc_loss(validation[1], full, forest.predict_proba(validation[0])[:, 1], seed=seed),
        )
        if made.stored_bytes > budget.max_bytes:
            # A forest that fits and lost too much came nearer; the next ones are larger still.
            missed = missed or f"{made.stored_bytes:,} bytes, {budget.max_bytes:,} are allowed"
            break
        if made.comparisons > budget.max_comparisons:
            missed = missed or (
                f"{made.comparisons:.0f} comparisons a row, {budget.max_comparisons:g} are allowed"
            )
            break
        if made.auc_loss.high <= budget.max_auc_loss:
            return made
        missed = f"lost up to {made.auc_loss.high:.4f} AUC, {budget.max_auc_loss:g} is allowed"
    raise BudgetNotMet(f"no forest fits the budget; the nearest one: {missed}")
    # END SOLUTION
