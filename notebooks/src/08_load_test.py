# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 08 Load-test with Locust
#
# **About 35 minutes, and 40 for its two exercises: `load-test` and `capacity-plan`.**
#
# One request works. The marketing team will send a million a day, most of them before lunch. Will the
# service answer them, how fast, and on how many machines?
#
# ## Why this matters in production
#
# A service under load is another service. Requests wait for each other, and the wait grows faster than
# the traffic does. What decides is rarely the mean: a page that asks ten times is as slow as its slowest
# answer. So a load test states its objectives *before* it runs.
#
# | the question | the number |
# |---|---|
# | what does a typical caller wait? | p50, the median latency |
# | what do the unlucky ones wait? | p95 and p99 |
# | how many get no right answer? | error rate |
# | how much can it take? | the highest throughput at which the others hold |

# %% [markdown]
# ## The idea: simulated users, stated objectives, a verdict
#
# [Locust](https://docs.locust.io) runs users that are written in Python. The folder `load_tests/` beside
# your project holds a lab made with it: shapes of load, objectives, a verdict. Start the finished service
# and put it under a little load.

# %% tags=["nbval-ignore-output"]
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from workbench import check, hint, serve

service = serve(reference=True)


def load(shape: str, *options: str, host: str = service.url, told: bool = True) -> dict:
    """Run the lab and return its record."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "load_tests", shape, "--host", host, "--out", folder]
        done = subprocess.run([*command, *options], cwd="..", capture_output=True, text=True)
        if told:
            print(*(line for line in done.stdout.splitlines() if folder not in line), sep="\n")
        return json.loads(next(Path(folder).glob("*.json")).read_text(encoding="utf-8"))


# %% tags=["nbval-ignore-output"]
spike = load("spike", "--users", "20", "--seconds", "10")

# %% [markdown]
# A fifth of the users, then all of them at once, then a fifth again. Each asks about a customer, reads the
# answer, thinks for a moment, asks about the next. Some ask for what must be refused: a refusal is the
# right answer there, and counted under a name of its own. The same, second by second:

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt

rows = spike["series"]
seconds = [row["second"] for row in rows]
figure, (upper, lower) = plt.subplots(2, 1, figsize=(9, 5), sharex=True)
upper.plot(seconds, [row["requests"] for row in rows], "k-", label="requests per second")
upper.step(
    seconds, [row["users"] or float("nan") for row in rows], "k:", where="mid", label="users"
)
upper.set(title="A spike", ylabel="number")
upper.legend()
for key, style in (("p50_ms", "k-"), ("p99_ms", "k:")):
    values = [float("nan") if row[key] is None else row[key] for row in rows]
    lower.plot(seconds, values, style, label=key.removesuffix("_ms"))
lower.set(ylabel="latency in ms (log scale)", yscale="log", xlabel="seconds since the start")
lower.legend()
figure.tight_layout()
plt.show()

# %% [markdown]
# From a terminal it is one line. There are four shapes: `steady`, `spike`, `soak`, `ramp-to-break`. A run
# ends with a record (JSON), a plot, and an exit status that a pipeline understands.
#
# ```bash
# .venv/bin/python -m load_tests spike --host http://127.0.0.1:5000
# ```
#
# ## A status of 200 proves little
#
# Here is a service that is broken all the time. It says so in the body, and its status is 200. And here is
# the load test that stands at the beginning of most tutorials.

# %%
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Broken(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b'{"error": "model unavailable"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_):
        pass


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # Locust hangs up in the middle of a request when its time is over


broken = QuietServer(("127.0.0.1", 0), Broken)
threading.Thread(target=broken.serve_forever, daemon=True).start()
broken_url = f"http://127.0.0.1:{broken.server_port}"

NAIVE = """
from locust import HttpUser, constant, task

class User(HttpUser):
    wait_time = constant(0.2)

    @task
    def predict(self):
        self.client.post("/predict", json={"customer_id": "C-1", "total_orders": 3})
"""
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "naive.py"
    file.write_text(NAIVE, encoding="utf-8")
    command = [sys.executable, "-m", "locust", "-f", str(file), "--headless", "--host", broken_url]
    command += ["--users", "8", "--spawn-rate", "8", "--run-time", "3s", "--only-summary"]
    command += ["--json-file", f"{folder}/statistics"]
    subprocess.run(command, capture_output=True)
    [entry] = json.loads((Path(folder) / "statistics.json").read_text(encoding="utf-8"))
print("the naive test, error rate:", entry["num_failures"] / entry["num_requests"])
measured = load("steady", "--users", "8", "--seconds", "3", host=broken_url, told=False)["measured"]
print("the lab, error rate:", measured["error_rate"])
broken.shutdown()
broken.server_close()

# %% [markdown]
# The first never looked at the body. It also sends one customer for ever, and the service would have
# refused that customer: three fields are missing. Fast, green, and wrong in every way.
#
# ## Your first exercise here: `load-test`
#
# Open [`exercises/load_tests/locustfile.py`](../exercises/load_tests/locustfile.py). The check runs real
# Locust with your file against four services at once: a healthy one, one that answers 200 with wrong
# bodies, one that is slow at every 50th request, one that gets slower and slower. It compares what each
# service saw with what your run says. It takes some ten seconds.

# %%
check("load-test")

# %%
hint("load-test")

# %% [markdown]
# ## The stall that a closed loop hides
#
# The users of this lab wait for their answer before they ask again: a *closed loop*. When the service
# stalls, they stop asking. The requests that would have come in that time are never sent, and their wait
# is never measured. Gil Tene named this **coordinated omission**: the measurement and the stall are in step.
#
# An *open loop* has a timetable instead. A request is due when it is due, and its latency counts from
# that moment. Here are both, each with one stall of 1.5 seconds: the service's processes are suspended, as
# a host can do with a virtual machine. The closed loop is two batch jobs that hardly pause; the open loop
# has the throughput that they reached. (`psutil` comes with Locust.)

# %%
import time

import psutil


def processes_of_service() -> list[psutil.Process]:
    parent = psutil.Process(service.process.pid)
    return [parent, *parent.children(recursive=True)]


def stall(after_seconds: float, for_seconds: float) -> threading.Thread:
    """Suspend the service once, later, for a while."""

    def suspend():
        time.sleep(after_seconds)
        stopped = processes_of_service()
        for process in stopped:
            process.suspend()
        time.sleep(for_seconds)
        for process in stopped:
            process.resume()

    thread = threading.Thread(target=suspend)
    thread.start()
    return thread


def stalled_run(*options: str) -> dict:
    stalling = stall(after_seconds=6, for_seconds=1.5)
    record = load("steady", "--seconds", "14", *options, told=False)
    stalling.join()
    return record["measured"]


closed = stalled_run("--users", "2", "--think", "0.02", "0.05")
rate = f"{closed['requests_per_second']:.0f}"
opened = stalled_run("--users", "50", "--arrivals", rate)
print(
    "the open loop's p99 is more than twice the closed one's:",
    opened["p99_ms"] > 2 * closed["p99_ms"],
)

# %% tags=["nbval-ignore-output"]
print(f"{'':12}{'requests/s':>12}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}{'max ms':>10}")
for name, run in (("closed loop", closed), ("open loop", opened)):
    keys = ("requests_per_second", "p50_ms", "p95_ms", "p99_ms", "max_ms")
    print(
        f"{name:12}"
        + "".join(f"{run[key]:{12 if n == 0 else 10}.1f}" for n, key in enumerate(keys))
    )

figure, axis = plt.subplots(figsize=(8, 3.6))
keys = ("p50_ms", "p95_ms", "p99_ms", "max_ms")
for shift, (name, run, hatch) in zip(
    (-0.2, 0.2), (("closed loop", closed, "//"), ("open loop", opened, ""))
):
    places = [number + shift for number in range(len(keys))]
    bars = axis.bar(
        places,
        [run[key] for key in keys],
        0.4,
        label=name,
        hatch=hatch,
        color="white",
        edgecolor="black",
    )
    axis.bar_label(bars, fmt="%.0f", padding=2)
axis.set_xticks(range(len(keys)), [key.removesuffix("_ms") for key in keys])
axis.set(
    title="One service, one stall of 1.5 s, two ways to measure", ylabel="latency in ms (log scale)"
)
axis.set_yscale("log")
axis.set_ylim(top=4 * axis.get_ylim()[1])
axis.legend()
plt.show()

# %% [markdown]
# The same service, the same stall, about the same rate. In the closed loop the stall could catch two
# requests, one for each user: too few to move the 99th percentile. In the open loop everything that was due
# in those 1.5 seconds was late. Callers who do not know of each other are an open loop. Use a closed loop
# for people who click, and `--arrivals` for traffic that does not wait.
#
# ## Until it breaks
#
# `ramp-to-break` adds users step by step until two steps in a row miss an objective. We also note what
# CPU time the service's processes used.


# %% tags=["nbval-ignore-output"]
def cpu_seconds() -> float:
    times = [process.cpu_times() for process in processes_of_service()]
    return sum(each.user + each.system for each in times)


def measured_cpu(*options: str, told: bool = True) -> tuple[dict, float]:
    """Run the lab; return its record and the service's CPU seconds per request."""
    before = cpu_seconds()
    record = load(*options, told=told)
    return record, (cpu_seconds() - before) / record["measured"]["requests"]


ramp_record, busy_cpu = measured_cpu(
    *("ramp-to-break", "--users", "200", "--seconds", "50", "--step-seconds", "5")
)
ramp = ramp_record["ramp"]
steps = [step for step in ramp["steps"] if step["requests"]]
users = [step["users"] for step in steps]
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
left.plot(users, [step["requests_per_second"] for step in steps], "ko-")
left.set(title="Throughput", xlabel="users", ylabel="requests per second", ylim=(0, None))
right.plot(users, [step["p50_ms"] for step in steps], "ko-", label="p50")
right.plot(users, [step["p95_ms"] for step in steps], "ks--", label="p95")
limit = ramp_record["objectives"]["p95_ms"]
right.axhline(limit, color="0.5", label=f"objective for p95, {limit:g} ms")
right.set(title="Latency", xlabel="users", ylabel="ms (log scale)", yscale="log")
right.legend()
figure.tight_layout()
plt.show()

# %% [markdown]
# Read the two together. While there is room, more users make more requests, and latency hardly moves.
# At the limit throughput stops growing, and every further user only waits. The knee is the capacity.
#
# ## From seconds of CPU to instances
#
# Three laws need no assumption about the traffic, only averages over the same time:
#
# - **utilisation law**: `U = X * S`. Throughput times CPU seconds per request is the number of busy cores.
# - **Little's law**: `N = X * R`. Throughput times latency is the number of requests inside.
# - **response time law**: `N = X * (R + Z)`. With thinking time `Z`, `N` is the number of users.
#
# Measure `S` first: what the service's processes used, over the requests they answered.

# %% tags=["nbval-ignore-output"]
quiet, seconds_per_request = measured_cpu("steady", "--users", "10", "--seconds", "8", told=False)
print(f"CPU per request: {seconds_per_request * 1000:.2f} ms, on the ramp {busy_cpu * 1000:.2f} ms")
print(f"one core at 100 %: {1 / seconds_per_request:.0f} requests/s, by the utilisation law")
reached = max(step["requests_per_second"] for step in steps)
best = ramp["highest_requests_per_second_held"]
print(f"measured on the ramp: {reached:.0f} requests/s at the most")
print(f"of that, with the objectives held: {best or 0:.0f} requests/s")

# %% [markdown]
# The law gives a ceiling for one busy core, from a quiet run of a few seconds; the ramp found out the hard
# way. Where the two differ, ask why. Does a request cost more CPU under load? The first line knows. Does the
# service have a core to itself? Here it shares the machine with the load generator. Can it use more than
# one core? Then the ramp may pass the ceiling.
#
# Now the response time law, on the same quiet run. Does it know how many users there were?

# %% tags=["nbval-ignore-output"]
throughput = quiet["measured"]["requests_per_second"]
think_seconds = sum(quiet["think_seconds"]) / 2
users_by_law = throughput * (quiet["measured"]["p50_ms"] / 1000 + think_seconds)
print(
    f"{throughput:.1f} requests/s * (median latency + thinking) = {users_by_law:.1f} users; there were 10"
)

# %% [markdown]
# (The law wants the mean latency. The median is close where few requests are slow.)
#
# ## A million requests a day
#
# The mean of a day is no plan: the peak is. And no core should run at 100 %, because a queue in front of
# a busy server grows without bound. In the simplest model of a queue (M/M/1) the time inside is
# `S / (1 - U)`:

# %%
for utilisation in (0.5, 0.7, 0.9, 0.95, 0.99):
    print(f"utilisation {utilisation:4.0%}: {1 / (1 - utilisation):6.1f} times the service time")
print("a million a day is", round(1_000_000 / 86_400, 1), "a second, on average")

# %% tags=["nbval-ignore-output"]
import math

mean_rate = 1_000_000 / 86_400
for peak_factor in (1, 5, 25):
    busy = mean_rate * peak_factor * seconds_per_request
    working = math.ceil(busy / (1 * 0.7))
    print(
        f"peak {peak_factor:2} times the mean: {mean_rate * peak_factor:6.1f} requests/s, {busy:.2f} busy "
        f"cores, {working} instances of one core at 70 %, {working + 1} with a spare one"
    )

# %% [markdown]
# ## Your second exercise: `capacity-plan`
#
# Open [`exercises/load_tests/capacity.py`](../exercises/load_tests/capacity.py). Five small functions, no
# measuring. They refuse what cannot be true, and they round up without being fooled by floats:

# %%
print(3 * 0.1 / 0.1, "->", math.ceil(3 * 0.1 / 0.1), "instances")

# %%
check("capacity-plan")

# %%
hint("capacity-plan")

# %% [markdown]
# ## What goes wrong in practice
#
# - **One customer for ever.** A cache answers all but the first request. The test then measures the cache.
# - **An id in the name.** Locust keeps statistics for each name. How many lines would the spike have had?
# - **Only the median.** It hides the stall, in the open loop too.
# - **The load generator at its limit.** Then you measure Locust. The record says how busy it was.

# %% tags=["nbval-ignore-output"]
from functools import lru_cache
from random import Random


@lru_cache(maxsize=1000)
def cached(customer_id: str) -> float:
    return 0.5


rng = Random(8)
for name, ids in (
    ("one customer", ["C-1"] * 500),
    ("drawn", [f"C-{rng.randrange(10**6)}" for _ in range(500)]),
):
    cached.cache_clear()
    for customer_id in ids:
        cached(customer_id)
    print(f"{name:13} answered by a cache: {cached.cache_info().hits / len(ids):.1%}")
print("names in the spike's statistics:", len(spike["by_name"]))
print("lines with an id in the name: about", spike["by_name"]["POST /predict"]["requests"])
print("open loop with the stall, median:", opened["p50_ms"], "ms; longest:", opened["max_ms"], "ms")
print(
    "busiest the load generator was on the ramp:",
    ramp_record["machine"]["busiest_client_percent"],
    "%",
)
service.stop()

# %% [markdown]
# ## What you have now
#
# Users that notice a wrong answer, a verdict that a pipeline can act on, the throughput at which the
# service breaks, and a number of instances with its reason. More ways to run the lab (several processes,
# several machines, the web UI) are in *Run a load test* among the how-to pages of the site.
#
# ## Further reading
#
# - Locust's documentation: [docs.locust.io](https://docs.locust.io), above all "Writing a locustfile" and
#   "Distributed load generation".
# - Gil Tene, *How NOT to Measure Latency* (talk, 2013-2015), and the README of
#   [wrk2](https://github.com/giltene/wrk2): coordinated omission.
# - P. J. Denning, J. P. Buzen, *The Operational Analysis of Queueing Network Models*, ACM Computing
#   Surveys 10(3), 1978: the three laws.
# - J. D. C. Little, *A Proof for the Queuing Formula L = λW*, Operations Research 9(3), 1961.
# - J. Dean, L. A. Barroso, *The Tail at Scale*, Communications of the ACM 56(2), 2013: why the slowest
#   answer decides.
