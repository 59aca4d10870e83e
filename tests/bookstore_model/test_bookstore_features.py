"""Features and label at a cut-off, on logs small enough to work out by hand."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstore_model.features import FEATURES, churned_after, features_at

CUTOFF = pd.Timestamp("2026-04-01")


def orders(*rows: tuple[str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount_gbp"])
    table["ordered_at"] = pd.to_datetime(table["ordered_at"])
    return table.astype({"customer_id": object, "amount_gbp": float})


def emails(*rows: tuple[str, str, bool]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["customer_id", "sent_at", "opened"])
    table["sent_at"] = pd.to_datetime(table["sent_at"])
    return table.astype({"customer_id": object, "opened": bool})


def test_features_sum_up_what_happened_before_the_cutoff():
    log = orders(
        ("ann", "2026-03-01", 10.10), ("ann", "2026-03-20", 5.25), ("bob", "2025-04-01", 7)
    )
    mail = emails(("ann", "2026-03-02", True), ("ann", "2026-03-09", False))
    features = features_at(log, mail, CUTOFF)
    assert features.to_dict("index") == {
        "ann": {
            "days_since_last_order": 12,
            "total_orders": 2,
            "lifetime_value": 15.35,
            "email_open_rate": 0.5,
        },
        "bob": {
            "days_since_last_order": 365,
            "total_orders": 1,
            "lifetime_value": 7.0,
            "email_open_rate": 0.0,
        },
    }


@pytest.mark.parametrize(
    ("last_order", "days"),
    [("2026-03-31 23:59:59", 0), ("2026-03-31 00:00:01", 0), ("2026-03-31 00:00:00", 1)],
)
def test_days_since_last_order_are_whole_days_rounded_down(last_order, days):
    features = features_at(orders(("ann", last_order, 1)), None, CUTOFF)
    assert features.loc["ann", "days_since_last_order"] == days


def test_an_order_at_the_cutoff_itself_is_not_yet_known():
    assert features_at(orders(("ann", "2026-04-01", 1)), None, CUTOFF).empty


def test_an_email_at_the_cutoff_itself_is_not_yet_known():
    log, mail = orders(("ann", "2026-03-01", 1)), emails(("ann", "2026-04-01", True))
    assert features_at(log, mail, CUTOFF).loc["ann", "email_open_rate"] == 0.0


def test_lifetime_value_is_rounded_to_the_penny():
    log = orders(*[("ann", "2026-03-01", 0.1)] * 3)  # 0.1 + 0.1 + 0.1 is not 0.3 in binary
    assert features_at(log, None, CUTOFF).loc["ann", "lifetime_value"] == 0.3


@pytest.mark.parametrize("mail", [None, emails()], ids=["none", "empty"])
def test_without_email_data_every_open_rate_is_zero(mail):
    features = features_at(orders(("ann", "2026-03-01", 1), ("bob", "2026-03-01", 1)), mail, CUTOFF)
    assert features["email_open_rate"].tolist() == [0.0, 0.0]


def test_column_order_and_types_are_those_promised_even_for_nobody(small_log):
    for cutoff in ("2026-04-01", "1999-01-01"):
        features = features_at(small_log.orders, small_log.emails, cutoff)
        types = dict(zip(FEATURES, ["int64", "int64", "float64", "float64"], strict=True))
        assert features.dtypes.astype(str).to_dict() == types
        assert list(features.columns) == list(FEATURES)
        assert features.index.name == "customer_id"


def test_there_is_one_row_per_customer_who_ordered_before(small_log):
    features = features_at(small_log.orders, small_log.emails, CUTOFF)
    before = small_log.orders[small_log.orders["ordered_at"] < CUTOFF]
    assert features.index.is_unique
    assert set(features.index) == set(before["customer_id"])


PEOPLE = st.sampled_from(["ann", "bob", "cat", "dan"])
YEAR_IN_SECONDS = 365 * 24 * 3600
SECONDS_BEFORE = st.integers(-YEAR_IN_SECONDS, -1)
SECONDS_AFTER = st.integers(0, YEAR_IN_SECONDS)
PENCE = st.integers(1, 100_000)


def drawn_orders(rows) -> pd.DataFrame:
    return orders(*[(who, CUTOFF + pd.Timedelta(seconds=s), p / 100) for who, s, p in rows])


def drawn_emails(rows) -> pd.DataFrame:
    return emails(*[(who, CUTOFF + pd.Timedelta(seconds=s), opened) for who, s, opened in rows])


@given(
    past_orders=st.lists(st.tuples(PEOPLE, SECONDS_BEFORE, PENCE)),
    past_emails=st.lists(st.tuples(PEOPLE, SECONDS_BEFORE, st.booleans())),
    later_orders=st.lists(st.tuples(PEOPLE, SECONDS_AFTER, PENCE), min_size=1),
    later_emails=st.lists(st.tuples(PEOPLE, SECONDS_AFTER, st.booleans()), min_size=1),
)
def test_appending_later_orders_and_emails_changes_no_feature(
    past_orders, past_emails, later_orders, later_emails
):
    then = features_at(drawn_orders(past_orders), drawn_emails(past_emails), CUTOFF)
    later = features_at(
        drawn_orders(past_orders + later_orders), drawn_emails(past_emails + later_emails), CUTOFF
    )
    pd.testing.assert_frame_equal(then, later, check_exact=True)


@pytest.mark.parametrize(
    ("next_order", "churned"),
    [
        ("2026-03-31 23:59:59", True),
        ("2026-04-01 00:00:00", False),
        ("2026-06-29 23:59:59", False),
        ("2026-06-30 00:00:00", True),
    ],
)
def test_a_customer_churned_when_no_order_falls_in_the_ninety_days_from_the_cutoff(
    next_order, churned
):
    label = churned_after(orders(("ann", next_order, 1)), pd.Index(["ann"]), CUTOFF)
    assert label.loc["ann"] == churned
    assert label.dtype == bool


def test_the_label_follows_the_customers_asked_for():
    log = orders(("ann", "2026-04-02", 1), ("cat", "2026-04-02", 1))
    label = churned_after(log, pd.Index(["bob", "ann"], name="customer_id"), CUTOFF)
    assert label.to_dict() == {"bob": True, "ann": False}
    assert list(label.index) == ["bob", "ann"]
