# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 03 Load the model safely
#
# **About 25 minutes, and 20 for its one exercise: `load-model`.**
#
# The artefact folder is the only thing that passes from training to serving. In this lesson you write
# the gate it passes through: a loader that either gives a predictor that can be trusted, or says in one
# sentence why not.

# %% [markdown]
# ## Why this matters in production
#
# Between the machine that trained the model and the machine that serves it, the file travels: through a
# bucket, a mounted volume, an image, somebody's laptop. Three things happen to it on the way.
#
# | what happens | what it looks like | what it costs |
# |---|---|---|
# | it is damaged or cut short | sometimes an error, sometimes nothing | a crash at the first request |
# | it meets other library versions | a warning in a log that nobody reads | other answers than were tested |
# | it is replaced | nothing at all | somebody else's code runs in your service |
#
# The third is not far-fetched. We will do it in a few cells.

# %%
import hashlib
import json
import pickle
import shutil
import sys
import tempfile
from pathlib import Path

from workbench import check, hint

artefact = Path("..") / "data" / "model"
for file in sorted(artefact.iterdir()):
    if not file.name.startswith("."):
        print(file.name)

# %% [markdown]
# The service reads two of these: the model file, and `metadata.json`, which says what the model file is.

# %%
metadata = json.loads((artefact / "metadata.json").read_text(encoding="utf-8"))
print("members:", ", ".join(sorted(metadata)))
print("features, in this order:", metadata["feature_order"])
print("length of the SHA-256:", len(metadata["sha256"]), "hexadecimal digits")

# %% [markdown]
# ## The idea: a pickle is a program
#
# A pickle is not data. It is a list of instructions for a small machine, and one of them is *call this
# function with these arguments*. Here is a pickle written by hand, 40 bytes or so. It calls `print`.

# %%
program = b"cbuiltins\nprint\n(Vthis line was printed by the file itself\ntR."
result = pickle.loads(program)

# %% [markdown]
# We did not call `print`. The file did, while it was being loaded. It could have called `os.system`. And
# it needs no exception, no odd file name, no warning. `joblib.load` is no safer: it is a pickle with
# better handling of arrays.

# %%
import io

import joblib

joblib.load(io.BytesIO(b"cbuiltins\nprint\n(Vjoblib runs it too\ntR."))
# %% [markdown]
# So the order of work is the whole point: **everything that can be known without unpickling is checked
# first**. A check that comes after `joblib.load` comes too late.
#
# ## What a fingerprint can do
#
# SHA-256 turns any bytes into 64 hexadecimal digits. Change one bit of the file, and about half of the
# digest's 256 bits change. Let us count.

# %%
model_bytes = (artefact / metadata["model_file"]).read_bytes()
digest = hashlib.sha256(model_bytes)
print("same as in metadata.json:", digest.hexdigest() == metadata["sha256"])

flipped = bytearray(model_bytes)
flipped[len(flipped) // 2] ^= 1
other = hashlib.sha256(flipped)
print("one bit of the file flipped; digests equal:", other.digest() == digest.digest())

# %% tags=["nbval-ignore-output"]
different = (int(digest.hexdigest(), 16) ^ int(other.hexdigest(), 16)).bit_count()
print(f"bits of the digest that changed: {different} of 256")

# %% [markdown]
# Would scikit-learn have noticed the flipped bit by itself? Try it: flip one bit at forty places in
# a copy of the file, and see how often loading fails, how often it loads with other answers, and how
# often nothing can be seen. The forest is a small one, and the attempts run in processes of their own.

# %%
import numpy as np
from sklearn.ensemble import RandomForestClassifier

random = np.random.default_rng(0)
rows = random.uniform(0, 100, size=(300, 4))
forest = RandomForestClassifier(n_estimators=5, max_depth=6, random_state=0)
forest.fit(rows, rows[:, 0] + rows[:, 1] > 100)
expected = forest.predict_proba(rows)
whole = io.BytesIO()
joblib.dump(forest, whole)
whole = whole.getvalue()

# %% tags=["nbval-ignore-output"]
import subprocess

attempts = """
import io, pickle, sys, warnings
warnings.simplefilter("ignore")
import joblib, numpy as np, sklearn.ensemble
whole, rows, expected, first = pickle.load(sys.stdin.buffer)
for number in range(first, 40):
    random = np.random.default_rng(number)
    damaged = bytearray(whole)
    damaged[random.integers(len(damaged))] ^= 1 << int(random.integers(8))
    try:
        told = joblib.load(io.BytesIO(bytes(damaged))).predict_proba(rows)
        print("same answers" if np.array_equal(told, expected) else "other answers", flush=True)
    except BaseException:
        print("an error", flush=True)
"""
seen = []
while len(seen) < 40:
    task = pickle.dumps((whole, rows, expected, len(seen)))
    command = [sys.executable, "-c", attempts]
    try:
        ran = subprocess.run(command, input=task, capture_output=True, timeout=5, check=False)
        seen += [*ran.stdout.decode().splitlines(), *["the process died"] * bool(ran.returncode)]
    except subprocess.TimeoutExpired as late:
        seen += [*(late.stdout or b"").decode().splitlines(), "it never came back"]
kinds = ("an error", "the process died", "it never came back", "other answers", "same answers")
counts = {kind: seen.count(kind) for kind in kinds}
print(counts)

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(8, 2.6))
hatches = ["", "//", "..", "xx", "--"]
for place, count in enumerate(counts.values()):
    axes.barh(place, count, color="0.75", edgecolor="black", hatch=hatches[place])
    axes.text(count + 0.5, place, str(count), va="center")
axes.set_yticks(range(len(counts)), counts)
axes.set(
    title="One flipped bit in a model file: what loading it shows", xlabel="attempts out of 40"
)
plt.show()

# %% [markdown]
# An error, a dead process or an endless loop would be noticed, at the latest by the callers. `other
# answers` is a model that serves wrong probabilities with a status of 200. The SHA-256 catches every
# row of this plot.
#
# ## What a fingerprint cannot do
#
# It says that the file is the one `metadata.json` speaks of. Whoever can replace both can replace both.
# Against that help signatures and a store that only the training job may write to. And it says nothing
# of meaning. A model with two columns swapped has a perfect fingerprint.

# %%
names = metadata["feature_order"]
swapped = [names[1], names[0], *names[2:]]
print("as trained:", names[:2])
print("as served: ", swapped[:2])

# %% tags=["nbval-ignore-output"]
trained = joblib.load(artefact / metadata["model_file"])
customers = np.column_stack(
    [
        random.integers(0, 360, 500),
        random.integers(1, 40, 500),
        random.uniform(5, 900, 500),
        random.random(500),
    ]
).astype(float)
right = trained.predict_proba(customers)[:, 1]
wrong = trained.predict_proba(customers[:, [1, 0, 2, 3]])[:, 1]
changed = np.mean((right > 0.5) != (wrong > 0.5))
print(f"customers whose yes or no changes when two columns are swapped: {changed:.0%}")

# %% tags=["nbval-ignore-output"]
figure, axes = plt.subplots(figsize=(4.5, 4.5))
axes.plot(right, wrong, "o", markersize=4, markerfacecolor="none")
axes.plot([0, 1], [0, 1], linestyle="--", color="grey")
axes.set(
    title="The same customers, two columns swapped",
    xlabel="probability, columns as trained",
    ylabel="probability, two columns swapped",
)
plt.show()

# %% [markdown]
# No exception, no warning, a plausible number each time. That is why the loader compares the **order** of
# the features, not only their names.
#
# ## What the finished loader says
#
# Run the reference service on copies of the artefact, each wrong in one way, and read its first words.


# %% tags=["nbval-ignore-output"]
def refusal(change) -> str:
    """What `python -m churn_service` says of a copy of the artefact after `change(folder)`."""
    import os

    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(artefact, Path(place) / "model"))
        change(folder)
        ran = subprocess.run(
            [sys.executable, "-m", "churn_service", "--port", "0"],
            cwd=Path("..") / "solutions",
            env={**os.environ, "CHURN_MODEL_DIR": str(folder)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        told = (ran.stderr.strip() or "nothing").splitlines()[-1]
        return told.replace(str(folder), "model")[:300]


def tell(folder: Path, **members) -> None:
    told = json.loads((folder / "metadata.json").read_text(encoding="utf-8")) | members
    (folder / "metadata.json").write_text(json.dumps(told), encoding="utf-8")


changes = {
    "no metadata": lambda folder: (folder / "metadata.json").unlink(),
    "cut short": lambda folder: (folder / "model.joblib").write_bytes(model_bytes[:1000]),
    "columns swapped": lambda folder: tell(folder, feature_order=swapped),
    "older scikit-learn": lambda folder: tell(
        folder, library_versions=metadata["library_versions"] | {"scikit-learn": "1.2.0"}
    ),
}
for what, change in changes.items():
    print(f"{what}: {refusal(change)}\n")

# %% [markdown]
# ## Your exercise: `load-model`
#
# Open [`exercises/churn_service/model.py`](../exercises/churn_service/model.py). `read_metadata` is given.
# You write `load_model` and the one line of arithmetic in `ForestPredictor.predict_probability`. There is
# room for helper functions at the end of the file.
#
# The check makes a small real forest and then damages, replaces, reorders and relabels it. One of its
# model files is a trap: it leaves a mark on the disk when it is unpickled.

# %%
check("load-model")

# %%
hint("load-model")

# %% [markdown]
# ## What goes wrong in practice
#
# **The file is read twice.** Once to hash it, once more by `joblib.load(path)`. In between it can change:
# a deployment copies the next model into place while the old one is being loaded. Hash the bytes you load,
# load the bytes you hashed. How likely is it? The window is as long as the first read:

# %% tags=["nbval-ignore-output"]
import time

started = time.perf_counter()
hashlib.sha256((artefact / metadata["model_file"]).read_bytes()).hexdigest()
milliseconds = (time.perf_counter() - started) * 1000
print(f"{len(model_bytes) / 1e6:.1f} MB read and hashed in {milliseconds:.0f} ms")

# %% [markdown]
# - **The check comes second.** `model = joblib.load(path)` on the first line, the comparison of hashes on
#   the second. It reads well in review, and it is too late.
# - **The names are compared as a set.** `set(a) == set(b)` is true for swapped columns.
# - **The loader is lenient at start and strict at the first request.** A service that starts with a bad
#   model passes its deployment and fails its callers. Refuse at start; the old version goes on serving.
# - **The version is pinned nowhere.** scikit-learn's own documentation says that a pickle is to be loaded
#   with the version that wrote it, and that nothing is promised otherwise.

# %% [markdown]
# ## Further reading
#
# - Python's documentation of `pickle`: the warning at its top, and `__reduce__`.
# - scikit-learn User Guide, *Model persistence*: pickle, joblib, skops and ONNX, and what each trusts.
# - FIPS 180-4, *Secure Hash Standard*: what SHA-256 promises.
# - NIST SP 800-218, *Secure Software Development Framework*: integrity of released software.
#
# **Next:** [04 A Flask API](04_flask_api.ipynb), where the loaded model answers its first request.
