"""Draw BookStore's order log and marketing emails from the field's standard models.

Purchasing and dropout follow the Pareto/NBD model (Schmittlein, Morrison and Colombo 1987; Fader
and Hardie 2005, "A note on deriving the Pareto/NBD model and related expressions"). Spend follows
the gamma-gamma model (Fader and Hardie 2013, "The gamma-gamma model of monetary value").
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

DEFAULT_CUSTOMERS = 20_000
DEFAULT_SEED = 42
DEFAULT_TODAY = date(2026, 6, 30)  # fixed, so that every learner sees the same shop
DEFAULT_WEEKS = 104

CUSTOMERS_PER_CHUNK = 5_000  # part of the meaning of a seed: changing it changes every order
GENERATOR_VERSION = 1  # raise it when the same seed no longer gives the same orders
SECONDS_PER_WEEK = 7 * 24 * 3600


@dataclass(frozen=True)
class ShopParameters:
    """How customers of a shop buy, spend, leave and read emails.

    Time is in weeks and money in GBP. A gamma distribution is given by shape and rate, so its mean
    is shape / rate.
    """

    purchase_shape: float  # r: a customer's orders per week are gamma(r, alpha) across customers
    purchase_rate_weeks: float  # alpha
    dropout_shape: float  # s: a customer's chance of leaving per week is gamma(s, beta)
    dropout_rate_weeks: float  # beta
    spend_shape: float  # p: one order's amount is gamma(p, nu)
    spend_rate_shape: float  # q: nu is gamma(q, gamma) across customers
    spend_rate_rate_gbp: float  # gamma
    joining_weeks: float | None = None  # customers join evenly over this long; None: all along
    weeks_between_emails: int = 4  # every customer so far gets the same newsletter
    open_alpha: float = 9.0  # a customer's chance to open is beta(9, 11): 45 % on average
    open_beta: float = 11.0
    lapsed_open_factor: float = 0.1  # once a customer has left, that chance is multiplied by this


# Chosen for this course: about 30 % of customers place no order in a given 90 days, an order is
# 20 GBP on average, and customers differ so much in how often they order that recency misleads.
BOOKSTORE = ShopParameters(
    purchase_shape=1.0,
    purchase_rate_weeks=2.5,
    dropout_shape=0.8,
    dropout_rate_weeks=150.0,
    spend_shape=5.0,
    spend_rate_shape=4.0,
    spend_rate_rate_gbp=12.0,
)

# The values published for the CDNOW cohort (the papers above). The original amounts are US dollars;
# here the same numbers are read as GBP. CDNOW's customers all joined within twelve weeks.
CDNOW = ShopParameters(
    purchase_shape=0.553,
    purchase_rate_weeks=10.58,
    dropout_shape=0.606,
    dropout_rate_weeks=11.66,
    spend_shape=6.25,
    spend_rate_shape=3.74,
    spend_rate_rate_gbp=15.44,
    joining_weeks=12,
)


@dataclass(frozen=True)
class OrderLog:
    """What a shop records: who ordered what when, and who opened which email.

    `orders`: customer_id (str), ordered_at (datetime64[us], no time zone), amount_gbp (float, > 0).
    `emails`: customer_id (str), sent_at (datetime64[us], no time zone), opened (bool).
    An email counts as opened when it was opened on arrival; later openings are not recorded.
    """

    orders: pd.DataFrame
    emails: pd.DataFrame


def generate_orders(
    customers: int,
    *,
    seed: int,
    today: date,
    weeks: int = DEFAULT_WEEKS,
    parameters: ShopParameters = BOOKSTORE,
) -> OrderLog:
    """The whole log in memory: `weeks` weeks that end just before `today` begins.

    Every customer has at least one order, the one they joined with. Rows are sorted by customer
    and then by time. The same arguments give the same log. Raises ValueError as `iter_orders`
    does.
    """
    chunks = list(
        iter_orders(customers, seed=seed, today=today, weeks=weeks, parameters=parameters)
    )
    return OrderLog(
        orders=pd.concat([chunk.orders for chunk in chunks], ignore_index=True),
        emails=pd.concat([chunk.emails for chunk in chunks], ignore_index=True),
    )


def iter_orders(
    customers: int,
    *,
    seed: int,
    today: date,
    weeks: int = DEFAULT_WEEKS,
    parameters: ShopParameters = BOOKSTORE,
) -> Iterator[OrderLog]:
    """The same log as `generate_orders`, CUSTOMERS_PER_CHUNK customers at a time.

    Each chunk draws from its own child of the seed, so memory does not grow with `customers`.
    Raises ValueError when customers or weeks is below 1 or the seed is negative.
    """
    for name, value, least in (("customers", customers, 1), ("weeks", weeks, 1), ("seed", seed, 0)):
        if value < least:
            raise ValueError(f"{name} is {value}; it must be at least {least}.")
    for chunk, first in enumerate(range(0, customers, CUSTOMERS_PER_CHUNK)):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(chunk,)))
        numbers = range(first + 1, min(first + CUSTOMERS_PER_CHUNK, customers) + 1)
        ids = np.array([f"C{number:07d}" for number in numbers], dtype=object)
        yield _draw_log(rng, ids, today, weeks, parameters)


def _draw_log(
    rng: np.random.Generator, ids: np.ndarray, today: date, weeks: int, shop: ShopParameters
) -> OrderLog:
    start = np.datetime64(today, "us") - np.timedelta64(weeks * SECONDS_PER_WEEK, "s")
    joining_weeks = min(weeks, shop.joining_weeks or weeks)
    joined = rng.uniform(0, joining_weeks, len(ids))
    leaving_per_week = rng.gamma(shop.dropout_shape, 1 / shop.dropout_rate_weeks, len(ids))
    with np.errstate(divide="ignore"):  # a chance that underflows to zero: they never leave
        left = joined + rng.exponential(1, len(ids)) / leaving_per_week
    orders = _draw_orders(rng, ids, joined, np.minimum(left, weeks), weeks, shop)
    emails = _draw_emails(rng, ids, joined, left, weeks, shop)
    orders["ordered_at"] = start + orders["ordered_at"]
    emails["sent_at"] = start + emails["sent_at"]
    return OrderLog(orders=pd.DataFrame(orders), emails=pd.DataFrame(emails))


def _draw_orders(
    rng: np.random.Generator,
    ids: np.ndarray,
    joined: np.ndarray,
    until: np.ndarray,
    weeks: int,
    shop: ShopParameters,
) -> dict[str, np.ndarray]:
    """Columns of the orders; times are seconds since the start of the window."""
    orders_per_week = rng.gamma(shop.purchase_shape, 1 / shop.purchase_rate_weeks, len(ids))
    repeats = rng.poisson(orders_per_week * (until - joined))
    # Given their number, the times of a Poisson process are independent and uniform.
    again = np.repeat(np.arange(len(ids)), repeats)
    customer = np.concatenate([np.arange(len(ids)), again])
    moments = np.concatenate([joined, rng.uniform(joined[again], until[again])])
    seconds = np.minimum(moments * SECONDS_PER_WEEK, weeks * SECONDS_PER_WEEK - 1).astype("int64")
    by_customer_then_time = np.lexsort((seconds, customer))
    customer, seconds = customer[by_customer_then_time], seconds[by_customer_then_time]
    spend_rate = rng.gamma(shop.spend_rate_shape, 1 / shop.spend_rate_rate_gbp, len(ids))
    amounts = rng.gamma(shop.spend_shape, 1 / spend_rate[customer])
    return {
        "customer_id": ids[customer],
        "ordered_at": seconds.astype("timedelta64[s]"),
        "amount_gbp": np.maximum(amounts.round(2), 0.01),
    }


def _draw_emails(
    rng: np.random.Generator,
    ids: np.ndarray,
    joined: np.ndarray,
    left: np.ndarray,
    weeks: int,
    shop: ShopParameters,
) -> dict[str, np.ndarray]:
    """Columns of the emails; times are seconds since the start of the window."""
    ten_in_the_morning = 10 / (7 * 24)
    sent = np.arange(0, weeks, shop.weeks_between_emails) + ten_in_the_morning
    chance = rng.beta(shop.open_alpha, shop.open_beta, len(ids))
    customer, issue = np.nonzero(sent[None, :] > joined[:, None])
    lapsed = sent[issue] > left[customer]
    chance_now = np.where(lapsed, shop.lapsed_open_factor, 1.0) * chance[customer]
    return {
        "customer_id": ids[customer],
        "sent_at": (sent[issue] * SECONDS_PER_WEEK).round().astype("timedelta64[s]"),
        "opened": rng.random(len(customer)) < chance_now,
    }
