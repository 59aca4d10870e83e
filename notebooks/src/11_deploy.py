# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 11 Deploy and prove it
#
# **About 45 minutes, and 75 for its three exercises: `smoke-test`, `ci-workflow` and `hosting`.**
#
# The image is built, loaded, fast and watched. What is left is the moment when it goes live, and the
# question whether it did.
#
# ## Why this matters in production
#
# "The deployment succeeded" means that a host accepted an image. It does not say that callers reach it,
# that it is the new one, or that it predicts what the model predicts.
#
# | what happened | what the host says | what callers get |
# |---|---|---|
# | the old container is still behind the address | success | old answers |
# | another model under the same version | success | wrong answers |
# | a login page in front of everything | success | status 200, and HTML |
# | a code change that turns a probability round | success | plausible nonsense |
#
# Each of these is found by asking from outside, with answers known beforehand. This lesson deploys three
# releases, proves each, and goes back from the one that is wrong.

# %% tags=["nbval-ignore-output"]
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from workbench import check, hint

os.environ["DOCKER_BUILDKIT"] = "1"
MINE = f"lesson-11-{os.getpid()}"
REFERENCE = Path("..") / "solutions"
try:
    has_docker = subprocess.run(["docker", "info"], capture_output=True, timeout=60).returncode == 0
except (OSError, subprocess.TimeoutExpired):
    has_docker = False
print("Each release runs as", "a container" if has_docker else "a process: no Docker engine here")

# %% [markdown]
# ## Three releases
#
# `v2` is the finished project. `v3` has a new version of the model in it. `v3-broken` is `v3` with one
# change of code that a review might miss: the view answers with the probability of staying.

# %%
folder = Path(tempfile.mkdtemp(prefix="lesson-11-"))
ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache", "*.sqlite3*", "*.lock")
for release in ("v2", "v3", "v3-broken"):
    project = folder / release
    shutil.copytree(REFERENCE, project, ignore=ignored)
    metadata = json.loads((project / "model" / "metadata.json").read_text(encoding="utf-8"))
    metadata["model_version"] = release.removesuffix("-broken")
    (project / "model" / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")

view = folder / "v3-broken" / "churn_service" / "predict.py"
source = view.read_text(encoding="utf-8")
right = "predictor.predict_probability(customer)"
assert source.count(right) == 1, "the view has changed"
view.write_text(source.replace(right, f"1 - {right}"), encoding="utf-8")
print("releases:", sorted(path.name for path in folder.iterdir()))

# %% [markdown]
# Before anything is deployed, the answers that are expected of it are written down: from the artefact, by a
# program that knows nothing of the deployment.

# %% tags=["nbval-ignore-output"]
for release in ("v2", "v3"):
    record = [sys.executable, "deploy/record_known.py", "model"]
    told = subprocess.run(record, cwd=folder / release, capture_output=True, text=True, check=True)
    (folder / f"known-{release}.json").write_text(told.stdout, encoding="utf-8")
known = json.loads((folder / "known-v3.json").read_text(encoding="utf-8"))
print("expected version:", known["model_version"])
for one in known["predictions"]:
    print(f"  {one['customer']['customer_id']:18} {one['churn_probability']:.3f}")

# %% [markdown]
# ## An address that stays
#
# Callers know one address. What stands behind it changes: that is what a deployment is. Here the address is
# a small proxy in this notebook. A host's router does the same.


# %%
class Address(BaseHTTPRequestHandler):
    """Hands each request to the release behind it; a fault spoils what comes back."""

    behind = ""  # the URL of the release that is live
    fault = staticmethod(lambda status, body: (status, body))

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        passed = {n: self.headers[n] for n in ("Content-Type", "X-Request-ID") if n in self.headers}
        body = self.rfile.read(length) if length else None
        request = urllib.request.Request(self.behind + self.path, body, passed, method=self.command)
        try:
            reply = urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as refusal:
            reply = refusal
        status, body = self.fault(reply.status, reply.read())
        self.send_response(status)
        for name in ("Content-Type", "X-Request-ID"):
            self.send_header(name, reply.headers[name])
        if status == 302:
            self.send_header("Location", "/login")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, *_):
        pass


proxy = ThreadingHTTPServer(("127.0.0.1", 0), Address)
threading.Thread(target=proxy.serve_forever, daemon=True).start()
ADDRESS = f"http://127.0.0.1:{proxy.server_address[1]}"

# %% tags=["nbval-ignore-output"]
import atexit
import socket

running = {}


def start(release: str) -> str:
    """Starts a release, waits until it is ready, and returns its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if has_docker:
        image = f"{MINE}:{release}"
        subprocess.run(
            ["docker", "build", "--quiet", "--tag", image, folder / release],
            check=True,
            capture_output=True,
        )
        run = ["docker", "run", "--detach", "--publish", f"127.0.0.1:{port}:5000", image]
        running[release] = subprocess.run(
            run, check=True, capture_output=True, text=True
        ).stdout.strip()
    else:
        command = [sys.executable, "-m", "churn_service", "--port", str(port)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        running[release] = subprocess.Popen(command, cwd=folder / release, **quiet)
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/ready", timeout=2).close()
            return url
        except OSError:
            assert time.monotonic() < deadline, f"{release} did not become ready"
            time.sleep(0.05)


@atexit.register
def stop_all() -> None:
    for release in list(running):
        one = running.pop(release)
        if has_docker:
            subprocess.run(["docker", "rm", "--force", one], capture_output=True)
            subprocess.run(["docker", "rmi", "--force", f"{MINE}:{release}"], capture_output=True)
        else:
            one.terminate()
            one.wait(10)


urls = {release: start(release) for release in ("v2", "v3", "v3-broken")}
print("ready, says each of them:", ", ".join(urls))

# %% [markdown]
# All three are *ready*. The broken one too: its model predicts. Readiness is a question about a process,
# not about right and wrong.
#
# ## The proof
#
# `v2` goes live. The smoke test knows nothing but the address and the known answers.


# %% tags=["nbval-ignore-output"]
def prove(release: str) -> tuple[bool, str]:
    """Runs the reference's smoke test against the address; returns whether it held, and its report."""
    script = REFERENCE / "deploy" / "smoke_test.py"
    options = ["--expect", folder / f"known-{release}.json"]
    ended = subprocess.run(
        [sys.executable, script, ADDRESS, *options], capture_output=True, text=True
    )
    return ended.returncode == 0, ended.stdout.strip()


Address.behind = urls["v2"]
held, report = prove("v2")
print(report)
print("exit status:", 0 if held else 1)

# %% [markdown]
# Six lines, each the name of a proof. Now the address is spoiled in ways that a host would not notice:


# %% tags=["nbval-ignore-output"]
def slow(status, body):
    time.sleep(1.2)
    return status, body


FAULTS = {
    "the old version is still live": ("v3", None),
    "a redirect to a login page": ("v2", lambda status, body: (302, b"")),
    "a login page, with status 200": ("v2", lambda status, body: (200, b"<h1>Sign in</h1>")),
    "errors with status 200": ("v2", lambda status, body: (200, body)),
    "slow": ("v2", slow),
}
for name, (expected, fault) in FAULTS.items():
    Address.fault = staticmethod(fault or (lambda status, body: (status, body)))
    held, report = prove(expected)
    failed = [
        line.split()[1].rstrip(":") for line in report.splitlines() if line.startswith("FAIL")
    ]
    print(f"{name:32} fails: {', '.join(failed)}")
Address.fault = staticmethod(lambda status, body: (status, body))

# %% [markdown]
# Errors with status 200 are the quietest of them: every chart of status codes is green. Only a request that
# *must* be refused shows it.
#
# ## Your first exercise here: `smoke-test`
#
# Open [`exercises/deploy/smoke_test.py`](../exercises/deploy/smoke_test.py). The check points your smoke
# test at good deployments, which must pass, and at bad ones, each of which must fail with the proof
# named. Nothing that comes back may end it with a traceback.

# %%
check("smoke-test")

# %%
hint("smoke-test")

# %% [markdown]
# ## A deployment that goes wrong, and back
#
# Callers ask all the time, here one customer again and again. `v3-broken` goes live; the proof fails; the
# address goes back. Then the repaired `v3` follows. What did the callers get?

# %% tags=["nbval-ignore-output"]
asked = known["predictions"][3]  # a customer who is as good as gone
answers, over = [], threading.Event()
began = time.perf_counter()


def ask_on() -> None:
    body = json.dumps(asked["customer"]).encode()
    while not over.wait(0.02):
        request = urllib.request.Request(
            ADDRESS + "/predict", body, {"Content-Type": "application/json"}
        )
        moment = time.perf_counter() - began
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                said = json.load(reply)
            answers.append((moment, said["model_version"], said["churn_probability"]))
        except OSError:
            answers.append((moment, "failed", float("nan")))


caller = threading.Thread(target=ask_on)
caller.start()
events = []


def deploy(release: str, back_to: str) -> str:
    """Puts a release behind the address and proves it; goes back when the proof fails."""
    events.append((time.perf_counter() - began, f"deploy {release}"))
    before, Address.behind = Address.behind, urls[release]
    held, report = prove(release.removesuffix("-broken"))
    if not held:
        Address.behind = before
        events.append((time.perf_counter() - began, f"back to {back_to}"))
    return report


time.sleep(0.5)
for release in ("v3-broken", "v3"):
    print(deploy(release, back_to="v2"), end="\n\n")
    time.sleep(0.7)
over.set()
caller.join()

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(9, 3.6))
for version, marker in (("v2", "o"), ("v3", "^")):
    chosen = [(moment, p) for moment, seen, p in answers if seen == version]
    axes.plot(*zip(*chosen), marker, fillstyle="none", color="black", label=f"says it is {version}")
for moment, what in events:
    axes.axvline(moment, linestyle="--", color="grey")
    axes.text(moment, 1.04, what, rotation=20, fontsize=8)
axes.set(xlabel="seconds", ylabel="churn probability", ylim=(0, 1))
axes.legend(loc="center right")
figure.tight_layout()
plt.show()
correct = asked["churn_probability"]
failed = sum(version == "failed" for _, version, _ in answers)
wrong = sum(abs(p - correct) > 1e-6 for _, version, p in answers if version != "failed")
print(f"{len(answers)} requests: {failed} failed, {wrong} were answered wrongly with status 200")

# %% [markdown]
# No request failed, and yet some callers were told that a customer who has left will stay. Between deploy
# and rollback lies the time that the proof takes: keep it short. Better: prove the new release *before*
# the address turns to it. That is what the workflow's job `image` does with the container.

# %% tags=["nbval-ignore-output"]
for release in ("v3-broken", "v3"):
    Address.behind = urls[release]  # an address of its own would do; nobody else asks any more
    held, _ = prove("v3")
    print(f"{release:10} {'may go live' if held else 'stays where it is'}")
stop_all()
proxy.shutdown()
shutil.rmtree(folder)

# %% [markdown]
# ## The same, without a human
#
# A workflow does these steps at each push. It is only as good as its steps are at failing. GitHub runs
# `run:` on Linux with `bash -e`, and here is what that lets through:

# %%
SCRIPTS = {
    "a command that fails": "false",
    "a pipe: the failure is in front": "false | cat",
    "a loop that gives up": "for i in 1 2; do if false; then break; fi; done",
    "|| true": "false || true",
}
if shutil.which("bash"):
    for name, script in SCRIPTS.items():
        plain = subprocess.run(["bash", "-e", "-c", script]).returncode
        strict = subprocess.run(["bash", "-eo", "pipefail", "-c", script]).returncode
        told = ["fails" if status else "passes" for status in (plain, strict)]
        print(f"{name:34} bash -e: {told[0]:7} with pipefail: {told[1]}")
else:
    print("There is no bash on this machine.")

# %% [markdown]
# `smoke_test.py ... | tee report.txt` passes whatever the smoke test says, unless `shell: bash` is set,
# which adds `pipefail`. The loop passes either way: it must end in `exit 1`.
#
# ## Your second exercise: `ci-workflow`
#
# Open [`exercises/.github/workflows/deploy.yml`](../exercises/.github/workflows/deploy.yml). The check
# reads the workflow as data, then plays its steps on this machine with stand-ins for `docker`, `python`
# and `curl`. It lets each of them fail, and looks whether the job does.

# %%
check("ci-workflow")

# %%
hint("ci-workflow")

# %% [markdown]
# ## Your third exercise: `hosting`
#
# A host builds the image, chooses a port, asks for health, keeps the secrets. Two files tell two hosts how:
# [`exercises/render.yaml`](../exercises/render.yaml) and `exercises/railway.json`. Before you write them,
# see what YAML makes of some words:

# %%
import yaml

for text in ("off", '"off"', "no", "on", "3.10", "5000:5000", "0x10"):
    print(f"{text:12} is read as {yaml.safe_load(text)!r}")

# %%
check("hosting")

# %%
hint("hosting")

# %% [markdown]
# ## What goes wrong in practice
#
# - **The proof asks the wrong address.** The container on the runner is fine, the live service was never
#   asked.
# - **`@v4`.** A tag can be moved, and then other code runs with your permissions. A commit cannot.
# - **A rollback that nobody has tried.** Try it on a quiet day: it is a deployment too.
# - **A secret in a command.** `${{ secrets.X }}` in `run:` becomes text of the script. Through `env:` it
#   stays a value.
# - **The port written down twice.** The host says PORT. Whoever insists on 5000 is not found.
#
# ## What you have now
#
# A churn service that you can build, load, watch, deploy, prove and take back. That is the road from the
# notebook to production. Read the project's runbook, `docs/do/runbook.md`, as if you were called at
# night, and see what you would miss.
#
# ## Further reading
#
# - B. Beyer and others (editors), *Site Reliability Engineering*, 2016, chapter 8, Release Engineering.
# - J. Humble, D. Farley, *Continuous Delivery*, 2010: the deployment pipeline, and smoke tests.
# - GitHub, *Security hardening for GitHub Actions*: pinned actions, permissions, script injection.
# - Render, *Blueprint YAML Reference*; Railway, *Config as Code*.
#
# **Back to the start:** [00 Welcome](00_welcome.ipynb).
