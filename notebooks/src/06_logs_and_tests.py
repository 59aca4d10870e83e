# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 06 Logs and tests
#
# **About 30 minutes, and 45 for its two exercises: `structured-logs` and `service-tests`.**
#
# The service predicts, and refuses what it must. Now two questions remain. What did it do last night?
# And how do you know that the next change does not break it?
#
# ## Why this matters in production
#
# At 9:14 a colleague writes: "one of our customers got a strange answer this morning". Nobody can attach
# a debugger to this morning. All that is left of it is what the service wrote down.
#
# | the question | what must stand on the line |
# |---|---|
# | which request was it? | an id that the caller has too |
# | when, and how long did it take? | a timestamp with its time zone, the latency with its unit |
# | what was answered, by which model? | status, probability, model version |
# | is it everybody or one customer? | something that stands for the customer, and does not name them |
#
# The last row is the hard one. A log is copied, searched and kept by many people. A customer id in it is
# personal data in the wrong place.

# %% [markdown]
# ## The idea: one request, one line, one JSON object
#
# A program can read such a line without guessing. Start the finished service and send it some traffic:
# good requests, and bad ones of several kinds. Each carries an id of ours in `X-Request-ID`.

# %% tags=["nbval-ignore-output"]
from workbench import check, hint, serve

service = serve(reference=True)

# %%
import random

import requests

rng = random.Random(6)
session = requests.Session()


def customer() -> dict:
    return {
        "customer_id": f"C-{rng.randrange(100_000)}",
        "days_since_last_order": rng.randrange(365),
        "total_orders": rng.randrange(1, 40),
        "lifetime_value": round(rng.uniform(5, 900), 2),
        "email_open_rate": round(rng.random(), 2),
    }


REQUESTS = {
    "good": lambda: ("POST", "/predict", {"json": customer()}),
    "a negative number": lambda: ("POST", "/predict", {"json": customer() | {"total_orders": -1}}),
    "another media type": lambda: ("POST", "/predict", {"data": "id=C-7"}),
    "another method": lambda: ("GET", "/predict", {}),
    "no such address": lambda: ("GET", f"/customers/ada{rng.random()}@example.org", {}),
    "a health check": lambda: ("GET", "/health", {}),
}
HOW_MANY = (60, 15, 10, 5, 20, 30)
traffic = [kind for kind, times in zip(REQUESTS, HOW_MANY) for _ in range(times)]
rng.shuffle(traffic)
sent_paths = []
for number, kind in enumerate(traffic):
    method, path, body = REQUESTS[kind]()
    headers = {"X-Request-ID": f"lesson-06.{number:03d}"}
    session.request(method, service.url + path, headers=headers, timeout=10, **body)
    sent_paths.append(path)
print(len(traffic), "requests sent")

# %% [markdown]
# ## Read the log as a table
#
# One line of it, as it was written:

# %% tags=["nbval-ignore-output"]
import json

lines = [json.loads(text) for text in service.log_lines() if text.startswith("{")]
ours = [line for line in lines if line.get("request_id", "").startswith("lesson-06.")]
predicted = next(line for line in ours if "churn_probability" in line)
print(json.dumps(predicted, indent=2))

# %%
import pandas as pd

log = pd.DataFrame(ours)
log["timestamp"] = pd.to_datetime(log["timestamp"])
print("requests:", len(traffic), " lines:", len(log), " ids:", log["request_id"].nunique())
print(log.groupby(["route", "status", "level"]).size().to_string())

# %% [markdown]
# No parsing, no regular expressions. As many lines as requests? Always ask that first: a log that leaves
# out the failures looks best on the worst day. Now two pictures.

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
work = log[log["route"] != "/health"]
statuses = sorted(work["status"].unique())
left.boxplot([work.loc[work["status"] == s, "latency_ms"] for s in statuses], widths=0.5)
left.set_xticks(range(1, len(statuses) + 1), [str(s) for s in statuses])
left.set(
    title="Latency by status, health checks left out",
    xlabel="status",
    ylabel="latency in ms (log scale)",
    yscale="log",
)
counts = log["route"].value_counts().sort_values()
bars = right.barh(counts.index, counts.values, color="white", edgecolor="black", hatch="//")
right.bar_label(bars, padding=3)
right.set(title="Requests by route", xlabel="requests", xlim=(0, counts.max() * 1.15))
figure.tight_layout()
plt.show()

# %% [markdown]
# Both pictures work because `status` is a number, `latency_ms` names its unit, and `route` is the *rule*
# (`/predict`) and not the *path*. The addresses nobody knows fall under `unmatched`, all of them. The boxes
# show what a refusal costs beside a prediction.
#
# ## Find one request
#
# The caller kept the id of the request that worried them. That is all you need.
#
# The id is taken over only when it is *sane*: 1 to 64 letters, digits, dots, underscores, hyphens.
# Anything else is replaced, and the response says by what.

# %%
asked_for = f"lesson-06.{traffic.index('a negative number'):03d}"
found = log[log["request_id"] == asked_for]
print(found[["request_id", "method", "route", "status", "level"]].to_string(index=False))
for offered in ("order-7", "two words", "x" * 65):
    answer = requests.get(f"{service.url}/health", headers={"X-Request-ID": offered}, timeout=10)
    kept = answer.headers["X-Request-ID"] == offered
    print(f"{offered[:12]:12} {'kept' if kept else 'replaced'}")

# %% [markdown]
# ## A hash is not a pseudonym
#
# The line must tell customers apart without naming them. "Hash the id" is the usual answer. Then anyone
# with a list of ids, or with the wit to count, can do this:

# %% tags=["nbval-ignore-output"]
import hashlib
import hmac
import secrets
import time

started = time.perf_counter()
ids_by_hash = {hashlib.sha256(f"C-{n}".encode()).hexdigest(): f"C-{n}" for n in range(100_000)}
print(f"{len(ids_by_hash):,} ids hashed in {time.perf_counter() - started:.2f} s")

# %%
victim = customer()["customer_id"]
plain = hashlib.sha256(victim.encode()).hexdigest()
key = secrets.token_bytes(32)
keyed = hmac.new(key, victim.encode(), hashlib.sha256).hexdigest()
print("plain hash reversed: ", ids_by_hash.get(plain) == victim)
print("keyed hash reversed: ", keyed in ids_by_hash)
print("pseudonyms of the log reversed:", log["customer_pseudonym"].dropna().isin(ids_by_hash).sum())
again = {hmac.new(key, f"C-{n}".encode(), hashlib.sha256).hexdigest(): n for n in range(100_000)}
print("keyed hash reversed by whoever holds the key:", f"C-{again[keyed]}" == victim)

# %% [markdown]
# The hash function is not to blame: there are too few ids. A key that the reader of the log does not have
# closes the door, and the last line says why the key is a secret and comes from the environment
# (`CHURN_PSEUDONYM_KEY`). The same customer still gets the same pseudonym, so "is it everybody or one
# customer?" can be answered.
#
# ## A caller who writes your log
#
# A naive service logs the path it was asked for. Here is one, and a caller who knows it:

# %%
import io
import logging

from flask import Flask, request

written = io.StringIO()
naive_log = logging.Logger("naive")
naive_log.addHandler(logging.StreamHandler(written))
naive = Flask("naive")


@naive.after_request
def log_naively(response):
    naive_log.warning("%s %s %s", request.method, request.path, response.status_code)
    return response


naive.test_client().get("/books%0APOST /admin/refund 200 by the owner")
print(written.getvalue())
print("lines for one request:", written.getvalue().count("\n"))

# %% [markdown]
# One request, two lines, and the second is a lie. `json.dumps` writes a line break as `\n`, two
# characters that stay on their line. The finished service goes further and does not log the path at all:

# %%
reply = requests.get(f"{service.url}/books%0APOST /admin/refund 200", timeout=10)
left = [text for text in service.log_lines() if reply.headers["X-Request-ID"] in text]
line = json.loads(left[0])
print("lines for one request:", len(left), "| route:", line["route"], "| status:", line["status"])
service.stop()

# %% [markdown]
# ## Your first exercise here: `structured-logs`
#
# Open [`exercises/churn_service/logs.py`](../exercises/churn_service/logs.py). Three functions: which id,
# which pseudonym, which line. The check sends requests of every kind, eight at a time too, and reads what
# your service leaves on standard error.

# %%
check("structured-logs")

# %%
hint("structured-logs")

# %% [markdown]
# ## A test is good when it can fail
#
# The service is complete. From now on it will be changed, and the tests decide what a change may not
# break. Here are three tests as they are often written. They pass on the finished service.

# %%
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = """
def test_health(client):
    assert client.get("/health").status_code == 200

def test_a_prediction(client, predictor, customer):
    predictor.probability = 0.9
    response = client.post("/predict", json=customer)
    assert response.status_code == 200
    assert response.get_json()["risk_level"] == "high"

def test_an_empty_customer_is_refused(client):
    assert client.post("/predict", json={}).status_code == 422
"""


def passes(tests: str, file: str = "", old: str = "", new: str = "") -> bool:
    """Whether the tests pass on the finished service, or on one with a text replaced."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        shutil.copytree(Path("..") / "solutions", project)
        (project / "tests" / "test_service.py").write_text(tests, encoding="utf-8")
        if file:
            source = (project / file).read_text(encoding="utf-8")
            assert source.count(old) == 1, f"{file} has changed"
            (project / file).write_text(source.replace(old, new), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
        env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return subprocess.run(command, cwd=project, env=env, capture_output=True).returncode == 0


print("passed on the finished service:", passes(TESTS))

# %% [markdown]
# Now break the service on purpose, one small change at a time, and run the same tests. This is called
# *mutation testing*. A broken service that passes has slipped through.

# %%
BROKEN = {
    "the word high is lost": ("churn_service/risk.py", 'return "high"', 'return "low"'),
    "0.7 is called high": ("churn_service/risk.py", "> HIGH_ABOVE:", ">= HIGH_ABOVE:"),
    "ready without a model": ("churn_service/health.py", "predicted = False", "predicted = True"),
    "unknown fields let in": ("churn_service/customer.py", '"forbid"', '"ignore"'),
}


def slipped_through(tests: str) -> list[str]:
    return [name for name, change in BROKEN.items() if passes(tests, *change)]


for name in slipped_through(TESTS):
    print("slipped through:", name)

# %% [markdown]
# The tests ask about 0.9 and never about 0.7. One more, which stands on the boundary:

# %%
BOUNDARY = """
def test_a_boundary_belongs_to_the_lower_level(client, predictor, customer):
    predictor.probability = 0.7
    assert client.post("/predict", json=customer).get_json()["risk_level"] == "medium"
"""
for name in slipped_through(TESTS + BOUNDARY):
    print("slipped through:", name)

# %% [markdown]
# ## Your second exercise: `service-tests`
#
# Open [`exercises/tests/test_service.py`](../exercises/tests/test_service.py). The check runs your tests on
# the finished service and on a second right one that is written differently: they must pass on both. Then
# it runs them on 16 broken services, of which they must catch at least 12. It takes some seconds, and
# tells which kinds of bug slipped through. From a terminal you can run them on your own service:
#
# ```bash
# cd exercises
# ../.venv/bin/python -m pytest tests
# ```
#
# (On Windows it is `..\.venv\Scripts\python`.)

# %%
check("service-tests")

# %%
hint("service-tests")

# %% [markdown]
# ## What goes wrong in practice
#
# - **Tests that run everything and ask nothing.** Every line of the view is executed, so a coverage
#   report is content. How many of the broken services do such tests notice?
# - **The path where the route belongs.** Then a chart by route has a bar for every stranger's typing
#   mistake, and the log holds what they typed, addresses of people included. How many bars would this
#   lesson's traffic make?

# %%
ASKS_NOTHING = """
def test_everything(client, predictor, customer):
    for predictor.probability in (0.1, 0.4, 0.5, 0.7, 0.9):
        client.post("/predict", json=customer)
    for path in ("/health", "/ready", "/nowhere"):
        client.get(path)
"""
print("noticed:", len(BROKEN) - len(slipped_through(ASKS_NOTHING)), "of", len(BROKEN))
print("bars by path:", len(set(sent_paths)), "| bars by route:", log["route"].nunique())
print("lines that hold an e-mail address:", sum("@" in json.dumps(line) for line in ours))

# %% [markdown]
# Two more, which the checks know:
#
# - **Tests that repeat the code.** A test that compares whole error messages fails when a sentence is
#   improved, and is soon deleted, together with what it did protect.
# - **`print` from many threads.** It writes the text and the line break in two steps. Under load two lines
#   become one, and neither can be read.
#
# ## What you have now
#
# A churn service of your own: it loads a model it has checked, answers over HTTP, refuses what makes no
# sense and says why, writes down what it did without naming anyone, and has tests that notice when it
# breaks. That is the first part of the course. See what is done, and run it:
#
# ```bash
# python3 -m workbench status
# python3 -m workbench serve
# ```
#
# `serve` puts every module you have finished over the reference and says which is whose. Open `/docs` at
# the address it prints.
#
# ## Further reading
#
# - OWASP, *Logging Cheat Sheet*: what to log, what never to log, and log injection.
# - *The Twelve-Factor App*, factor XI, Logs: a service writes to its standard streams, the platform keeps.
# - RFC 2104, *HMAC: Keyed-Hashing for Message Authentication*.
# - R. A. DeMillo, R. J. Lipton, F. G. Sayward, *Hints on Test Data Selection: Help for the Practicing
#   Programmer*, 1978: where mutation testing begins.
#
# **Back to the start:** [00 Welcome](00_welcome.ipynb), where the road was drawn.
