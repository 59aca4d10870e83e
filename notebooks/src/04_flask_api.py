# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 04 A Flask API
#
# **About 30 minutes, and 25 for its two exercises: `health-endpoint` and `predict-endpoint`.**
#
# A model that is loaded still answers nobody. In this lesson it gets an address: one endpoint that
# predicts, and two that say whether it can.

# %% [markdown]
# ## Why this matters in production
#
# The caller of a churn service is another program. It does not read your notebook. It knows an address,
# a form of request and a form of answer, and it relies on all three for years. That is a contract.
#
# Around the service stands a second reader: the orchestrator that starts it, restarts it and decides
# whether it gets traffic. It asks two questions all day:
#
# | question | endpoint | what it does when the answer is no |
# |---|---|---|
# | are you alive? | `GET /health` | restarts the process |
# | can you do your work? | `GET /ready` | sends no traffic, and waits |
#
# Mix them up and a service with a broken model is restarted for ever, or a dead one gets traffic.

# %% [markdown]
# ## The idea: an app factory that is given its model
#
# Most tutorials begin like this:
#
# ```python
# app = Flask(__name__)
# model = joblib.load("model.joblib")   # at import
# ```
#
# Importing that file loads a model, needs a disk, and cannot be tested without both. The service here is
# made by a function that **takes** what it needs:
#
# ```python
# def create_app(predictor, settings): ...
# ```
#
# A predictor is anything with a `model_version` and a `predict_probability(customer)`. The forest from
# lesson 03 is one. So is the six-line class in the next cell, and that is why tests need no forest.

# %%
from flask import Flask, request

from workbench import check, hint, serve


class AlwaysThreeQuarters:
    """A predictor in its smallest form."""

    model_version = "v0"

    def predict_probability(self, customer) -> float:
        return 0.75


def create_small_app(predictor) -> Flask:
    app = Flask("small")

    @app.post("/predict")
    def predict():
        probability = predictor.predict_probability(request.get_json())
        return {"churn_probability": probability, "model_version": predictor.model_version}

    return app


client = create_small_app(AlwaysThreeQuarters()).test_client()
print(client.post("/predict", json={"customer_id": "C-1"}).get_json())

# %% [markdown]
# No server, no port, no file. Flask's test client calls the app as a function.
#
# ## One concern, one module
#
# The finished service has one module per concern, and each adds itself to the app in `init_app`. Start it
# and look at which addresses it has.

# %% tags=["nbval-ignore-output"]
service = serve(reference=True)

# %%
import requests

described = requests.get(f"{service.url}/openapi.json", timeout=10).json()
print("OpenAPI", described["openapi"])
for path, methods in sorted(described["paths"].items()):
    print(", ".join(sorted(methods)).upper(), path)

# %% [markdown]
# The service describes itself. Its `/docs` page shows the same to people, and works without a network.
#
# ## Alive, ready, predicting

# %%
for path in ("/health", "/ready"):
    answer = requests.get(f"{service.url}{path}", timeout=10)
    print(path, answer.status_code, sorted(answer.json()))

# %%
customer = {
    "customer_id": "C-1042",
    "days_since_last_order": 45,
    "total_orders": 12,
    "lifetime_value": 380.50,
    "email_open_rate": 0.25,
}
answer = requests.post(f"{service.url}/predict", json=customer, timeout=10)
print(answer.status_code, answer.headers["Content-Type"])
print({name: type(value).__name__ for name, value in answer.json().items()})

# %% [markdown]
# Five fields. The caller gets its own id back, so that it can match answers to questions. It gets the
# model's version, so that a strange answer can be traced to the model that gave it.
#
# ## HTTP says more than yes and no
#
# A status code is read by programs: proxies, retries, dashboards. Each of these requests is wrong in
# its own way, and each gets its own code.

# %%
wrong = {
    "another method": requests.get(f"{service.url}/predict", timeout=10),
    "another media type": requests.post(f"{service.url}/predict", data="id=C-1042", timeout=10),
    "no such address": requests.get(f"{service.url}/predictions", timeout=10),
    "a negative number": requests.post(
        f"{service.url}/predict", json=customer | {"total_orders": -1}, timeout=10
    ),
}
for what, reply in wrong.items():
    print(f"{what}: {reply.status_code} {reply.json()['title']}")
allowed = sorted(wrong["another method"].headers["Allow"].split(", "))
print("a 405 names the methods that are allowed:", *allowed)

# %% [markdown]
# The predict view writes none of these answers. It lets the exceptions pass, and one module turns every
# exception into an answer. You will write that module in lesson 05.
#
# ## Where does the time go?
#
# Measure two requests side by side: `/health`, which does nothing, and `/predict`, which asks 100 trees.

# %% tags=["nbval-ignore-output"]
import statistics
import time

session = requests.Session()


def milliseconds(method: str, path: str, **options) -> float:
    started = time.perf_counter()
    session.request(method, f"{service.url}{path}", timeout=10, **options)
    return (time.perf_counter() - started) * 1000


taken = {"GET /health": [], "POST /predict": []}
for _ in range(100):
    taken["GET /health"].append(milliseconds("GET", "/health"))
    taken["POST /predict"].append(milliseconds("POST", "/predict", json=customer))
for name, values in taken.items():
    print(f"{name}: median {statistics.median(values):.1f} ms")

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(8, 3))
styles = {"GET /health": "-", "POST /predict": "--"}
for name, values in taken.items():
    share = [100 * (i + 1) / len(values) for i in range(len(values))]
    axes.step(sorted(values), share, styles[name], label=name, where="post", linewidth=2)
axes.set(
    title="How many requests are answered within ...",
    xlabel="milliseconds",
    ylabel="% of requests",
    xscale="log",
)
axes.legend()
plt.show()

# %% [markdown]
# The gap between the curves is the model. The handover is right, and slow: nobody asked it for one row at
# a time before. Making it fast comes later in the course; first it must be correct.

# %%
service.stop()

# %% [markdown]
# ## Your first exercise here: `health-endpoint`
#
# Open [`exercises/churn_service/health.py`](../exercises/churn_service/health.py). Two views. The check
# starts your service three ways: with a model, without one, and with a model that raises.

# %%
check("health-endpoint")

# %%
hint("health-endpoint")

# %% [markdown]
# ## Your second exercise: `predict-endpoint`
#
# Open [`exercises/churn_service/predict.py`](../exercises/churn_service/predict.py). The view is short: it
# decides nothing that another module already decides. The check's model knows one customer by its four
# numbers. If two of them change places on the way, it does not recognise the customer.

# %%
check("predict-endpoint")

# %%
hint("predict-endpoint")

# %% [markdown]
# When both are green, run your own service. `serve()` puts your finished modules over the reference and
# says which is whose. From a terminal:
#
# ```bash
# python3 -m workbench serve
# ```
#
# ## What goes wrong in practice
#
# **A rule gets a second home.** Somebody writes the thresholds into the view, "just for now". Half a year
# later marketing moves `high` to 0.75, one of the two is changed, and the answer contradicts the report.
# How often would the two disagree? Take probabilities evenly spread:

# %%
probabilities = [i / 1000 for i in range(1001)]
disagree = sum((p > 0.70) != (p > 0.75) for p in probabilities)
print(f"{disagree} of {len(probabilities)} customers")

# %% [markdown]
# - **The number is not a JSON number.** NumPy's `float32` cannot be written as JSON by the standard
#   library. It works in the notebook and is a 500 in production.

# %%
import json

import numpy as np

try:
    json.dumps({"churn_probability": np.float32(0.5)})
except TypeError as error:
    print("TypeError:", error)
print(json.dumps({"churn_probability": float(np.float32(0.5))}))

# %% [markdown]
# - **Health asks the database.** One slow dependency, and every instance is restarted at once.
# - **The version is a constant.** It says `v2` for as long as the code lives, whatever model is loaded.
#
# ## Further reading
#
# - RFC 9110, *HTTP Semantics*: what each method and status code promises.
# - The Flask documentation, *Application Factories*.
# - The Kubernetes documentation, *Liveness, Readiness and Startup Probes*.
#
# **Next:** [05 Validation and errors](05_validation.ipynb), where the requests stop being polite.
