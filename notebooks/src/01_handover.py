# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 01 The handover: train the BookStore model
#
# **About 30 minutes, and 15 for its one exercise: `evaluate-model`.**
#
# Before you put a model into production you ask its author two questions. How good is it? And how do
# you know? In this lesson you train BookStore's model as its data scientist does, measure it in three
# ways, and find out at which probability it pays to act.
#
# ## Why this matters in production
#
# A wrong measure does not crash. It is a number in a report, it looks fine, and it is believed until the
# quarter is over. Three questions decide whether a number deserves belief:
#
# | question | what goes wrong without it |
# |---|---|
# | Was the model tested on a time after the one it learned from? | it is praised for remembering |
# | What does it beat? | a model is deployed that one `if` could replace |
# | What does each kind of error cost? | the threshold stays at 0.5 because nobody chose it |
#
# You will answer each with code, on the shop's own orders.

# %% tags=["nbval-ignore-output"]
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from bookstore_model.store import load_order_log
from workbench import check, hint

log = load_order_log(Path("..") / "data" / "bookstore.duckdb")
print("orders:", ", ".join(log.orders.columns))
print("emails:", ", ".join(log.emails.columns))
print(f"{log.orders['customer_id'].nunique():,} customers, {len(log.orders):,} orders")
print(
    f"from {log.orders['ordered_at'].min():%d %B %Y} to {log.orders['ordered_at'].max():%d %B %Y}"
)
print(f"{len(log.emails):,} emails")

# %% [markdown]
# ## The idea: stand at a date, look back, wait
#
# No column of the log says *churned*. A customer of a shop does not cancel; they just do not come back.
# So the label is made, and so are the features, around a **cut-off date**:
#
# - what happened before the cut-off gives the four features;
# - what happens in the 90 days from the cut-off on gives the label: churned = no order in that time.
#
# To test the model we stand at a later cut-off, and wait another 90 days. The log itself says how late
# the two can be.

# %% tags=["nbval-ignore-output"]
from bookstore_model.train import choose_split, examples_at

split = choose_split(log.orders["ordered_at"].min(), log.orders["ordered_at"].max())
figure, axes = plt.subplots(figsize=(9, 2.2), layout="constrained")
spans = [
    ("test", split.first_order, split.test_cutoff, split.end),
    ("learn", split.first_order, split.train_cutoff, split.test_cutoff),
]
for row, (_, first, cutoff, end) in enumerate(spans):
    axes.barh(row, cutoff - first, left=first, color="0.85", edgecolor="black")
    axes.barh(row, end - cutoff, left=cutoff, color="white", edgecolor="black", hatch="//")
    axes.text(cutoff, row, f" {cutoff:%d %b %Y} ", ha="right", va="center")
axes.set_yticks([0, 1], [name for name, *_ in spans])
axes.set_title("Grey: features look here. Hatched: the label is decided here.")
plt.show()

# %% tags=["nbval-ignore-output"]
train = examples_at(log, split.train_cutoff)
test = examples_at(log, split.test_cutoff)
print(f"to learn from: {len(train.churned):,} customers, {train.churned.mean():.1%} churned")
print(f"to test on:    {len(test.churned):,} customers, {test.churned.mean():.1%} churned")
test.features.assign(churned=test.churned).head()

# %% [markdown]
# ## Why split by time? An experiment
#
# One cut-off gives one row per customer. A tempting way to get more rows is to stand at four cut-offs, a
# week apart, and pile the rows up. And a tempting way to test is the one in every tutorial: shuffle the
# rows, keep 30 % back. Let us do exactly that, and write down what it promises. Then let us see what the
# same model is worth three months later.

# %% tags=["nbval-ignore-output"]
from sklearn.metrics import roc_auc_score

from bookstore_model.train import as_matrix, train_model

snapshots = [examples_at(log, split.train_cutoff - pd.Timedelta(weeks=w)) for w in range(4)]
features = pd.concat([snapshot.features for snapshot in snapshots])
churned = pd.concat([snapshot.churned for snapshot in snapshots])


def scored(learn: np.ndarray) -> tuple[float, float]:
    """ROC AUC on the rows kept back, and on the customers of the later test date."""
    forest = train_model(features[learn], churned[learn], seed=0)
    kept_back = forest.predict_proba(as_matrix(features[~learn]))[:, 1]
    later = forest.predict_proba(as_matrix(test.features))[:, 1]
    return roc_auc_score(churned[~learn], kept_back), roc_auc_score(test.churned, later)


random = np.random.default_rng(0)
shuffled_rows = random.random(len(churned)) < 0.7
promised, kept = scored(shuffled_rows)
print(f"promised by shuffled rows: {promised:.3f}")
print(f"kept three months later:   {kept:.3f}   (difference {promised - kept:+.3f})")

# %% [markdown]
# ROC AUC is explained further down; 1 is perfect and 0.5 is guessing. If the promise is higher than what
# was kept, where did the rest come from? One suspicion: nearly every customer has rows on *both* sides
# of the shuffle. If so, keeping whole customers back should make the promise smaller.

# %% tags=["nbval-ignore-output"]
customers = features.index.unique()
learners = customers[random.random(len(customers)) < 0.7]
promised_by_customer, kept_by_customer = scored(features.index.isin(learners))

rows = features.assign(churned=churned).reset_index()[["customer_id", "lifetime_value", "churned"]]
met = rows[shuffled_rows].drop_duplicates(["customer_id", "lifetime_value"])
asked = rows[~shuffled_rows].merge(met, on=["customer_id", "lifetime_value"], suffixes=("", "_met"))
recognised = len(asked) / sum(~shuffled_rows)
print(f"kept-back rows with a learned row of the same customer and value: {recognised:.0%}")
print(f"of these, with the same label: {(asked['churned'] == asked['churned_met']).mean():.0%}")
print(f"promised by shuffled rows:      {promised:.3f}, kept {kept:.3f}")
print(f"promised by shuffled customers: {promised_by_customer:.3f}, kept {kept_by_customer:.3f}")

# %% tags=["nbval-ignore-output"]
figure, axes = plt.subplots(figsize=(7, 2.6), layout="constrained")
bars = {
    "shuffled rows": (promised, kept),
    "shuffled customers": (promised_by_customer, kept_by_customer),
}
for row, (before, after) in enumerate(bars.values()):
    axes.plot([before, after], [row, row], color="black", linewidth=1)
    axes.plot(before, row, "o", color="black", markersize=9, label="promised" if row == 0 else None)
    axes.plot(
        after,
        row,
        "s",
        color="black",
        mfc="white",
        markersize=9,
        label="kept" if row == 0 else None,
    )
axes.set_yticks(range(len(bars)), bars)
axes.set(
    ylim=(-0.6, 1.6), xlabel="ROC AUC", title="What a split promises, and what the model keeps"
)
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# A customer who orders nothing for a week has almost the same row again: the same number of orders and the
# same lifetime value to the penny. That value works like a fingerprint. Trees of unlimited depth learn it
# by heart together with its label, and the shuffle asks them about customers they have met. This is called
# **leakage**: the test knew something that nobody can know in production. Keeping customers apart mends
# that, but it still tests on the same weeks it learned from, and another season may be easier or harder. A
# split by time asks the question that production asks: what happens *next*?
#
# ## Train, and compare with something simple
#
# The handover trains a forest of 100 trees on one cut-off and tests it on the next. Beside it stands a
# **baseline** that sees one number only: the days since the last order. Whatever the forest knows that
# the baseline does not has to show in the difference.

# %% tags=["nbval-ignore-output"]
from bookstore_model.train import train_and_evaluate

run = train_and_evaluate(train, test, seed=42)
pd.DataFrame(run.metrics).loc[["roc_auc", "average_precision", "brier_score"]].round(4)

# %% [markdown]
# What the three rows mean:
#
# - **ROC AUC**: take a churner and a loyal customer at random. How often does the churner have the higher
#   probability? It judges the order only.
# - **Average precision**: go down the list from the highest probability. Of those you have passed, how
#   many churned, averaged over the churners you find? It judges the top of the list.
# - **Brier score**: the mean of (probability - outcome) squared. Lower is better. It judges the
#   probabilities as numbers: is 0.8 really eight in ten?
#
# By hand, on five customers:

# %%
outcome = [True, True, False, False, False]
probability = [0.9, 0.4, 0.4, 0.2, 0.1]
pairs = [
    (p, q) for c, p in zip(outcome, probability) if c for d, q in zip(outcome, probability) if not d
]
won = sum(p > q for p, q in pairs)
tied = sum(p == q for p, q in pairs)
print(
    f"{len(pairs)} pairs: {won} won, {tied} tied, so ROC AUC is {(won + tied / 2) / len(pairs):.4f}"
)
print(f"scikit-learn says {roc_auc_score(outcome, probability):.4f}")

# %% [markdown]
# ### Is the difference real?
#
# The test customers are a sample. Draw them again with replacement, a hundred times, and look at how the
# difference between the two models moves. (This says how much the customers matter. It does not say how
# much the season does: for that you need more test dates.)

# %% tags=["nbval-ignore-output"]
actual = test.churned.to_numpy()
differences = []
for _ in range(100):
    drawn = random.integers(0, len(actual), len(actual))
    model, baseline = (
        roc_auc_score(actual[drawn], run.probabilities[name][drawn])
        for name in ("model", "baseline")
    )
    differences.append(model - baseline)
low, high = np.percentile(differences, [2.5, 97.5])
print(f"forest minus baseline, ROC AUC: {np.mean(differences):+.4f}")
print(f"in 95 of 100 draws between {low:+.4f} and {high:+.4f}")
verdict = "better" if low > 0 else "worse" if high < 0 else "not distinguishably better"
print(f"On these customers the forest ranks {verdict} than days since the last order alone.")

# %% [markdown]
# Read that number twice before you promise anything. Most of what can be known about churn is in the
# silence itself, and a rule of thumb on recency is hard to beat (Wübben and von Wangenheim, below, found
# the same in three industries). Whether the rest is worth a model in production is a business question.
# You can only answer it when the baseline is in the report.

# %% tags=["nbval-ignore-output"]
from bookstore_model.plots import plot_calibration, plot_precision_recall, plot_roc

figure, panels = plt.subplots(1, 3, figsize=(13, 4), layout="constrained")
plot_roc(test.churned, run.probabilities, panels[0])
plot_precision_recall(test.churned, run.probabilities, panels[1])
plot_calibration(test.churned, run.probabilities, panels[2])
plt.show()

# %% [markdown]
# The first two panels judge the order, the third the numbers. Look for two things in the third: does the
# forest's line leave the diagonal, and at which end? Trees of unlimited depth like to say 0 and 1, more
# often than they may. A forest can rank better than the baseline and still be worse as a probability.
# The service will hand out that probability, so somebody will believe it.
#
# ## From a probability to a decision
#
# Marketing sends a voucher to everyone above a threshold. Say that a voucher to a customer who would have
# stayed costs 4 GBP, and a churner whom nobody wrote to costs 20 GBP of lost margin. Those two numbers
# come from the business, not from the data. Together with the model they fix the threshold.

# %% tags=["nbval-ignore-output"]
WASTED_GBP, MISSED_GBP = 4.0, 20.0
scores = run.probabilities["model"]
grid = np.linspace(0, 1, 101)


def total_cost_gbp(threshold: float, actual: np.ndarray, scores: np.ndarray) -> float:
    contacted = scores > threshold
    return np.sum(contacted & ~actual) * WASTED_GBP + np.sum(~contacted & actual) * MISSED_GBP


costs = np.array([total_cost_gbp(threshold, actual, scores) for threshold in grid])
best = grid[costs.argmin()]
figure, axes = plt.subplots(figsize=(8, 3.8), layout="constrained")
axes.plot(grid, costs / 1000, color="black")
axes.plot(best, costs.min() / 1000, "v", color="black", markersize=11, label=f"least: {best:.2f}")
axes.plot(
    0.5, costs[50] / 1000, "o", color="black", mfc="white", markersize=9, label="the usual 0.5"
)
axes.axhline(costs[-1] / 1000, color="grey", linestyle=":", label="contact nobody")
axes.axhline(
    np.sum(~actual) * WASTED_GBP / 1000, color="grey", linestyle="--", label="contact everybody"
)
axes.set(
    title="What each threshold costs",
    xlabel="threshold",
    ylabel="total cost (thousand GBP)",
    ylim=(0, None),
)
axes.legend()
plt.show()
print(f"at {best:.2f}: {costs.min():,.0f} GBP")
print(f"at 0.50: {costs[50]:,.0f} GBP, that is {costs[50] / costs.min() - 1:+.0%}")

# %% [markdown]
# Two questions a careful reader asks. **Was the threshold chosen on the customers it is praised on?** It
# was. So let one half of them choose and the other half pay. And: **is there not a formula?** There is: for
# calibrated probabilities the best threshold is wasted / (wasted + missed) (Elkan 2001). Below, what that
# formula would have cost.

# %% tags=["nbval-ignore-output"]
half = random.random(len(actual)) < 0.5
chosen = grid[np.argmin([total_cost_gbp(t, actual[half], scores[half]) for t in grid])]
paid = {
    f"chosen by the other half: {chosen:.2f}": chosen,
    f"the formula: {WASTED_GBP / (WASTED_GBP + MISSED_GBP):.2f}": WASTED_GBP
    / (WASTED_GBP + MISSED_GBP),
    "the usual 0.50": 0.5,
    "contact nobody": 1.0,
    "contact everybody": -1.0,
}
for name, threshold in paid.items():
    per_customer = total_cost_gbp(threshold, actual[~half], scores[~half]) / np.sum(~half)
    print(f"{name:32} {per_customer:6.2f} GBP per customer")

# %% [markdown]
# The grid of hundredths is good enough for a picture. It is not good enough for a rule: the best cut may
# lie between two of its lines. And its lowest line, 0, does not mean *everybody*: a customer whose
# probability is exactly 0 does not lie strictly above it. Your function will be exact.
#
# ## What is handed over
#
# All this ends in a folder: the model file, and a `metadata.json` that carries the measures with it. The
# set-up has made it from the same orders with the same function.

# %%
import json

metadata = json.loads((Path("..") / "data" / "model" / "metadata.json").read_text(encoding="utf-8"))
for name, value in metadata.items():
    shown = ", ".join(value) if isinstance(value, (dict, list)) else type(value).__name__
    print(f"{name:18} {shown}")

# The measures in it are plain numbers. NumPy's are not, and JSON refuses them:
try:
    json.dumps({"true_positive": np.sum([True, True])})
except TypeError as error:
    print("TypeError:", error)

# %% [markdown]
# ## Your exercise: `evaluate-model`
#
# Open [`exercises/pipeline/evaluate.py`](../exercises/pipeline/evaluate.py). It holds three functions:
#
# 1. `parse_outcomes` refuses what cannot be measured: lists that differ in length, no customers,
#    probabilities that are none, customers who all did the same.
# 2. `evaluate` returns the three scores and the confusion at a threshold. scikit-learn may help.
# 3. `choose_threshold` returns a threshold that no other beats, for two costs that the caller gives.
#
# Mind the words *strictly above*, and the two ends: nobody and everybody are choices too.

# %%
check("evaluate-model")

# %%
hint("evaluate-model")

# %% [markdown]
# ## What goes wrong in practice
#
# Two numbers that look like good measures. The first is accuracy, for a "model" that says of every customer
# what most of them do. The second is ROC AUC, computed from yes and no instead of the probabilities:

# %% tags=["nbval-ignore-output"]
print(f"accuracy of one answer for all:  {max(np.mean(actual), np.mean(~actual)):.3f}")
print(f"ROC AUC of the probabilities:    {roc_auc_score(actual, scores):.3f}")
print(f"ROC AUC of yes and no (p > 0.5): {roc_auc_score(actual, scores > 0.5):.3f}")

# %% [markdown]
# - **Accuracy rewards saying nothing.** The rarer one outcome, the better the model that never predicts it.
# - **Yes and no forget the order.** Everyone above 0.5 becomes a tie. The number says something about
#   one threshold, under the name of a measure over all of them.
# - **The measure has no neighbour.** A score without a baseline and a date cannot be compared next year.
#
# ## Further reading
#
# - T. Fawcett, *An introduction to ROC analysis*, Pattern Recognition Letters 27, 2006.
# - C. Elkan, *The Foundations of Cost-Sensitive Learning*, IJCAI 2001: the formula for the threshold.
# - S. Kaufman, S. Rosset, C. Perlich, O. Stitelman, *Leakage in Data Mining: Formulation, Detection, and
#   Avoidance*, ACM TKDD 6(4), 2012.
# - M. Wübben, F. von Wangenheim, *Instant Customer Base Analysis: Managerial Heuristics Often "Get It
#   Right"*, Journal of Marketing 72(3), 2008: recency rules against Pareto/NBD.
# - A. Niculescu-Mizil, R. Caruana, *Predicting Good Probabilities With Supervised Learning*, ICML 2005.
#
# **Next:** [02 Features in SQL](02_features_in_sql.ipynb), where the four features leave the notebook.
