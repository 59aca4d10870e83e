# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 02 Features in SQL
#
# **About 30 minutes, and 20 for its one exercise: `features-in-sql`.**
#
# The data scientist computes the four features in pandas. In production they are computed every night
# for every customer, next to the data. In this lesson you write them as one SQL query that gives the
# same numbers, to the penny and to the day.
#
# ## Why this matters in production
#
# A model is only as good as the numbers it is fed on the day. When the features in production differ from
# the features in training, nothing fails. The model answers, with other probabilities than were tested.
# This is called **training-serving skew**, and three of its causes fit into one query:
#
# | cause | what it looks like |
# |---|---|
# | a join multiplies rows | a customer with 3 orders has 12 |
# | the cut-off is forgotten somewhere | the test results are splendid |
# | two functions mean another day | some customers are off by one |
#
# So the handover's pandas code is your **oracle**: slow perhaps, but right. What equals it is right too.

# %%
from pathlib import Path

import duckdb
import matplotlib.pyplot as plt
import pandas as pd

from bookstore_model.features import FEATURES, features_at
from bookstore_model.store import load_order_log
from workbench import check, hint

print("features:", ", ".join(FEATURES))

# %% [markdown]
# ## The idea, on three customers
#
# DuckDB is a database in a library: no server, and a table lives in memory or in a file. Here is a shop
# small enough to check by hand. The cut-off is 1 March 2026.

# %%
shop = duckdb.connect(":memory:")
shop.execute("""
CREATE TABLE orders (customer_id VARCHAR, ordered_at TIMESTAMP, amount_gbp DOUBLE);
CREATE TABLE emails (customer_id VARCHAR, sent_at TIMESTAMP, opened BOOLEAN);
INSERT INTO orders VALUES
    ('Ada', '2026-01-10 09:00', 20), ('Ada', '2026-02-01 18:30', 30), ('Ada', '2026-02-20 21:00', 25),
    ('Ben', '2026-02-28 23:00', 12),
    ('Cem', '2026-03-01 00:00', 40);
INSERT INTO emails VALUES
    ('Ada', '2026-01-15 10:00', true), ('Ada', '2026-02-01 10:00', false),
    ('Ada', '2026-02-15 10:00', true), ('Ada', '2026-03-15 10:00', false);
""")
orders, emails = shop.execute("FROM orders").df(), shop.execute("FROM emails").df()
features_at(orders, emails, "2026-03-01")

# %% [markdown]
# Check each number against the rows above. Three things to notice:
#
# - **Cem** has no row. His order came *at* the cut-off, and features look strictly before it.
# - **Ben** has a row with an open rate of 0, though he never got an email.
# - **Ada's** fourth email does not count. On 1 March nobody could have known of it.

# %% [markdown]
# ## What goes wrong first: the join
#
# The obvious query joins orders and emails and groups by customer. Look at what it says of Ada.

# %%
JOINED = """
SELECT o.customer_id, count(*) AS total_orders, sum(o.amount_gbp) AS lifetime_value
FROM orders AS o
JOIN emails AS e ON e.customer_id = o.customer_id AND e.sent_at < $cutoff
WHERE o.ordered_at < $cutoff
GROUP BY o.customer_id
"""
shop.execute(JOINED, {"cutoff": pd.Timestamp("2026-03-01")}).df()

# %% [markdown]
# Three orders have become nine, and 75 GBP have become 225: each order met each of three emails. This is
# called **fan-out**. And Ben is gone, because an inner join keeps only those who have both.
#
# How bad is it on the shop's own orders? `$cutoff` is a **named parameter**: the same text serves every
# night.

# %% tags=["nbval-ignore-output"]
from bookstore_model.train import choose_split

database_file = Path("..") / "data" / "bookstore.duckdb"
log = load_order_log(database_file)
split = choose_split(log.orders["ordered_at"].min(), log.orders["ordered_at"].max())
cutoff = split.test_cutoff

whole = duckdb.connect(":memory:")
for table, rows in (("orders", log.orders), ("emails", log.emails)):
    whole.register("rows", rows)
    whole.execute(f"CREATE TABLE {table} AS FROM rows")
    whole.unregister("rows")

true = features_at(log.orders, log.emails, cutoff)
joined = whole.execute(JOINED, {"cutoff": cutoff}).df().set_index("customer_id")
both = true[["total_orders"]].join(joined["total_orders"].rename("joined"), how="left")
wrong = both["joined"] != both["total_orders"]
print(f"customers at {cutoff:%d %B %Y}: {len(both):,}")
print(f"missing after the join:       {both['joined'].isna().sum():,}")
print(f"with a wrong count of orders: {(wrong & both['joined'].notna()).sum():,}")
print(f"rows the join went through:   {joined['total_orders'].sum():,.0f}")
print(f"orders there are:             {true['total_orders'].sum():,}")

# %% tags=["nbval-ignore-output"]
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
present = both.dropna()
axes.plot(
    present["total_orders"], present["joined"], ".", color="0.4", markersize=3, label="customers"
)
top = present["total_orders"].max() if len(present) else 1
axes.plot([1, top], [1, top], color="black", linestyle="--", label="right")
axes.set(
    xscale="log",
    yscale="log",
    title="What a join of two fact tables does",
    xlabel="orders of a customer",
    ylabel="orders, counted after the join",
)
axes.legend()
plt.show()

# %% [markdown]
# The tempting cure is `DISTINCT`: count each moment once, add each amount once. It repairs Ada. It breaks
# whoever pays the same amount twice, and nobody will notice.

# %% tags=["nbval-ignore-output"]
cured = (
    whole.execute(
        """SELECT customer_id, sum(DISTINCT amount_gbp) AS lifetime_value FROM orders
    WHERE ordered_at < $cutoff GROUP BY customer_id""",
        {"cutoff": cutoff},
    )
    .df()
    .set_index("customer_id")["lifetime_value"]
)
lost = (true["lifetime_value"] - cured.reindex(true.index)).round(2)
print(f"customers whose lifetime value DISTINCT makes too small: {(lost > 0).sum():,}")
print(f"by {lost.sum():,.2f} GBP in all, at most {lost.max():,.2f} GBP for one customer")

# %% [markdown]
# The real cure: **bring each table to one row per customer before they meet.** Then a join can only meet
# one row with one row. It is also less work, as you can read from the counts above.
#
# ## What goes wrong quietly: the cut-off
#
# Suppose that somebody takes the lifetime value from a table of totals that the shop keeps anyway. It is
# right, to the penny: as of *today*. Or suppose that the query filters the orders and forgets the emails.
# Let us train on such features and test on such features. Then let us do what production does: feed the
# same model with what is known on the day.

# %% tags=["nbval-ignore-output"]
from sklearn.metrics import roc_auc_score

from bookstore_model.features import churned_after
from bookstore_model.train import as_matrix, train_model


def known_at(moment: pd.Timestamp) -> pd.DataFrame:
    return features_at(log.orders, log.emails, moment)


def with_todays_totals(moment: pd.Timestamp) -> pd.DataFrame:
    features = known_at(moment)
    totals = log.orders.groupby("customer_id")["amount_gbp"].sum().round(2)
    return features.assign(lifetime_value=totals.reindex(features.index))


def with_all_emails(moment: pd.Timestamp) -> pd.DataFrame:
    features = known_at(moment)
    rate = log.emails["opened"].astype(float).groupby(log.emails["customer_id"]).mean()
    return features.assign(email_open_rate=rate.reindex(features.index).fillna(0.0))


actual = churned_after(log.orders, true.index, cutoff)
for features_of in (with_todays_totals, with_all_emails, known_at):
    learned = features_of(split.train_cutoff)
    label = churned_after(log.orders, learned.index, split.train_cutoff)
    forest = train_model(learned, label, seed=0)
    promised = roc_auc_score(actual, forest.predict_proba(as_matrix(features_of(cutoff)))[:, 1])
    kept = roc_auc_score(actual, forest.predict_proba(as_matrix(true))[:, 1])
    print(f"{features_of.__name__:20} promised {promised:.3f}   in production {kept:.3f}")

# %% [markdown]
# The two columns of `known_at` are equal, for there is nothing to be lost. Compare the others with it. What
# a customer spends *after* the cut-off says that they came back, so a total that includes it gives the
# answer away: it may promise more, and in production the model leans on what is not there. A leak can
# also be too small to be seen in the promise, and still cost something.
#
# So do not wait for a suspicious number. A rule can be checked on the query itself: **rows from after the
# cut-off, added or taken away, must change nothing.** The check of this lesson does that to yours.
#
# (In BookStore's log *opened* means opened on arrival. In a shop where the flag is set days later, it
# leaks even when `sent_at` is filtered. Ask when a value was known, not only when its row was made.)
#
# ## What goes wrong by one: days
#
# Ben ordered one hour before the cut-off. How many days ago is that?

# %%
shop.execute(
    """SELECT customer_id,
        date_diff('day', max(ordered_at), $cutoff) AS midnights_between,
        date_sub('day', max(ordered_at), $cutoff) AS whole_days_passed
    FROM orders WHERE ordered_at < $cutoff GROUP BY customer_id ORDER BY customer_id""",
    {"cutoff": pd.Timestamp("2026-03-01")},
).df()

# %% [markdown]
# The handover counts elapsed days: hours divided by 24, rounded down. At a cut-off of midnight the two
# differ for everyone who did not order at midnight sharp.

# %% tags=["nbval-ignore-output"]
days = whole.execute(
    """SELECT date_diff('day', max(ordered_at), $cutoff) AS midnights,
        date_sub('day', max(ordered_at), $cutoff) AS passed
    FROM orders WHERE ordered_at < $cutoff GROUP BY customer_id""",
    {"cutoff": cutoff},
).df()
print(f"customers for whom the two differ: {(days['midnights'] != days['passed']).mean():.1%}")

# %% [markdown]
# ## What it is worth: the speed
#
# The finished query stands in `solutions/`. Do not look yet; run it. Both sides start with the data in
# memory, in their own form, and end with a table of features. Each is run several times, in turns, and
# the median counts. First of all: do they agree?

# %%
finished = (Path("..") / "solutions" / "pipeline" / "features.sql").read_text(encoding="utf-8")
by_sql = whole.execute(finished, {"cutoff": cutoff}).df().set_index("customer_id").sort_index()
pd.testing.assert_frame_equal(by_sql, true, check_dtype=False, check_index_type=False)
print("equal for every customer, column by column")

# %% tags=["nbval-ignore-output"]
import time
from datetime import date
from statistics import median

from bookstore_model.orders import generate_orders


def features_by_sql(database: duckdb.DuckDBPyConnection, at: pd.Timestamp) -> pd.DataFrame:
    return database.execute(finished, {"cutoff": at}).df()


def seconds(work, *arguments) -> float:
    started = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - started


measured = []
for customers in (1_000, 5_000, 20_000, 80_000):
    drawn = generate_orders(customers, seed=1, today=date(2026, 6, 30))
    at = pd.Timestamp("2026-03-01")
    with duckdb.connect(":memory:") as database:
        for table, rows in (("orders", drawn.orders), ("emails", drawn.emails)):
            database.register("rows", rows)
            database.execute(f"CREATE TABLE {table} AS FROM rows")
        pandas_seconds, sql_seconds = [], []
        for _ in range(5):
            pandas_seconds.append(seconds(features_at, drawn.orders, drawn.emails, at))
            sql_seconds.append(seconds(features_by_sql, database, at))
    measured.append((customers, len(drawn.orders), median(pandas_seconds), median(sql_seconds)))
speed = pd.DataFrame(measured, columns=["customers", "orders", "pandas_seconds", "sql_seconds"])
speed["times_faster"] = (speed["pandas_seconds"] / speed["sql_seconds"]).round(1)
speed.round(4)

# %% tags=["nbval-ignore-output"]
figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
axes.plot(
    speed["customers"], speed["pandas_seconds"], "s--", color="black", mfc="white", label="pandas"
)
axes.plot(speed["customers"], speed["sql_seconds"], "o-", color="black", label="SQL in DuckDB")
for row in speed.itertuples():
    axes.annotate(
        f"{row.times_faster:g}x",
        (row.customers, row.sql_seconds),
        xytext=(0, -16),
        textcoords="offset points",
        ha="center",
    )
axes.set(
    xscale="log",
    yscale="log",
    title="Seconds to compute the features of all customers",
    xlabel="customers",
    ylabel="seconds (median of 5)",
)
axes.legend()
axes.margins(y=0.15)
axes.grid(alpha=0.3)
plt.show()

# %% [markdown]
# The number below each point says how many times faster the query is, on this machine and at this moment.
# At few customers most of the time goes into planning, and the gap may be small or even turn around. The
# larger gain is not in the plot: pandas needs the whole log in memory first, and the query goes to where
# the orders are.


# %% tags=["nbval-ignore-output"]
def from_the_file_by_pandas():
    loaded = load_order_log(database_file)
    return features_at(loaded.orders, loaded.emails, cutoff)


def from_the_file_by_sql():
    with duckdb.connect(str(database_file), read_only=True) as database:
        return features_by_sql(database, cutoff)


slow = median(seconds(from_the_file_by_pandas) for _ in range(3))
fast = median(seconds(from_the_file_by_sql) for _ in range(3))
print(
    f"from the file, loading included: pandas {slow:.3f} s, SQL {fast:.3f} s: {slow / fast:.1f} times"
)

# %% [markdown]
# ## Your exercise: `features-in-sql`
#
# Open [`exercises/pipeline/features.sql`](../exercises/pipeline/features.sql). The header of the file is
# the contract. Write one `SELECT` (a `WITH` clause before it is welcome) with the parameter `$cutoff`.
# The check runs it on small shops like Ada's and on random ones, and compares with the handover.

# %%
check("features-in-sql")

# %%
hint("features-in-sql")

# %% [markdown]
# Your project has a command that runs the query on the whole shop and writes a Parquet file, which every
# data tool can read. This cell runs it on *your* query. As long as there is none, it says so.

# %% tags=["nbval-ignore-output"]
import subprocess
import sys

command = ["-m", "pipeline.build_features", "--cutoff", f"{cutoff:%Y-%m-%d}"]
command += ["--out", "../data/features.parquet"]
ran = subprocess.run(
    [sys.executable, *command],
    cwd=Path("..") / "exercises",
    capture_output=True,
    text=True,
    check=False,
)
print("python", *command)
print(ran.stdout + ran.stderr)

# %% [markdown]
# ## Further reading
#
# - M. Zinkevich, *Rules of Machine Learning*, Google: rules 29 to 37 are about training-serving skew.
# - R. Kimball, M. Ross, *The Data Warehouse Toolkit*, Wiley: why two fact tables are never joined row by
#   row, but each summed up first and then put side by side ("drilling across").
# - M. Raasveldt, H. Mühleisen, *DuckDB: an Embeddable Analytical Database*, SIGMOD 2019.
# - DuckDB's documentation, *Timestamp Functions*: `date_diff` counts boundaries, `date_sub` complete parts.
#
# **Next:** [03 Load the model safely](03_load_the_model.ipynb), the gate between training and serving.
