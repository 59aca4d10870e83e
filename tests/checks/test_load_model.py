"""What `load_model` must accept, and what it must refuse before it unpickles a single byte."""

import contextlib
import hashlib
import json
import os
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

PROBE = Path(__file__).parent / "probes" / "artefacts.py"
COURSE = Path(__file__).resolve().parents[2]


@pytest.fixture
def kept(reference, shared_folder) -> Path:
    """A small real artefact, made once for this machine's library versions, with what it predicts."""
    made_with = [platform.python_version(), version("numpy"), version("scikit-learn")]
    sources = PROBE.read_bytes() + (COURSE / "bookstore_model" / "artefact.py").read_bytes()
    kept = shared_folder / "-".join(
        ["artefact", *made_with, hashlib.sha256(sources).hexdigest()[:8]]
    )
    if not kept.exists():
        made = kept.with_name(f"{kept.name}.{os.getpid()}")
        training = reference.probe(PROBE, "make_artefact", str(made), said="training")
        training.equals(None, look="the training of the course's own model")
        with contextlib.suppress(OSError):  # another check may have made it meanwhile
            made.rename(kept)
    return kept


@pytest.fixture
def artefact(kept, tmp_path) -> Path:
    """A copy of the artefact for the learner's loader, without the predictions that are expected of it."""
    hidden = shutil.ignore_patterns("told.json", "quiet.json")
    return Path(shutil.copytree(kept, tmp_path / "model", ignore=hidden))


def change(folder: Path, **members) -> None:
    """Changes members of metadata.json; the SHA-256 follows the model file unless it is given."""
    file = folder / "metadata.json"
    metadata = json.loads(file.read_text("utf-8"))
    model = folder / metadata["model_file"]
    file.write_text(json.dumps(metadata | {"sha256": sha256(model)} | members), encoding="utf-8")


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def flipped(content: bytes, place: int, bit: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


def set_trap(folder: Path) -> Path:
    """Replaces the model by a pickle that makes a folder when it is unpickled; returns that folder."""
    sprung = folder.parent / "sprung"
    (folder / "model.joblib").write_bytes(f"cos\nmkdir\n(V{sprung}\ntR.".encode())
    return sprung


def not_sprung(answer, sprung: Path, *, look: str) -> None:
    """The trap must not have been sprung."""
    if sprung.exists():
        got = "The model file was unpickled, and the code in it ran"
        raise answer.fails(got, "ModelRefused is raised before that", look)


def load(project, folder: Path, rows=(), *, said: str):
    return project.probe(PROBE, "load_and_predict", str(folder), list(rows), said=said)


def refused(project, folder: Path, *words: str, said: str, look: str) -> None:
    """Loading must raise ModelRefused with one of the words in its message."""
    answer = load(project, folder, said=said)
    if not answer.error:
        raise answer.fails("It returned a predictor", "it raises ModelRefused", look)
    message = answer.raises("ModelRefused", look=look)
    if words and not any(word in message.lower() for word in words):
        answer.raises("ModelRefused", saying=words[0], look="the message: it must name the cause")


def test_a_good_artefact_predicts(project, kept, artefact, rng):
    """A good artefact loads, and predicts what the forest predicts"""
    told = json.loads((kept / "told.json").read_text("utf-8"))
    chosen, name = rng.sample(told, 20), f"v{rng.randint(3, 999)}"
    change(artefact, model_version=name)
    answer = load(
        project, artefact, [row for row, _ in chosen], said="load_model(folder) and 20 predictions"
    )
    expected = {
        "version": name,
        "probabilities": [probability for _, probability in chosen],
        "types": ["float"],
        "n_jobs": 1,
    }
    answer.equals(
        expected,
        tolerance=1e-12,
        look="the order of the four numbers in the row, the column of class 1, the metadata's "
        "version, and the cores the forest predicts on",
    )


def test_a_changed_file_is_refused_before_it_is_unpickled(project, artefact):
    """A model file that is not the one that was trained is never unpickled"""
    sprung = set_trap(artefact)
    answer = load(project, artefact, said="load_model(folder), where the model file was replaced")
    not_sprung(answer, sprung, look="the order: unpickling runs the file's code, so it comes last")
    answer.raises("ModelRefused", look="the SHA-256 of the bytes against the one in metadata.json")


def test_a_damaged_file_is_refused(project, kept, artefact, rng):
    """One flipped bit, or a file cut short, is refused with its cause"""
    file = artefact / "model.joblib"
    whole = file.read_bytes()
    half = len(whole) // 2
    quiet = json.loads((kept / "quiet.json").read_text("utf-8"))
    damages = {
        f"bit flipped in byte {place}": flipped(whole, place, rng.randrange(8))
        for place in (rng.choice(quiet), rng.randrange(half, len(whole)))
    }
    damages["file cut in half"] = whole[:half]
    causes = ("sha", "hash", "digest", "checksum", "changed", "tamper", "corrupt", "truncat")
    for what, content in damages.items():
        file.write_bytes(content)
        look = "every byte of the file goes into the SHA-256"
        refused(project, artefact, *causes, said=f"load_model(folder), {what}", look=look)


def test_what_is_missing_is_named(project, artefact):
    """A missing folder, metadata.json or model file is refused by name"""
    look = "what reading raises becomes a ModelRefused that names the file"
    (artefact / "model.joblib").rename(artefact / "elsewhere")
    said = "load_model(folder) without the model file"
    refused(project, artefact, "model.joblib", said=said, look=look)
    (artefact / "metadata.json").unlink()
    said = "load_model(folder) without metadata.json"
    refused(project, artefact, "metadata.json", said=said, look=look)
    said = "load_model(folder) of a folder that does not exist"
    refused(project, artefact.parent / "nowhere", said=said, look=look)


def test_another_feature_order_is_refused_before_unpickling(project, artefact, rng):
    """Features in another order, missing, twice or unknown are refused"""
    names = json.loads((artefact / "metadata.json").read_text("utf-8"))["feature_order"]
    swapped = [names[1], names[0], *names[2:]]
    for wrong in (
        swapped,
        names[::-1],
        names[:3],
        [*names, names[0]],
        [*names[:3], "shoe_size"],
        [],
    ):
        change(artefact, feature_order=wrong)
        refused(
            project,
            artefact,
            "feature",
            "order",
            said=f"load_model(folder) with feature_order {wrong}",
            look="swapped columns give wrong answers without any error: compare names and places",
        )
    sprung = set_trap(artefact)
    change(artefact, feature_order=swapped)
    answer = load(project, artefact, said="load_model(folder), wrong feature order")
    not_sprung(answer, sprung, look="the feature order is known before the file is unpickled")
    answer.raises("ModelRefused", look="the feature order")


def test_other_library_versions_are_refused_before_unpickling(project, artefact):
    """A model trained with another Python, numpy or scikit-learn is refused"""
    running = {"python": platform.python_version(), "numpy": version("numpy")}
    running |= {"scikit-learn": version("scikit-learn")}
    for library in running:
        for there in ("0.9.1", "99.0.0", 3, None):
            versions = {name: v for name, v in running.items() if name != library}
            change(artefact, library_versions=versions | ({library: there} if there else {}))
            refused(
                project,
                artefact,
                library,
                said=f"load_model(folder), {library} was {there} when it was trained",
                look="a pickle of other versions may load and predict something else",
            )
    major, minor, *_ = running["python"].split(".")
    change(artefact, library_versions=running | {"python": f"{major}.{minor}.99"})
    load(
        project, artefact, said="load_model(folder), Python differs in the last number only"
    ).equals(
        {"version": "v2", "probabilities": [], "types": [], "n_jobs": 1},
        look="major and minor version must agree; the third number may differ",
        as_text="it returns a predictor",
    )


def test_the_model_file_stays_in_its_folder(project, artefact):
    """A model_file that leads out of the folder is refused"""
    outside = artefact.parent / "outside.joblib"
    shutil.copy(artefact / "model.joblib", outside)
    for name in ("../outside.joblib", str(outside), "..", ""):
        change(artefact, sha256=sha256(outside))
        metadata = json.loads((artefact / "metadata.json").read_text("utf-8"))
        (artefact / "metadata.json").write_text(json.dumps(metadata | {"model_file": name}))
        said = f"load_model(folder) with model_file {name!r}"
        refused(project, artefact, said=said, look="metadata.json may name a plain file name only")
        change_back = metadata | {"model_file": "model.joblib"}
        (artefact / "metadata.json").write_text(json.dumps(change_back))
    (artefact / "folder").mkdir()
    for name in ("folder", "model\0.joblib"):
        change(artefact, sha256="0" * 64)
        metadata = json.loads((artefact / "metadata.json").read_text("utf-8"))
        (artefact / "metadata.json").write_text(json.dumps(metadata | {"model_file": name}))
        said = f"load_model(folder) with model_file {name!r}"
        look = "what reading the file raises: a folder and a name with a NUL cannot be read either"
        refused(project, artefact, said=said, look=look)
        (artefact / "metadata.json").write_text(json.dumps(metadata))


def test_what_unpickles_as_something_else_is_refused(project, artefact, rng):
    """A file with the right SHA-256 that is no forest is refused"""
    file = artefact / "model.joblib"
    for what, content in (
        ("a pickled dict", b"\x80\x04}\x94\x8c\x01a\x94K\x01s."),
        ("no pickle at all", rng.randbytes(500)),
    ):
        file.write_bytes(content)
        change(artefact)
        said = f"load_model(folder), where the model file is {what}"
        refused(project, artefact, said=said, look="what joblib.load raises, and what it returns")
    for what in ("three features", "classes 1 and 2", "a regressor", "no probabilities"):
        shutil.copy(artefact / f"{what}.joblib", file)
        change(artefact)
        said = f"load_model(folder), where the model file is a model with {what}"
        if what == "a regressor":
            said = "load_model(folder), where the model file is a regressor"
        look = "what was unpickled: its classes, its number of features, whether it gives probabilities"
        refused(project, artefact, said=said, look=look)


def test_the_bytes_that_were_checked_are_the_bytes_that_are_loaded(project, artefact):
    """The model file is read once"""
    said = "load_model(folder), counting how often the model file is opened"
    answer = project.probe(PROBE, "count_opens", str(artefact), "model.joblib", said=said)
    answer.equals(
        1, look="between two reads the file can be replaced: unpickle the bytes you hashed"
    )
