# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 00 Welcome: the role, the workbench, your first green check
#
# **About 15 minutes, and 5 for its exercise. You need nothing but this notebook and an editor.**
#
# BookStore is an online bookshop. Its data scientist has trained a model that says how likely a
# customer is to leave. It works in a notebook. Nobody can use it.
#
# You are the ML engineer. You will take that model from the notebook to a service that runs, refuses
# bad requests, says what it did, and is tested. Every step you write is checked in seconds.

# %% [markdown]
# ## Why this matters in production
#
# A model earns nothing until something asks it a question and acts on the answer. Between the notebook
# and that moment stands work of another kind:
#
# | the notebook | the service |
# |---|---|
# | runs once, from top to bottom | answers for months, many requests at once |
# | its author knows what the numbers mean | its callers send text, `null` and `NaN` |
# | a mistake shows as a red cell | a mistake shows as a lost customer |
#
# That work is the ML engineer's: load the model safely, serve it, validate what comes in, log what
# went out, test all of it. The seven lessons from here to `06` are that list, in that order.

# %% [markdown]
# ## The four folders you will meet
#
# | folder | what it is |
# |---|---|
# | `bookstore_model/` | what the data scientist hands over. It is right, and it knows nothing of serving |
# | `exercises/` | **your project**: a churn service with gaps. You fill them |
# | `solutions/` | the same project, finished. Opens for you exercise by exercise |
# | `workbench/` | the teacher: it checks, explains and remembers |
#
# Let us look at what was handed over. The set-up has already drawn an order log for the shop and
# trained the model on it.

# %%
import json
from pathlib import Path

from workbench import check, hint, serve

artefact = Path("..") / "data" / "model"
metadata = json.loads((artefact / "metadata.json").read_text(encoding="utf-8"))
print("features:", ", ".join(metadata["feature_order"]))
print("trained on orders up to", metadata["training_window"]["cutoff"][:10])

# %% [markdown]
# Four numbers about a customer go in; one probability comes out. The folder that holds the model also
# holds this `metadata.json`. You will learn to distrust a model that comes without one in lesson 03.

# %% [markdown]
# ## The service at the end of the road
#
# Here is where you are going. `serve(reference=True)` starts the finished service in the background.
# It is a real process that listens on a real port.

# %% tags=["nbval-ignore-output"]
service = serve(reference=True)

# %% [markdown]
# Now be a caller. This customer last ordered 45 days ago.

# %%
import requests

customer = {
    "customer_id": "C-1042",
    "days_since_last_order": 45,
    "total_orders": 12,
    "lifetime_value": 380.50,
    "email_open_rate": 0.25,
}
answer = requests.post(f"{service.url}/predict", json=customer, timeout=10)
print(answer.status_code)
print(sorted(answer.json()))

# %% [markdown]
# The answer holds the probability, a yes or no, and a **risk level**: the word the marketing team acts
# on. Ask about the same customer with longer and longer silences, and plot what comes back.

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt

days = list(range(0, 361, 20))
replies = [
    requests.post(
        f"{service.url}/predict", json=customer | {"days_since_last_order": d}, timeout=10
    ).json()
    for d in days
]
markers = {"low": "o", "medium": "s", "high": "^"}
figure, axes = plt.subplots(figsize=(8, 3.5))
for level, marker in markers.items():
    points = [
        (d, r["churn_probability"]) for d, r in zip(days, replies) if r["risk_level"] == level
    ]
    if points:
        axes.plot(*zip(*points), marker, label=level, markersize=8, linestyle="none")
axes.axhline(0.7, color="grey", linestyle="--", linewidth=1)
axes.axhline(0.4, color="grey", linestyle=":", linewidth=1)
axes.set(
    title="What the model says of longer and longer silences",
    xlabel="days since the last order",
    ylabel="churn probability",
    ylim=(0, 1),
)
axes.legend(title="risk level")
plt.show()

# %% [markdown]
# The dashed line is at 0.7, the dotted one at 0.4. Everything above the dashed line is `high`. What of
# a probability of exactly 0.7? That is the kind of question this course is about.

# %% [markdown]
# ## What a broken request gets
#
# A caller sends text where a number belongs, and forgets a field. Look at what the finished service
# says: every fault at once, each by name. You will write this in lesson 05.

# %%
broken = {
    "customer_id": "C-1042",
    "days_since_last_order": "45",
    "total_orders": 12,
    "lifetime_value": 380.5,
}
answer = requests.post(f"{service.url}/predict", json=broken, timeout=10)
print(answer.status_code, answer.headers["Content-Type"])
for error in answer.json()["errors"]:
    print(error["field"])

# %%
service.stop()

# %% [markdown]
# ## Your first exercise: `risk-level`
#
# Open [`exercises/churn_service/risk.py`](../exercises/churn_service/risk.py). It holds one function
# with a docstring and no body. The docstring is the contract: it says everything the check will ask.
#
# 1. Read the docstring.
# 2. Replace the line `raise NotImplementedError("risk-level")` with your code.
# 3. Save the file. Run the next cell.
#
# The check grades the **file**, not this notebook. It runs your function in a process of its own, on
# inputs that are different each time.

# %%
check("risk-level")

# %% [markdown]
# - **Not started** means that the placeholder is still there.
# - **A red panel** says what was called, what came back, what was expected, and where to look.
# - **Green** means that your function does what its docstring says.
#
# Stuck? Each run of the next cell goes one step further up a ladder of hints. The last one is almost
# the answer.

# %%
hint("risk-level")

# %% [markdown]
# The same from a terminal, for those who like it better (`py` instead of `python3` on Windows):
#
# ```bash
# python3 -m workbench check risk-level
# python3 -m workbench watch risk-level
# python3 -m workbench status
# ```
#
# `watch` checks again each time you save.

# %% [markdown]
# ## What goes wrong in practice
#
# A threshold looks like the easiest line in a service. Three ways it fails, all of which the check
# knows. The first two take one line each to see:

# %%
nan = float("nan")
print("nan < 0 or nan > 1:", nan < 0 or nan > 1)
print("isinstance(True, int):", isinstance(True, int))

# %% [markdown]
# - **NaN is not refused.** A model that divides by zero returns NaN. Every comparison with NaN is
#   False, so a careless test lets it through and a careless `else` calls it `low`.
# - **`True` is a number.** A caller sends a boolean, Python takes it for 1, and the customer is `high`.
# - **Two services disagree on the boundary.** One says `>`, the other `>=`, and a customer at exactly
#   0.7 gets a discount from one and not from the other.

# %% [markdown]
# ## Further reading
#
# - D. Sculley and others, *Hidden Technical Debt in Machine Learning Systems*, NeurIPS 2015: why the
#   model is the small box in the middle of the picture.
# - *Rules of Machine Learning: Best Practices for ML Engineering*, Martin Zinkevich, Google. Rule 4:
#   keep the first model simple and get the infrastructure right.
# - IEEE 754, the standard for floating-point numbers: why NaN compares false.
#
# **Next:** [01 The handover](01_handover.ipynb), where you train the model and measure what it is worth.
