"""Training by time, and the scores against their definitions."""

import numpy as np
import pandas as pd
import pytest

from bookstore_model.evaluation import calibration_table, evaluate
from bookstore_model.features import FEATURES
from bookstore_model.orders import (
    DEFAULT_CUSTOMERS,
    DEFAULT_SEED,
    DEFAULT_TODAY,
    generate_orders,
)
from bookstore_model.train import (
    TrainingError,
    as_matrix,
    choose_split,
    examples_at,
    join_examples,
    train_and_evaluate,
    train_model,
)


def test_the_split_counts_back_from_the_midnight_after_the_last_order():
    split = choose_split(pd.Timestamp("2024-07-02 08:00"), pd.Timestamp("2026-06-29 23:10"))
    assert split.end == pd.Timestamp("2026-06-30")
    assert split.test_cutoff == split.end - pd.Timedelta(days=90)
    assert split.train_cutoff == split.test_cutoff - pd.Timedelta(days=90)


def test_a_log_too_short_to_split_is_refused_with_the_days_needed():
    with pytest.raises(
        TrainingError, match=r"2026-01-01 to 2026-06-29, 180 days; training needs 270"
    ):
        choose_split(pd.Timestamp("2026-01-01"), pd.Timestamp("2026-06-29 12:00"))


def test_a_log_of_exactly_three_horizons_can_be_split():
    first = pd.Timestamp("2026-01-01")
    choose_split(first, first + pd.Timedelta(days=270, seconds=-1))


def test_training_never_sees_an_order_after_the_test_cutoff(small_log, small_examples):
    train, test = small_examples
    known = small_log.orders["ordered_at"] < test.cutoff
    truncated = type(small_log)(small_log.orders[known], small_log.emails)
    again = examples_at(truncated, train.cutoff)
    pd.testing.assert_frame_equal(again.features, train.features)
    pd.testing.assert_series_equal(again.churned, train.churned)


def test_examples_of_chunks_join_to_examples_of_the_whole(small_log, small_examples):
    train, _ = small_examples
    first = small_log.orders["customer_id"] < "C0000700"
    mailed_first = small_log.emails["customer_id"] < "C0000700"
    parts = [
        examples_at(type(small_log)(small_log.orders[rows], small_log.emails[mail]), train.cutoff)
        for rows, mail in ((first, mailed_first), (~first, ~mailed_first))
    ]
    joined = join_examples(parts)
    pd.testing.assert_frame_equal(joined.features, train.features)
    pd.testing.assert_series_equal(joined.churned, train.churned)


def test_the_model_is_a_hundred_unlimited_trees_on_plain_columns(small_run):
    model = small_run.model
    assert len(model.estimators_) == 100
    assert model.max_depth is None
    assert model.n_features_in_ == len(FEATURES)
    assert not hasattr(model, "feature_names_in_")
    assert model.classes_.tolist() == [False, True]


def test_the_same_seed_gives_the_same_predictions(small_examples, small_run):
    again = train_and_evaluate(*small_examples, seed=3)
    assert np.array_equal(again.probabilities["model"], small_run.probabilities["model"])


def test_the_model_predicts_on_one_thread_because_threads_add_votes_in_any_order(small_run):
    assert small_run.model.n_jobs == 1


def test_another_seed_gives_another_forest(small_examples, small_run):
    other = train_and_evaluate(*small_examples, seed=4)
    assert not np.array_equal(other.probabilities["model"], small_run.probabilities["model"])


def test_the_baseline_reads_recency_alone(small_examples, small_run):
    train, test = small_examples
    scrambled = test.features.assign(total_orders=1, lifetime_value=1.0, email_open_rate=1.0)
    other = train_and_evaluate(train, type(test)(test.cutoff, scrambled, test.churned), seed=3)
    assert np.array_equal(other.probabilities["baseline"], small_run.probabilities["baseline"])


def test_bookstores_forest_beats_recency_alone_on_later_customers():
    log = generate_orders(DEFAULT_CUSTOMERS, seed=DEFAULT_SEED, today=DEFAULT_TODAY)
    split = choose_split(log.orders["ordered_at"].min(), log.orders["ordered_at"].max())
    run = train_and_evaluate(
        examples_at(log, split.train_cutoff),
        examples_at(log, split.test_cutoff),
        seed=DEFAULT_SEED,
    )
    model, baseline = run.metrics["model"], run.metrics["baseline"]
    assert model["roc_auc"] > baseline["roc_auc"] > 0.5
    assert model["average_precision"] > baseline["average_precision"] > model["churn_rate"]
    assert model["brier_score"] < baseline["brier_score"] < 0.25


def test_customers_who_all_churned_cannot_be_learned_from(small_examples):
    train, _ = small_examples
    with pytest.raises(TrainingError, match="same outcome"):
        train_model(train.features, train.churned | True, seed=1)


def test_the_matrix_follows_the_feature_order_whatever_the_columns_order(small_examples):
    train, _ = small_examples
    shuffled = train.features[list(reversed(FEATURES))]
    assert np.array_equal(as_matrix(shuffled), as_matrix(train.features))


CHURNED = pd.Series([True, False, True, False, False])
PROBABILITY = np.array([0.9, 0.8, 0.3, 0.3, 0.0])


def test_scores_agree_with_their_definitions():
    scores = evaluate(CHURNED, PROBABILITY)
    churners, others = PROBABILITY[CHURNED], PROBABILITY[~CHURNED]
    wins = [1.0 if a > b else 0.5 if a == b else 0.0 for a in churners for b in others]
    assert scores["roc_auc"] == pytest.approx(np.mean(wins))
    assert scores["brier_score"] == pytest.approx(np.mean((PROBABILITY - CHURNED) ** 2))
    # Going down the ranking: recall 1/2 at precision 1/1, then recall 2/2 at precision 2/4.
    assert scores["average_precision"] == pytest.approx(1 / 2 * 1 / 1 + 1 / 2 * 2 / 4)
    assert scores["churn_rate"] == pytest.approx(2 / 5)
    assert scores["customers"] == 5


def test_calibration_counts_every_customer_once_and_a_certain_score_too():
    table = calibration_table(pd.Series([True, True, False]), np.array([1.0, 0.95, 0.05]))
    assert table["customers"].tolist() == [1, 2]
    assert table["churn_rate"].tolist() == [0.0, 1.0]
    assert table["to_probability"].iloc[-1] == 1.0
