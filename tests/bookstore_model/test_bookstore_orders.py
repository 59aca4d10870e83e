"""The generator against the closed forms of the models it draws from."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from bookstore_model.features import churned_after, features_at
from bookstore_model.orders import (
    BOOKSTORE,
    CDNOW,
    CUSTOMERS_PER_CHUNK,
    DEFAULT_CUSTOMERS,
    DEFAULT_SEED,
    DEFAULT_TODAY,
    OrderLog,
    generate_orders,
    iter_orders,
)

TODAY = date(2026, 6, 30)
WEEK = pd.Timedelta(weeks=1)
STANDARD_ERRORS = 4  # a right generator strays further about once in 16,000 draws


@pytest.fixture(scope="module")
def cdnow() -> OrderLog:
    """A cohort of CDNOW's size; all joined within 12 weeks, so 78 weeks of each are on record."""
    return generate_orders(23_570, seed=1, today=TODAY, weeks=90, parameters=CDNOW)


def age_in_weeks(log: OrderLog, rows: pd.DataFrame, moment: str) -> pd.Series:
    joined = log.orders.groupby("customer_id")["ordered_at"].min()
    return (rows[moment] - rows["customer_id"].map(joined)) / WEEK


def assert_mean(sample: pd.Series, expected: float) -> None:
    standard_error = sample.std() / np.sqrt(len(sample))
    assert abs(sample.mean() - expected) < STANDARD_ERRORS * standard_error


@pytest.mark.parametrize("weeks", [4, 39, 78])
def test_cdnow_repeat_orders_have_the_pareto_nbd_mean(cdnow, weeks):
    """E[X(t)] = r beta / (alpha (s - 1)) (1 - (beta / (beta + t))^(s - 1)): Fader and Hardie 2005,
    "A note on deriving the Pareto/NBD model and related expressions"."""
    shop = CDNOW
    shrinkage = (shop.dropout_rate_weeks / (shop.dropout_rate_weeks + weeks)) ** (
        shop.dropout_shape - 1
    )
    scale = shop.purchase_shape * shop.dropout_rate_weeks / shop.purchase_rate_weeks
    expected = scale / (shop.dropout_shape - 1) * (1 - shrinkage)
    early = cdnow.orders[age_in_weeks(cdnow, cdnow.orders, "ordered_at") <= weeks]
    assert_mean(early.groupby("customer_id").size() - 1, expected)


@pytest.mark.parametrize(("shop", "weeks"), [(CDNOW, 90), (BOOKSTORE, 104)])
def test_emails_are_opened_as_often_as_customers_are_alive(shop, weeks):
    """P(alive at age t) = (beta / (beta + t))^s, the Pareto distribution of lifetimes; an email is
    opened with the customer's mean chance, times the lapsed factor once they have left."""
    log = generate_orders(10_000, seed=2, today=TODAY, weeks=weeks, parameters=shop)
    age = age_in_weeks(log, log.emails, "sent_at")
    alive = (shop.dropout_rate_weeks / (shop.dropout_rate_weeks + age)) ** shop.dropout_shape
    chance = shop.open_alpha / (shop.open_alpha + shop.open_beta)
    expected = chance * (alive + shop.lapsed_open_factor * (1 - alive))
    surprise = log.emails["opened"].astype(float) - expected
    assert_mean(surprise.groupby(log.emails["customer_id"]).sum(), 0.0)


@pytest.mark.parametrize("shop", [CDNOW, BOOKSTORE])
def test_spend_has_the_gamma_gamma_mean(shop):
    """E[Z] = p gamma / (q - 1): Fader and Hardie 2013, "The gamma-gamma model of monetary value".
    First orders only, so that the sample's values are independent."""
    log = generate_orders(20_000, seed=4, today=TODAY, weeks=20, parameters=shop)
    expected = shop.spend_shape * shop.spend_rate_rate_gbp / (shop.spend_rate_shape - 1)
    assert_mean(log.orders.groupby("customer_id")["amount_gbp"].first(), expected)


def test_the_same_seed_gives_the_same_bytes():
    one, other = (generate_orders(300, seed=7, today=TODAY) for _ in range(2))
    assert one.orders.to_csv().encode() == other.orders.to_csv().encode()
    assert one.emails.to_csv().encode() == other.emails.to_csv().encode()


def test_another_seed_gives_other_orders():
    one, other = (generate_orders(300, seed=seed, today=TODAY) for seed in (7, 8))
    assert not one.orders.equals(other.orders)


def test_drawing_in_chunks_gives_the_same_log_as_drawing_at_once():
    customers = CUSTOMERS_PER_CHUNK + 10
    chunks = list(iter_orders(customers, seed=7, today=TODAY, weeks=30))
    whole = generate_orders(customers, seed=7, today=TODAY, weeks=30)
    assert [chunk.orders["customer_id"].nunique() for chunk in chunks] == [CUSTOMERS_PER_CHUNK, 10]
    drawn = pd.concat([chunk.orders for chunk in chunks], ignore_index=True)
    pd.testing.assert_frame_equal(drawn, whole.orders)


def test_no_chunk_repeats_the_draws_of_another():
    first, second = iter_orders(2 * CUSTOMERS_PER_CHUNK, seed=7, today=TODAY, weeks=30)
    assert (
        first.orders["amount_gbp"].head(100).tolist()
        != second.orders["amount_gbp"].head(100).tolist()
    )


def test_every_customer_orders_within_the_window(small_log):
    start = pd.Timestamp(TODAY) - 104 * WEEK
    assert small_log.orders["customer_id"].nunique() == 1_500
    assert (
        small_log.orders["ordered_at"].between(start, pd.Timestamp(TODAY), inclusive="left").all()
    )
    assert (small_log.orders["amount_gbp"] >= 0.01).all()


def test_nobody_is_emailed_before_they_join(small_log):
    assert (age_in_weeks(small_log, small_log.emails, "sent_at") > 0).all()


def test_customers_join_over_the_whole_window(small_log):
    joined = small_log.orders.groupby("customer_id")["ordered_at"].min()
    per_quarter = joined.groupby(joined.dt.to_period("Q")).size()
    assert len(per_quarter) == 8
    assert per_quarter.min() > 1_500 / 8 / 2


def test_column_types_are_those_the_log_promises(small_log):
    assert small_log.orders.dtypes.astype(str).to_dict() == {
        "customer_id": "object",
        "ordered_at": "datetime64[us]",
        "amount_gbp": "float64",
    }
    assert small_log.emails.dtypes.astype(str).to_dict() == {
        "customer_id": "object",
        "sent_at": "datetime64[us]",
        "opened": "bool",
    }


@pytest.mark.parametrize("days_before_today", [180, 90])
def test_between_a_fifth_and_two_fifths_of_bookstores_customers_churn(days_before_today):
    log = generate_orders(DEFAULT_CUSTOMERS, seed=DEFAULT_SEED, today=DEFAULT_TODAY)
    cutoff = pd.Timestamp(DEFAULT_TODAY) - pd.Timedelta(days=days_before_today)
    customers = features_at(log.orders, log.emails, cutoff).index
    assert 0.2 < churned_after(log.orders, customers, cutoff).mean() < 0.4


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"customers": 0}, "customers"), ({"weeks": 0}, "weeks"), ({"seed": -1}, "seed")],
)
def test_an_impossible_shop_is_refused_naming_the_argument(wrong, named):
    arguments = {"customers": 1, "seed": 1, "today": TODAY, **wrong}
    with pytest.raises(ValueError, match=rf"^{named} is -?\d"):
        generate_orders(**arguments)
