# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 10 Monitor
#
# **About 45 minutes, and 85 for its three exercises: `metrics`, `prediction-log` and `alert-rules`.**
#
# ## Why this matters in production
#
# The service runs, and nobody looks at it. Tonight one of these happens:
#
# | what happens | who notices without monitoring |
# |---|---|
# | every tenth request gets a 500 | the caller, who writes an e-mail on Monday |
# | the 99th percentile goes from 5 ms to 200 ms | nobody: the mean looks fine |
# | an instance is killed and stays away | nobody: the other one answers |
# | the caller stops calling | nobody: a silent service has no errors |
# | the customers change, and with them the scores | nobody: every answer is a valid answer |
#
# The last row is the one that only a model has. Nothing is broken, and all of it is wrong.

# %% [markdown]
# ## The idea: count in the service, calculate outside of it
#
# The service adds to a few numbers in memory and shows them under `/metrics`. A Prometheus reads them
# every few seconds and keeps what it read. What a number *means* is worked out there, later, by
# whoever asks. Start the finished service and send it a known traffic.

# %% tags=["nbval-ignore-output"]
import random
import time

import requests

from workbench import check, hint, serve

service = serve(reference=True)
rng = random.Random(10)
session = requests.Session()


def customer(silent_days: float = 60) -> dict:
    return {
        "customer_id": f"C-{rng.randrange(10**9)}",
        "days_since_last_order": round(rng.uniform(0, 2 * silent_days)),
        "total_orders": rng.randrange(1, 20),
        "lifetime_value": round(rng.uniform(10, 500), 2),
        "email_open_rate": round(rng.random(), 2),
    }


for number in range(200):
    body = customer()
    if number % 20 == 0:
        body["email_open_rate"] = 7
    session.post(f"{service.url}/predict", json=body, timeout=10)
    if number % 4 == 0:
        session.get(f"{service.url}/books/{number}", timeout=10)
shown = session.get(f"{service.url}/metrics", timeout=10).text.splitlines()
print(
    "\n".join(
        line
        for line in shown
        if line.startswith(("http_requests", "validation")) and not line.endswith(" 0.0")
    )
)

# %% [markdown]
# 200 requests to `/predict`, of which 10 were refused for their `email_open_rate`; 50 to addresses that do
# not exist. Three kinds of metric do nearly all the work:
#
# - a **counter** only goes up (`http_requests_total`). Its speed is what counts.
# - a **gauge** goes up and down, or stands still (`model_info`)
# - a **histogram** is a set of counters, one for each bound (`http_request_duration_seconds_bucket`)
#
# Rate, errors and duration of the requests are called *RED*. To them come the model's own: what it
# predicts, how fast, and how the scores are spread.
#
# ## A label is a promise
#
# Each value of a label is a series of its own. What happens when the label is the customer?

# %%
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

registry = CollectorRegistry()
careless = Counter("predictions", "By customer.", ["customer_id"], registry=registry)
for _ in range(20_000):
    careless.labels(customer()["customer_id"]).inc()
grown = generate_latest(registry)
series = sum(not line.startswith("#") for line in shown)
print(f"series by customer: {grown.count(b'_total{'):>7,}   in a scrape: {len(grown) / 1e6:.1f} MB")
print(f"ours, all metrics:  {series:>7,}   in a scrape: {len('|'.join(shown)) / 1e6:.2f} MB")

# %% [markdown]
# And this every few seconds, kept for weeks. The number of series must depend on the service and never on
# the traffic. So the route is the rule (`/predict`) and not the path, an unknown path is `unmatched`, and an
# unknown field is `other`.
#
# ## A histogram knows nothing between two bounds
#
# The objectives say: half of the requests within 5 ms, 99 of 100 within 50 ms. A histogram has counted how
# many were within each of its bounds. What lies between two of them, Prometheus takes for a straight line.
# How far off is that? Here are latencies of which the truth is known: most below 2 ms, three in a hundred
# between 40 and 70. We look at them through three sets of bounds.

# %%
import numpy as np

random_numbers = np.random.default_rng(10)
quick = random_numbers.lognormal(np.log(0.0008), 0.4, 9_700)
latencies = np.concatenate([quick, random_numbers.uniform(0.04, 0.07, 300)])
BOUNDS = {
    "two bounds": [0.01, 1],
    "the library's default": list(Histogram.DEFAULT_BUCKETS),
    "made for the objectives": [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
}


def seen_through(bounds: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """The bounds with 0 before them, and the share of requests within each."""
    edges = np.array([0, *(bound for bound in bounds if np.isfinite(bound))])
    return edges, np.array([(latencies <= edge).mean() for edge in edges])


print(f"{'':24}     p50      p99   within 50 ms")
truth = [*np.quantile(latencies, (0.5, 0.99)) * 1000, (latencies <= 0.05).mean()]
print(f"{'the truth':24} {truth[0]:4.1f} ms {truth[1]:5.1f} ms   {truth[2]:.2%}")
for name, bounds in BOUNDS.items():
    edges, within = seen_through(bounds)
    p50, p99 = np.interp((0.5, 0.99), within, edges) * 1000
    print(f"{name:24} {p50:4.1f} ms {p99:5.1f} ms   {np.interp(0.05, edges, within):.2%}")

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True)
ordered = np.sort(latencies) * 1000
for axis, (name, bounds) in zip(axes, BOUNDS.items()):
    edges, within = seen_through(bounds)
    line = np.geomspace(0.0002, 0.12, 400)
    axis.plot(ordered, np.linspace(0, 1, len(ordered)), color="black", alpha=0.5, linewidth=3)
    axis.plot(line * 1000, np.interp(line, edges, within), "--", color="#b00020")
    axis.plot(edges[1:] * 1000, within[1:], "o", color="#b00020", markersize=5)
    axis.axvline(50, color="black", linestyle=":", linewidth=1.2)
    axis.set(title=name, xlabel="latency in ms (log scale)", xscale="log", xlim=(0.2, 120))
axes[0].set(ylabel="share of requests within", ylim=(0, 1.04))
axes[0].legend(["the truth", "what is seen", "a bound"], loc="upper left")
axes[0].text(46, 0.05, "objective", rotation=90, ha="right")
figure.tight_layout()
plt.show()

# %% [markdown]
# A quantile is a guess, good where the bounds are close. The share within a bound is no guess: with a bound
# *at* the objective the most important question has an exact answer. The library's default has such bounds,
# and sees nothing below 5 ms, where 97 of 100 of these requests are.
#
# ## Your first exercise here: `metrics`
#
# Open [`exercises/churn_service/metrics.py`](../exercises/churn_service/metrics.py). The check sends
# known traffic and reads `/metrics` before and after. It also starts your service with two worker processes:
# a scrape reaches one of them, and must show the counts of both.

# %%
check("metrics")

# %%
hint("metrics")

# %% [markdown]
# ## What metrics cannot tell
#
# A metric knows that the scores have moved. It does not know whose. For that every prediction is kept, with
# what it was made of. The finished service has done so all along:

# %%
import sqlite3

import pandas as pd

time.sleep(1.5)  # the log writes what it has after half a second
with sqlite3.connect(service.prediction_log) as connection:
    kept = pd.read_sql("SELECT * FROM predictions", connection)
print("predictions answered:", 190, "| kept:", len(kept))
print("columns:", ", ".join(kept.columns))
print("holds a customer's id:", kept["customer_pseudonym"].str.startswith("C-").any())
kept["silence"] = pd.cut(kept["days_since_last_order"], [-1, 30, 60, 90, 120])
print(
    kept.groupby("silence", observed=True)["probability"]
    .agg(["count", "mean"])
    .round(2)
    .to_string()
)

# %% [markdown]
# ## Off the request path
#
# Writing a row takes longer than predicting. And a disk can be full, and a database locked. Neither is a
# reason to fail a prediction. So the request puts the row in a queue, and a thread writes what is in it.
# What that costs the request, on this machine:

# %% tags=["nbval-ignore-output"]
import tempfile
from collections import deque
from pathlib import Path

row = tuple(kept.iloc[0][name] for name in kept.columns[:9])
folder = tempfile.TemporaryDirectory()
table = sqlite3.connect(Path(folder.name) / "log.sqlite3", isolation_level=None)
table.execute("PRAGMA journal_mode=WAL")
table.execute(f"CREATE TABLE predictions ({', '.join(kept.columns[:9])})")
INSERT = f"INSERT INTO predictions VALUES ({', '.join('?' * 9)})"
queue: deque = deque()


def microseconds(action, times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        action()
    return (time.perf_counter() - started) / times * 1e6


costs = {
    "a commit for each row": microseconds(lambda: table.execute(INSERT, row), 500),
    "500 rows in one commit": microseconds(
        lambda: (
            table.execute("BEGIN"),
            table.executemany(INSERT, [row] * 500),
            table.execute("COMMIT"),
        ),
        10,
    )
    / 500,
    "a place in a queue": microseconds(lambda: queue.append(row), 100_000),
}
for what, cost in costs.items():
    print(f"{what:24} {cost:8.2f} microseconds per row")
table.close()
folder.cleanup()

# %% [markdown]
# A queue needs a bound, or a hanging disk fills the memory. What does not fit is dropped, **and counted**: a
# log with a known hole can be used, one with an unknown hole cannot.
#
# ## Your second exercise: `prediction-log`
#
# Open [`exercises/churn_service/prediction_log.py`](../exercises/churn_service/prediction_log.py). The check
# gives your log a store that hangs, one that fails, a database that somebody has locked, and a process
# that is killed.

# %%
check("prediction-log")

# %%
hint("prediction-log")

# %% [markdown]
# ## A bad day, watched
#
# Now a real Prometheus, and the alerts of the finished project. A bad day takes a day, so time is squeezed:
# one minute of the rules takes a fifth of a second here (`[1h]` becomes 12 s). Two instances
# serve the real model, and can be told to misbehave.

# %% tags=["nbval-ignore-output"]
import re
import subprocess
import sys

from workbench.course.catalog import CatalogError
from workbench.learning.monitoring import RunningPrometheus

service.stop()
SQUEEZED = 300

SICK_SERVICE = """
import sys, time, random
from pathlib import Path
from werkzeug.serving import WSGIRequestHandler, make_server
from churn_service.app import create_app
from churn_service.settings import Settings, default_model_dir
from churn_service.wsgi import load_predictor

class Moody:
    def __init__(self, predictor, mood):
        self.predictor, self.mood, self.model_version = predictor, mood, predictor.model_version
    def predict_probability(self, customer):
        mood = self.mood.read_text()
        if mood == "errors" and random.random() < 0.15:
            raise RuntimeError("the model is not itself")
        if mood == "slow" and random.random() < 0.05:
            time.sleep(0.15)
        return self.predictor.predict_probability(customer)

settings = Settings(default_model_dir(), b"a key for this lesson only")
app = create_app(Moody(load_predictor(settings.model_dir), Path(sys.argv[1])), settings)
quiet = type("Quiet", (WSGIRequestHandler,), {"log": lambda *a: None, "protocol_version": "HTTP/1.1"})
server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=quiet)
print(server.port, flush=True)
server.serve_forever()
"""


def squeezed(rules: str) -> str:
    """The rules with every duration in an expression or a `for:` made shorter."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}

    def shorter(found):
        seconds = int(found[2]) * units[found[3]] / SQUEEZED
        return f"{found[1]}{max(1, round(seconds * 1000))}ms"

    return re.sub(r"(\[|offset |for: )(\d+)([smhd])\b", shorter, rules)


class Instance:
    def __init__(self, name: str):
        self.mood = Path(lab.name) / name
        self.mood.write_text("well")
        command = [sys.executable, "-c", SICK_SERVICE, str(self.mood)]
        self.process = subprocess.Popen(
            command,
            cwd="../solutions",
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.address = f"127.0.0.1:{int(self.process.stdout.readline())}"


lab = tempfile.TemporaryDirectory()
instances = [Instance("a"), Instance("b")]
rules = squeezed(Path("../solutions/deploy/alerts.yml").read_text(encoding="utf-8"))
try:
    prometheus = RunningPrometheus([i.address for i in instances], every="200ms", rules=rules)
    while len(prometheus.query("up")) < len(instances):  # it looks for targets every 5 seconds
        time.sleep(0.2)
    print(f"Prometheus watches {len(instances)} instances.")
except CatalogError as missing:
    prometheus = None
    print(missing, "The cells below that ask it will say nothing.")

# %% [markdown]
# The day: a quiet start, then one fault after the other, each followed by a rest.

# %% tags=["nbval-ignore-output"]
import contextlib
import itertools
import threading


class Callers:
    """Sends `rate` customers a second to the instances in turn, until stopped."""

    def __init__(self):
        self.rate, self.silent_days, self.stopped = 50.0, 60.0, False
        threading.Thread(target=self.call, daemon=True).start()

    def call(self):
        turns, session = itertools.cycle(instances), requests.Session()
        while not self.stopped:
            if self.rate:
                body = customer(self.silent_days)
                with contextlib.suppress(
                    requests.ConnectionError
                ):  # of an instance that was killed
                    session.post(f"http://{next(turns).address}/predict", json=body, timeout=5)
            time.sleep(1 / (self.rate or 10))


events: list[tuple[str, float, float]] = []


def live_through(name: str, seconds: float, **changes) -> None:
    """Changes the moods of the instances or the callers, waits, and changes them back."""
    began = time.time()
    for instance in instances:
        instance.mood.write_text(changes.get("mood", "well"))
    callers.rate = changes.get("rate", 50.0)
    callers.silent_days = changes.get("silent_days", 60.0)
    time.sleep(seconds)
    events.append((name, began, time.time()))


if prometheus:
    callers = Callers()
    live_through("quiet", 9)
    live_through("errors", 5, mood="errors")
    live_through("rest", 3)
    live_through("slow", 5, mood="slow")
    live_through("rest", 3)
    live_through("other customers", 8, silent_days=250)
    live_through("silence", 14, rate=0)
    live_through("rest", 2)
    instances[1].process.kill()
    live_through("one killed", 4)
    callers.stopped = True
    print(f"{events[-1][2] - events[0][1]:.0f} seconds, {len(events)} phases")

# %% [markdown]
# ## What an operator would see

# %% tags=["nbval-ignore-output"]
P = 'job="churn", route="/predict"'
WINDOW = "[1s500ms]"
PANELS = {
    "requests / s": [("", f"sum(rate(http_requests_total{{{P}}}{WINDOW}))")],
    "share of 5xx": [
        (
            "",
            f'(sum(rate(http_requests_total{{{P}, status=~"5.."}}{WINDOW})) or vector(0))'
            f" / sum(rate(http_requests_total{{{P}}}{WINDOW}))",
        )
    ],
    "latency in s": [
        (
            f"p{q}",
            f"histogram_quantile(0.{q}, sum by (le)"
            f" (rate(http_request_duration_seconds_bucket{{{P}}}{WINDOW})))",
        )
        for q in (50, 99)
    ],
    "mean score": [
        (
            "",
            f"sum(rate(ml_prediction_score_sum{WINDOW})) / sum(rate(ml_prediction_score_count{WINDOW}))",
        )
    ],
    "instances up": [("", 'sum(up{job="churn"})')],
}
LIMITS = {"share of 5xx": 0.05, "latency in s": 0.05}
HATCHES = itertools.cycle(["//", "\\\\", "xx", "..", "--"])


def over_time(expression: str) -> tuple[list[float], list[float]]:
    """Seconds since the day began, and the values then."""
    day, end = events[0][1], events[-1][2]
    found = prometheus.query_range(expression, day, end, 0.2)
    values = found[0]["values"] if found else []
    return [at - day for at, _ in values], [float(value) for _, value in values]


def alerts_over_time() -> dict[str, list[float]]:
    """For each alert that fired, the seconds at which it did."""
    day, end = events[0][1], events[-1][2]
    found = prometheus.query_range('ALERTS{alertstate="firing"}', day, end, 0.2)
    fired: dict[str, list[float]] = {}
    for series in found:
        moments = fired.setdefault(series["metric"]["alertname"], [])
        moments += [at - day for at, _ in series["values"]]
    return fired


if prometheus:
    figure, axes = plt.subplots(len(PANELS) + 1, 1, figsize=(11, 11), sharex=True)
    for axis, (title, lines) in zip(axes, PANELS.items()):
        for style, (label, expression) in zip(("-", "--"), lines):
            axis.plot(*over_time(expression), style, color="black", linewidth=1.3, label=label)
        axis.set(ylabel=title, ylim=(0, None))
        if title in LIMITS:
            axis.axhline(LIMITS[title], color="#b00020", linestyle=":", linewidth=1.2)
        if len(lines) > 1:
            axis.legend(loc="upper left", ncols=2)
    fired = dict(sorted(alerts_over_time().items(), key=lambda item: -min(item[1])))
    for place, alert in enumerate(fired):
        axes[-1].plot(fired[alert], [place] * len(fired[alert]), "s", color="#b00020", markersize=5)
    axes[-1].set_yticks(range(len(fired)), fired)
    axes[-1].set(xlabel="seconds of the squeezed day", ylim=(-0.6, len(fired) - 0.4))
    faults = [event for event in events if event[0] not in ("quiet", "rest")]
    for (name, began, ended), hatch in zip(faults, HATCHES):
        span = began - events[0][1], ended - events[0][1]
        for axis in axes:
            axis.axvspan(*span, facecolor="none", edgecolor="#9a9a9a", hatch=hatch, linewidth=0)
        axes[0].text(sum(span) / 2, axes[0].get_ylim()[1] * 1.04, name, ha="center")
    figure.tight_layout()
    plt.show()

# %% [markdown]
# Each fault has its own picture: errors do not make the service slow, slow requests are not errors. And when
# the customers change, all panels but one look healthy. The alert for that outlasts its fault: the hour it
# looks back on is still full of it. Is there a short `ChurnSlowRequests` where no fault was? Squeezed time
# has squeezed traffic: of fifty requests a single slow one is the 99th percentile. A busy machine is enough.
#
# Which alert fired, and how long after its fault began?

# %% tags=["nbval-ignore-output"]
if prometheus:
    MEANT_FOR = {
        "errors": "ChurnErrorRate",
        "slow": "ChurnSlowRequests",
        "other customers": "ChurnScoreShift",
        "silence": "ChurnNoPredictions",
        "one killed": "ChurnServiceDown",
    }
    for name, began, _ in faults:
        moments = [at for at in fired.get(MEANT_FOR[name], []) if at >= began - events[0][1]]
        after = moments[0] - (began - events[0][1]) if moments else float("nan")
        real = after * SQUEEZED / 60
        print(
            f"{name:16} {MEANT_FOR[name]:20} after {after:5.2f} s, which is {real:5.1f} min of the rules"
        )

# %%
if prometheus:
    prometheus.stop()
for instance in instances:
    instance.process.kill()
    instance.process.wait()
    instance.process.stdout.close()
lab.cleanup()

# %% [markdown]
# ## Your third exercise: `alert-rules`
#
# Open [`exercises/deploy/alerts.yml`](../exercises/deploy/alerts.yml). To fire is the easy half. The check
# lets each of the five faults happen, and then a deployment, a burst, a night and the faults of others,
# on which nobody may be woken. It needs `promtool`, which comes with Prometheus.

# %%
check("alert-rules")

# %%
hint("alert-rules")

# %% [markdown]
# ## What goes wrong in practice
#
# - **The mean.** Four of a hundred requests take 200 ms, the others 4 ms. What does the mean say?
# - **One request at three in the morning.** Two requests, one error: a rate of one half. How
#   likely is that when the service is as good as ever, and one request in a hundred fails?
# - **A counter is read as a number.** After a restart it begins at 0, and a difference is negative. `rate`
#   and `increase` know that.

# %%
print(f"the mean: {0.04 * 200 + 0.96 * 4:.1f} ms, the 99th percentile: 200 ms")
nights = np.random.default_rng(3).binomial(2, 0.01, size=(100_000, 12 * 8))
woken = (nights / 2 > 0.05).any(axis=1).mean()
print(f"two requests in each five minutes, eight hours: woken in {woken:.0%} of all nights")

# %% [markdown]
# ## What you have now
#
# A service that says how it is: counts that a Prometheus can read, from one worker or several; every
# prediction kept, with the lost ones counted; alerts that fire for a fault and sleep through a night. A
# dashboard is there too: `deploy/grafana/` holds it as files that Grafana loads by itself, and
# `deploy/prometheus.yml` names the target.
#
# ```bash
# prometheus --config.file=exercises/deploy/prometheus.yml
# ```
#
# ## Further reading
#
# - B. Beyer and others (ed.), *Site Reliability Engineering*, 2016, chapter 6, *Monitoring Distributed
#   Systems*: symptoms against causes, and what a page is for.
# - Prometheus, *Histograms and summaries*: how the error of a quantile depends on the bounds.
# - R. Ewaschuk, *My Philosophy on Alerting*: fewer pages, and each of them urgent.
# - D. Sculley and others, *Hidden Technical Debt in Machine Learning Systems*, 2015: why a model that is not
#   watched decays.
#
# **Next:** [11 Deploy and prove it](11_deploy.ipynb).
