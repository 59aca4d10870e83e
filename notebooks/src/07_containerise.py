# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 07 Containerise
#
# **About 45 minutes, and 60 for its two exercises: `container-image` and `compose-stack`.**
#
# The service runs on your machine: with your Python, your libraries, your model in your folder. Now it has
# to run on a machine that has none of these, started by somebody who has never read the code.
#
# ## Why this matters in production
#
# An image is a file system and one command. Whoever has it can start the service, and gets what was
# tested. That is also its danger: whatever slipped into it is shipped too.
#
# | the question | who asks it |
# |---|---|
# | is it the same everywhere? | the colleague on call |
# | what is in it that need not be? | whoever breaks in |
# | does it say when it hangs? | the platform that restarts it |
# | what happens to my request when you deploy? | the caller |
#
# This lesson builds the service's image beside a naive one, on the Docker engine of this machine, and
# measures both. Without an engine its cells say so and go on.

# %% tags=["nbval-ignore-output"]
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from workbench import check, hint

os.environ["DOCKER_BUILDKIT"] = "1"
MINE = f"lesson-07-{os.getpid()}"  # every image and container made here begins with this


def docker(*arguments: str, fails: bool = False) -> str:
    """Runs a docker command and returns what it printed; `fails` allows it to fail."""
    ended = subprocess.run(["docker", *arguments], capture_output=True, text=True)
    assert fails or ended.returncode == 0, ended.stderr[-1500:]
    return (ended.stdout or ended.stderr).strip()


try:
    has_docker = subprocess.run(["docker", "info"], capture_output=True, timeout=60).returncode == 0
except (OSError, subprocess.TimeoutExpired):
    has_docker = False
print(
    "Docker engine:", docker("version", "--format", "{{.Server.Version}}") if has_docker else "none"
)

# %% [markdown]
# ## Two ways to write the same image
#
# The first is what most of us write on the first day. The second is the reference; the comment at its top
# is the contract of your first exercise.

# %%
NAIVE = """
FROM python:3.11-slim
WORKDIR /app
COPY . .
RUN pip install -r requirements.txt scikit-learn pandas
CMD python -m churn_service --host 0.0.0.0 --port 5000; echo stopped
"""
GOOD = (Path("..") / "solutions" / "Dockerfile").read_text(encoding="utf-8")
print("\n".join(line for line in GOOD.splitlines() if line and not line.startswith("#")))

# %% [markdown]
# Both are built from the same copy of the project. In that copy lies a `.env` with a password, as in many a
# folder. The naive one has no `.dockerignore`.

# %% tags=["nbval-ignore-output"]
folder = Path(tempfile.mkdtemp(prefix="lesson-07-"))
ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache", "*.sqlite3*")
for name, dockerfile in (("naive", NAIVE), ("good", GOOD)):
    shutil.copytree(Path("..") / "solutions", folder / name, ignore=ignored)
    (folder / name / "Dockerfile").write_text(dockerfile, encoding="utf-8")
    (folder / name / ".env").write_text("DATABASE_PASSWORD=before-friday\n", encoding="utf-8")
(folder / "naive" / ".dockerignore").unlink()


def build(name: str) -> float:
    """Builds one of the two; returns the seconds it took."""
    started = time.perf_counter()
    docker("build", "--quiet", "--label", MINE, "--tag", f"{MINE}:{name}", str(folder / name))
    return time.perf_counter() - started


if has_docker:
    for name in ("naive", "good"):
        print(f"{name:6} first build: {build(name):6.1f} s")

# %% [markdown]
# (A first build takes what the engine already has from its cache, so these two times depend on the day. The
# comparison further down does not.)
#
# ## What an image is made of
#
# Each instruction that changes files adds a layer, and a layer keeps only what changed.

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt


def layers_of(name: str) -> list[tuple[str, float]]:
    """Instruction and megabytes of each layer that holds something, the lowest first."""
    template = '{"does": {{json .CreatedBy}}, "size": {{json .Size}}}'
    lines = docker("history", "--no-trunc", "--human=false", "--format", template, f"{MINE}:{name}")
    rows = [json.loads(line) for line in reversed(lines.splitlines())]
    found = [(row["does"].removeprefix("RUN /bin/sh -c "), int(row["size"]) / 1e6) for row in rows]
    return [(does.split(" # ")[0][:44], size) for does, size in found if size > 0.0005]


if has_docker:
    figure, panels = plt.subplots(2, 1, figsize=(9, 6.4), sharex=True)
    for panel, name, hatch in zip(panels, ("naive", "good"), ("//", "..")):
        layers = layers_of(name)
        bars = panel.barh(
            [does for does, _ in layers],
            [size for _, size in layers],
            color="white",
            edgecolor="black",
            hatch=hatch,
        )
        panel.bar_label(bars, fmt="%.2f MB", padding=3)
        panel.invert_yaxis()
        panel.set_title(f"the {name} image: {sum(size for _, size in layers):.0f} MB")
    panels[1].set_xlabel("MB in the layer")
    panels[0].set_xlim(0, max(size for _, size in layers_of("naive")) * 1.2)
    figure.tight_layout()
    plt.show()

# %% [markdown]
# The base is the same. What differs is what was installed, and what was copied: in the good image the
# layers of the model and of the code are so thin that they hardly show.
#
# ## Size, start, rebuild, side by side
#
# Rebuilding is what you do all day: change a line, build, start. Each image gets one new line in
# `churn_service/risk.py` and is built again. Then each is started three times, taking turns; the time
# is the one to the first answer of `GET /health`, and the median counts.

# %% tags=["nbval-ignore-output"]
from statistics import median


def run(image: str, *options: str, command: tuple = ()) -> str:
    """Starts a container in the background, with port 5000 on a free port of this machine."""
    publish = ("--publish", "127.0.0.1::5000", "--label", MINE)
    return docker("run", "--detach", *publish, *options, image, *command)


def wait_for(container: str) -> float:
    """Waits for the first answer of GET /health; returns the seconds it took."""
    started = time.perf_counter()
    while time.perf_counter() - started < 60:
        try:
            address = docker("port", container, "5000").splitlines()[0]
            urllib.request.urlopen(f"http://{address}/health", timeout=2).close()
            return time.perf_counter() - started
        except (OSError, AssertionError):
            time.sleep(0.02)
    raise AssertionError(docker("logs", container))


if has_docker:
    facts = {}
    for name in ("naive", "good"):
        with (folder / name / "churn_service" / "risk.py").open("a", encoding="utf-8") as risk:
            risk.write(f"\n# changed at {time.time_ns()}\n")
        facts[name] = {"rebuild (s)": build(name)}
        size = docker("image", "inspect", "--format", "{{.Size}}", f"{MINE}:{name}")
        facts[name]["size (MB)"] = int(size) / 1e6
    starts = {"naive": [], "good": []}
    for _ in range(3):
        for name, seconds in starts.items():
            started = run(f"{MINE}:{name}")
            seconds.append(wait_for(started))
            docker("rm", "--force", started)
    for name, seconds in starts.items():
        facts[name]["start (s)"] = median(seconds)
        print(f"{name:6}", {fact: round(value, 2) for fact, value in facts[name].items()})

# %% tags=["nbval-ignore-output"]
if has_docker:
    figure, panels = plt.subplots(1, 3, figsize=(10, 3.2))
    for panel, fact in zip(panels, ("size (MB)", "start (s)", "rebuild (s)")):
        bars = panel.bar(
            ["naive", "good"],
            [facts[name][fact] for name in ("naive", "good")],
            color="white",
            edgecolor="black",
        )
        for bar, hatch in zip(bars, ("//", "..")):
            bar.set_hatch(hatch)
        panel.bar_label(bars, fmt="%.3g")
        panel.set(title=fact, ylim=(0, max(facts[name][fact] for name in facts) * 1.15))
    figure.tight_layout()
    plt.show()

# %% [markdown]
# The rebuild is the difference that you feel. `COPY . .` before the installation means: any change of any
# file installs everything again. The good one copies `requirements.txt` alone, installs, and copies the
# code last. The start hardly differs: both run the same program.
#
# ## A layer forgets nothing
#
# The naive image has the `.env` in it. "Then delete it", says the next instruction. Here is that image, and
# what is found in it by whoever has it:

# %% tags=["nbval-ignore-output"]
import tarfile

if has_docker:
    (folder / "naive" / "Dockerfile").write_text(
        "FROM python:3.11-slim\nCOPY .env /app/.env\nRUN rm /app/.env\n", encoding="utf-8"
    )
    build("naive")
    seen = docker("run", "--rm", f"{MINE}:naive", "ls", "-A", "/app")
    print("in the container:", seen or "nothing")
    docker("save", "--output", str(folder / "image.tar"), f"{MINE}:naive")
    with tarfile.open(folder / "image.tar") as image:
        for member in filter(tarfile.TarInfo.isfile, image):
            try:
                with tarfile.open(fileobj=image.extractfile(member)) as layer:
                    print("in a layer:", layer.extractfile("app/.env").read().decode().strip())
            except (tarfile.ReadError, KeyError):
                continue  # no layer, or one without that file
    (folder / "image.tar").unlink()

# %% [markdown]
# What must not be in the image must not be sent to the engine. That is what `.dockerignore` is for, and why
# the reference's begins with `*`: nothing, but for what is listed.
#
# ## Healthy, and hung
#
# A process that exists may answer nobody. Here the good image runs with its health check asked every
# second. After some seconds all of the service's processes are stopped, as a deadlock would stop them.

# %% tags=["nbval-ignore-output"]
STOP_ALL = "import os, signal; os.kill(-1, signal.SIGSTOP)"


def health(container: str) -> str:
    return docker("inspect", "--format", "{{.State.Health.Status}}", container)


def note_until(container: str, status: str, since: float) -> None:
    """Prints each change of the health status until it is `status`."""
    last = ""
    while last != status and time.perf_counter() - since < 60:
        if (now := health(container)) != last:
            print(f"{time.perf_counter() - since:5.1f} s  {now}")
            last = now
        time.sleep(0.05)


if has_docker:
    often = ("--init", "--health-interval=1s", "--health-timeout=3s", "--health-retries=2")
    started = time.perf_counter()
    hung = run(f"{MINE}:good", *often)
    note_until(hung, "healthy", started)
    docker("exec", "--user", "0", hung, "python", "-c", STOP_ALL)
    print(f"{time.perf_counter() - started:5.1f} s  (its processes are stopped)")
    note_until(hung, "unhealthy", started)
    docker("rm", "--force", hung)

# %% [markdown]
# The engine only *says* unhealthy; it restarts nothing for it. Compose waits for it at start, Kubernetes
# and the hosts of lesson 11 act on checks of their own. A health check with `curl` would say unhealthy
# all the time: a slim image has no curl.

# %% tags=["nbval-ignore-output"]
if has_docker:
    for tool in ("curl", "wget", "python"):
        found = docker("run", "--rm", f"{MINE}:good", "sh", "-c", f"command -v {tool}", fails=True)
        print(f"{tool:7}", found or "not there")

# %% [markdown]
# ## Who gets the signal
#
# `docker stop` sends SIGTERM to process 1 of the container, waits, and then kills. In the exec form process
# 1 is the service. In the shell form it may be a shell. Five seconds of grace for each:

# %% tags=["nbval-ignore-output"]
SERVICE = "python -m churn_service --host 0.0.0.0"
FORMS = {
    "exec form": tuple(SERVICE.split()),
    "sh with one command": ("sh", "-c", SERVICE),
    "bash with one command": ("bash", "-c", SERVICE),
    "sh with two commands": ("sh", "-c", f"{SERVICE}; echo stopped"),
    "sh that ends in exec": ("sh", "-c", f"echo starting; exec {SERVICE}"),
}
if has_docker:
    for form, command in FORMS.items():
        container = run(f"{MINE}:good", command=command)
        wait_for(container)
        first = docker("exec", container, "cat", "/proc/1/cmdline").split("\0")[0]
        started = time.perf_counter()
        docker("stop", "--time", "5", container)
        took = time.perf_counter() - started
        status = docker("inspect", "--format", "{{.State.ExitCode}}", container)
        print(f"{form:25} process 1: {first:7} took {took:4.1f} s, exit status {status}")
        docker("rm", container)

# %% [markdown]
# 137 is 128 + 9: killed. No deploy should end like that, for a request under way is cut off with it.
# Whether a shell stays process 1 depends on the shell, and on how many commands it was given. The exec
# form depends on nothing.
#
# ## Your first exercise here: `container-image`
#
# Open [`exercises/Dockerfile`](../exercises/Dockerfile) and, beside it,
# [`exercises/.dockerignore`](../exercises/.dockerignore). The check builds your image on the real engine,
# plants secrets in its way, hangs it, stops it with requests under way, and reads its layers. Without an
# engine it judges what the file alone shows.
#
# To build **your** service, put what you have finished over the reference first. `exercises/` builds alone
# once all the service's exercises are done:
#
# ```bash
# python3 -m workbench assemble data/my-service
# docker build -t churn-model:v2 data/my-service
# ```

# %%
check("container-image")

# %%
hint("container-image")

# %% [markdown]
# ## One file for what runs together
#
# A service and its Prometheus are two containers. `deploy/compose.yaml` says how they belong together: who
# waits for whom, who may use how much, what outlives them, who is started again.
#
# The last is often misread. Here the same container meets three ends, under the policy `unless-stopped`:

# %% tags=["nbval-ignore-output"]
CRASH = "import os, signal; os.kill(-1, signal.SIGKILL)"
ENDS = {
    "docker stop": lambda container: docker("stop", container),
    "docker kill": lambda container: docker("kill", container),
    "its worker is killed (a crash, memory)": lambda container: docker(
        "exec", container, "python", "-c", CRASH
    ),
}
if has_docker:
    for end, bring_about in ENDS.items():
        container = run(f"{MINE}:good", "--restart", "unless-stopped")
        wait_for(container)
        bring_about(container)
        time.sleep(3)
        state = docker(
            "inspect", "--format", "{{.State.Status}}, restarts: {{.RestartCount}}", container
        )
        print(f"{end:40} {state}")
        docker("rm", "--force", container)

# %% [markdown]
# `docker kill` is *your* wish, as `docker stop` is: no policy acts against it. So it is no test of a
# restart policy. A process that ends by itself is.
#
# ## Your second exercise: `compose-stack`
#
# Open [`exercises/deploy/compose.yaml`](../exercises/deploy/compose.yaml). The check reads it as data,
# holds it against Compose, starts your service under its limits, and lets it crash while requests come
# in. Then, in your project's folder:
#
# ```bash
# docker build -t churn-model:v2 .
# docker compose -f deploy/compose.yaml up
# ```

# %%
check("compose-stack")

# %%
hint("compose-stack")

# %% [markdown]
# ## What goes wrong in practice
#
# - **`FROM python:latest`.** It worked last month. The tag has moved since.
# - **`chown -R` in a layer of its own.** It changes an owner and stores every file a second time.
# - **A volume that root owns.** The service runs as 10001 and cannot write its log. A new named volume
#   takes over the owner of the folder it is mounted on, so make the folder in the image.
# - **Published on every address.** `5000:5000` is not `127.0.0.1:5000:5000`: Docker writes its own firewall
#   rules, in front of yours.
# - **`restart: no`.** To YAML that is a boolean.
#
# The measurements once more, and a clean machine:

# %% tags=["nbval-ignore-output"]
if has_docker:
    ratio = {fact: facts["naive"][fact] / facts["good"][fact] for fact in facts["good"]}
    print("naive / good:", {fact: round(value, 1) for fact, value in ratio.items()})
    for container in docker("ps", "--all", "--quiet", "--filter", f"label={MINE}").split():
        docker("rm", "--force", container)
    docker("rmi", f"{MINE}:naive", f"{MINE}:good")
    docker("image", "prune", "--force", "--filter", f"label={MINE}")
shutil.rmtree(folder)

# %% [markdown]
# ## What you have now
#
# An image that anybody can start, that holds what it needs and nothing else, that says when it hangs and
# finishes its work when it is stopped; and a file that starts it together with what will watch it. Next:
# how much can it take?
#
# ## Further reading
#
# - Docker, *Dockerfile reference* and *Building best practices*: every instruction, and the build cache.
# - *The Twelve-Factor App*, factor IX, Disposability: start fast, stop gracefully.
# - Compose Specification, *compose-spec.io*: what `depends_on`, `restart` and `deploy` promise.
# - NIST SP 800-190, *Application Container Security Guide*.
#
# **Next:** [08 Load-test](08_load_test.ipynb).
