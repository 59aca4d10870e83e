"""Train the churn model as a data scientist would: learn from the past, test on what came later."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bookstore_model.errors import HandoverError
from bookstore_model.evaluation import evaluate
from bookstore_model.features import FEATURES, HORIZON_DAYS, churned_after, features_at
from bookstore_model.orders import OrderLog

TREES = 100


class TrainingError(HandoverError):
    """The orders do not allow a model; the message says why and what is needed."""


@dataclass(frozen=True)
class TimeSplit:
    """When the model looks back from, and when its answers are known.

    The model learns from features at `train_cutoff` and churn up to `test_cutoff`; it is tested on
    features at `test_cutoff` and churn up to `end`. All three are midnights.
    """

    first_order: pd.Timestamp
    train_cutoff: pd.Timestamp
    test_cutoff: pd.Timestamp
    end: pd.Timestamp


@dataclass(frozen=True)
class Examples:
    """Customers as known at `cutoff`, and whether each then churned (same index, customer_id)."""

    cutoff: pd.Timestamp
    features: pd.DataFrame
    churned: pd.Series


@dataclass(frozen=True)
class TrainingRun:
    """A trained forest, its recency-only baseline, and what both say about the test customers."""

    model: RandomForestClassifier
    test: Examples
    probabilities: dict[str, np.ndarray]  # "model" and "baseline": P(churn) per test customer
    metrics: dict[str, dict[str, float]]  # "model" and "baseline": see `evaluation.evaluate`


def choose_split(
    first_order: pd.Timestamp, last_order: pd.Timestamp, horizon_days: int = HORIZON_DAYS
) -> TimeSplit:
    """The latest split that the log's own time range allows.

    The log ends at the midnight after its last order. Counting back, one horizon is kept to test
    on, one to learn from, and at least one must be left as history. Raises TrainingError when it
    is not.
    """
    horizon = pd.Timedelta(days=horizon_days)
    end = pd.Timestamp(last_order).normalize() + pd.Timedelta(days=1)
    split = TimeSplit(pd.Timestamp(first_order), end - 2 * horizon, end - horizon, end)
    if split.first_order > split.train_cutoff - horizon:
        raise TrainingError(
            f"The orders run from {first_order:%Y-%m-%d} to {last_order:%Y-%m-%d}, "
            f"{(end - split.first_order).days} days; training needs {3 * horizon_days}: "
            f"{horizon_days} of history, {horizon_days} to learn from, {horizon_days} to test on."
        )
    return split


def examples_at(log: OrderLog, cutoff: pd.Timestamp, horizon_days: int = HORIZON_DAYS) -> Examples:
    """Features and label of every customer of `log` who had ordered before `cutoff`."""
    features = features_at(log.orders, log.emails, cutoff)
    churned = churned_after(log.orders, features.index, cutoff, horizon_days)
    return Examples(pd.Timestamp(cutoff), features, churned)


def join_examples(parts: list[Examples]) -> Examples:
    """Examples of different customers at one cut-off, as one."""
    return Examples(
        parts[0].cutoff,
        pd.concat([part.features for part in parts]),
        pd.concat([part.churned for part in parts]),
    )


def train_model(features: pd.DataFrame, churned: pd.Series, *, seed: int) -> RandomForestClassifier:
    """A random forest of 100 trees of unlimited depth.

    It is fitted on plain float64 columns in the order of FEATURES, so it carries no column names:
    `model.predict_proba(features[list(FEATURES)].to_numpy("float64"))[:, 1]` is P(churn). The same
    features and seed give the same model. Raises TrainingError when all customers share one label.
    """
    if churned.nunique() < 2:
        raise TrainingError(
            f"All {len(churned)} customers to learn from have the same outcome "
            f"(churned: {bool(churned.iloc[0]) if len(churned) else 'nobody to learn from'}); "
            "a model needs customers of both kinds."
        )
    model = RandomForestClassifier(n_estimators=TREES, random_state=seed, n_jobs=-1)
    model.fit(as_matrix(features), churned.to_numpy())
    # Threads add the trees' votes in the order they finish, which moves the last decimal place.
    return model.set_params(n_jobs=1)


def train_baseline(features: pd.DataFrame, churned: pd.Series):
    """Logistic regression on days_since_last_order alone: what the forest has to beat.

    Takes the same matrix as the forest, and reads only its first column.
    """
    baseline = make_pipeline(StandardScaler(), LogisticRegression())
    return baseline.fit(recency_only(as_matrix(features)), churned.to_numpy())


def train_and_evaluate(train: Examples, test: Examples, *, seed: int) -> TrainingRun:
    """Fit forest and baseline on `train`, score both on `test`. Raises as train_model does."""
    if test.churned.nunique() < 2:
        raise TrainingError(
            "All customers to test on have the same outcome; nothing can be measured."
        )
    model = train_model(train.features, train.churned, seed=seed)
    baseline = train_baseline(train.features, train.churned)
    matrix = as_matrix(test.features)
    probabilities = {
        "model": model.predict_proba(matrix)[:, 1],
        "baseline": baseline.predict_proba(recency_only(matrix))[:, 1],
    }
    metrics = {name: evaluate(test.churned, scores) for name, scores in probabilities.items()}
    return TrainingRun(model, test, probabilities, metrics)


def as_matrix(features: pd.DataFrame) -> np.ndarray:
    """float64, one row per customer, one column per name in FEATURES, in that order."""
    return features[list(FEATURES)].to_numpy(dtype="float64")


def recency_only(matrix: np.ndarray) -> np.ndarray:
    """The days_since_last_order column of `as_matrix`, still two-dimensional."""
    column = FEATURES.index("days_since_last_order")
    return matrix[:, [column]]
