"""Shops shared by the tests of the handover."""

from datetime import date

import pytest

from bookstore_model.orders import OrderLog, generate_orders
from bookstore_model.train import Examples, TrainingRun, choose_split, examples_at
from bookstore_model.train import train_and_evaluate as fit

TODAY = date(2026, 6, 30)


@pytest.fixture(scope="session")
def small_log() -> OrderLog:
    """A shop of 1,500 customers."""
    return generate_orders(1_500, seed=3, today=TODAY)


@pytest.fixture(scope="session")
def small_examples(small_log) -> tuple[Examples, Examples]:
    """The small shop's customers to learn from and to test on."""
    ordered_at = small_log.orders["ordered_at"]
    split = choose_split(ordered_at.min(), ordered_at.max())
    return examples_at(small_log, split.train_cutoff), examples_at(small_log, split.test_cutoff)


@pytest.fixture(scope="session")
def small_run(small_examples) -> TrainingRun:
    """A model trained on the small shop."""
    return fit(*small_examples, seed=3)
