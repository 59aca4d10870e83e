"""What is known about a customer at a cut-off date, and whether they then churned."""

from datetime import date

import pandas as pd

FEATURES = ("days_since_last_order", "total_orders", "lifetime_value", "email_open_rate")
HORIZON_DAYS = 90


def features_at(
    orders: pd.DataFrame, emails: pd.DataFrame | None, cutoff: date | str | pd.Timestamp
) -> pd.DataFrame:
    """One row per customer with an order strictly before `cutoff`, from what was known by then.

    The index is customer_id, sorted. Nothing at or after `cutoff` is looked at. The columns:

    - days_since_last_order (int64): whole days from the last order to the cut-off, that is the
      elapsed time divided by 24 hours, rounded down. An order one second before the cut-off: 0.
    - total_orders (int64): number of orders.
    - lifetime_value (float64): sum of the order amounts in GBP, rounded to the penny.
    - email_open_rate (float64): emails opened / emails sent; 0.0 when none was sent.

    `orders` and `emails` are those of an OrderLog; `emails` may be None or empty.
    """
    cutoff = pd.Timestamp(cutoff)
    by_customer = orders[orders["ordered_at"] < cutoff].groupby("customer_id")
    features = pd.DataFrame(
        {
            "days_since_last_order": (cutoff - by_customer["ordered_at"].max()).dt.days,
            "total_orders": by_customer["ordered_at"].count(),
            "lifetime_value": by_customer["amount_gbp"].sum().round(2),
        }
    )
    open_rate = _email_open_rate(emails, cutoff)
    features["email_open_rate"] = open_rate.reindex(features.index).fillna(0.0)
    return features[list(FEATURES)]


def _email_open_rate(emails: pd.DataFrame | None, cutoff: pd.Timestamp) -> pd.Series:
    if emails is None or emails.empty:
        return pd.Series(dtype="float64")
    sent = emails[emails["sent_at"] < cutoff]
    return sent["opened"].astype("float64").groupby(sent["customer_id"]).mean()


def churned_after(
    orders: pd.DataFrame,
    customers: pd.Index,
    cutoff: date | str | pd.Timestamp,
    horizon_days: int = HORIZON_DAYS,
) -> pd.Series:
    """True for each of `customers` without an order in the `horizon_days` days from `cutoff` on.

    The window starts at the cut-off itself and stops just before its end, so it meets the features'
    window without a gap or an overlap. The index is `customers`, in their order.
    """
    cutoff = pd.Timestamp(cutoff)
    end = cutoff + pd.Timedelta(days=horizon_days)
    in_window = (orders["ordered_at"] >= cutoff) & (orders["ordered_at"] < end)
    came_back = orders.loc[in_window, "customer_id"].unique()
    return pd.Series(~customers.isin(came_back), index=customers, name="churned")
