"""Which artefacts are refused, with which sentence, and that none of them ran any code first."""

import json
import os
import pickle
import platform
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sklearn
from sklearn.ensemble import RandomForestClassifier

from .artefacts import FEATURES, draw_customers, pickled, save_artefact
from .serving import PROJECT, environment_for, free_port

LOAD_EACH = """
import json, sys
from pathlib import Path
from churn_service.model import ModelRefused, load_model
said = {}
for folder in sys.argv[1:]:
    try:
        said[folder] = load_model(Path(folder)).model_version
    except ModelRefused as refusal:
        said[folder] = f"refused: {refusal}"
print(json.dumps(said))
"""
VERSIONS = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scikit-learn": sklearn.__version__,
}
METADATA_CASES = {
    "format of the future": ({"format": 2}, "not an object of format 1"),
    "no digest": ({"sha256": None}, "no 'sha256'"),
    "digest of another file": ({"sha256": "0" * 64}, "SHA-256 of model.joblib"),
    "version a number": ({"model_version": 2}, "no 'model_version' that is a str"),
    "out of the folder": ({"model_file": "../model.joblib"}, "not a plain file name"),
    "out by a Windows path": ({"model_file": "..\\model.joblib"}, "not a plain file name"),
    "absolute": ({"model_file": "/etc/passwd"}, "not a plain file name"),
    "another drive": ({"model_file": "c:model.joblib"}, "not a plain file name"),
    "the folder itself": ({"model_file": ".."}, "not a plain file name"),
    "NUL in the name": ({"model_file": "model\0"}, "cannot be read"),
    "file not there": ({"model_file": "other.joblib"}, "other.joblib is missing"),
    "wrong order": ({"feature_order": FEATURES[::-1]}, "in another order than"),
    "one feature missing": ({"feature_order": FEATURES[:3]}, "are not the service's"),
    "one twice": ({"feature_order": [*FEATURES, FEATURES[0]]}, "are not the service's"),
    "one unknown": ({"feature_order": [*FEATURES[:3], "age"]}, "are not the service's"),
    "names no strings": ({"feature_order": [1, None, {}, []]}, "are not the service's"),
    "old numpy": ({"library_versions": VERSIONS | {"numpy": "1.26.4"}}, "needs numpy 1.26.4"),
    "no scikit-learn": (
        {"library_versions": {"python": sys.version.split()[0], "numpy": np.__version__}},
        "needs scikit-learn unknown",
    ),
    "another Python": ({"library_versions": VERSIONS | {"python": "2.7.18"}}, "python 2.7.18"),
}


class Canary:
    """Unpickled, it creates the file it was given: proof that code ran."""

    def __init__(self, file: Path):
        self.file = file

    def __reduce__(self):
        return os.mkdir, (str(self.file),)


def load_each(*folders: Path) -> list[str]:
    """Load the folders in one process of the reference; return a version or a refusal for each."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD_EACH, *map(str, folders)],
        cwd=PROJECT,
        capture_output=True,
        check=True,
        text=True,
    )
    return list(json.loads(done.stdout).values())


def assert_one_sentence(refusal: str) -> None:
    """A refusal is one line that ends in one full stop."""
    assert re.fullmatch(r"refused: [^\n]+[^.]\.", refusal), refusal


def test_what_metadata_claims_is_checked_before_anything_is_unpickled(tmp_path):
    ran = tmp_path / "code-ran"
    bomb = pickle.dumps(Canary(ran))
    folders = [
        save_artefact(tmp_path / str(number), bomb, **changes)
        for number, (changes, _) in enumerate(METADATA_CASES.values())
    ]

    refusals = load_each(*folders)

    for (_, expected), refusal in zip(METADATA_CASES.values(), refusals, strict=True):
        assert expected in refusal
        assert_one_sentence(refusal)
    assert not ran.exists()


def test_the_canary_does_run_when_its_digest_is_the_one_that_was_recorded(tmp_path):
    ran = tmp_path / "code-ran"

    (refusal,) = load_each(save_artefact(tmp_path / "model", pickle.dumps(Canary(ran))))

    assert ran.exists()  # so the canary of the other tests can sing
    assert "does not unpickle as a classifier" in refusal


def test_one_changed_byte_or_a_cut_is_refused_unread(forest, tmp_path):
    whole = pickled(forest)
    changed, cut = save_artefact(tmp_path / "a", whole), save_artefact(tmp_path / "b", whole)
    (changed / "model.joblib").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    (cut / "model.joblib").write_bytes(whole[: len(whole) // 2])

    for refusal in load_each(changed, cut):
        assert "SHA-256" in refusal
        assert_one_sentence(refusal)


def test_an_empty_folder_and_unreadable_metadata_are_refused(tmp_path):
    names = ["empty", "text", "list", "deep", "latin"]
    contents = [None, b"{", b"[]", b"[" * 100_000, b'"\xff"']
    for name, content in zip(names, contents, strict=True):
        (tmp_path / name).mkdir()
        if content is not None:
            (tmp_path / name / "metadata.json").write_bytes(content)

    refusals = load_each(*(tmp_path / name for name in names), tmp_path / "no-such-folder")

    for refusal in refusals:
        assert "metadata.json" in refusal
        assert_one_sentence(refusal)


def test_what_is_no_forest_of_four_features_and_two_classes_is_refused(tmp_path):
    customers, random = draw_customers(50, seed=1), np.random.default_rng(2)
    things = [
        {"not": "a model"},
        RandomForestClassifier(3),
        RandomForestClassifier(3).fit(customers[:, :3], random.integers(0, 2, 50)),
        RandomForestClassifier(3).fit(customers, random.integers(0, 3, 50)),
    ]
    folders = [
        save_artefact(tmp_path / str(number), pickled(thing)) for number, thing in enumerate(things)
    ]

    for refusal in load_each(*folders):
        assert "classifier" in refusal
        assert_one_sentence(refusal)


def test_patch_versions_may_differ(forest, tmp_path):
    versions = {
        "python": ".".join(map(str, sys.version_info[:2])) + ".99",
        "numpy": ".".join(np.__version__.split(".")[:2]) + ".99",
        "scikit-learn": "1.9.99",
    }

    assert load_each(save_artefact(tmp_path / "m", pickled(forest), library_versions=versions)) == [
        "v2"
    ]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "SHA-256"),
        ({"CHURN_PSEUDONYM_KEY": "short"}, "CHURN_PSEUDONYM_KEY"),
        ({"CHURN_MAX_BODY_BYTES": "many"}, "CHURN_MAX_BODY_BYTES"),
    ],
)
def test_a_service_that_cannot_start_says_why_in_one_line_and_exits_1(
    forest, tmp_path, environment, expected
):
    tampered = save_artefact(tmp_path / "model", pickled(forest), sha256="0" * 64)

    done = subprocess.run(
        [sys.executable, "-m", "churn_service", "--port", str(free_port())],
        cwd=PROJECT,
        env=environment_for(tampered) | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert expected in done.stderr


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", None), ("127.0.0.1", 99_999), ("no-such-host.invalid", 8000)]
)
def test_an_address_that_cannot_be_had_is_one_sentence_and_exit_status_1(service, host, port):
    port = port or service.port  # None: the one on which the running service listens

    done = subprocess.run(
        [sys.executable, "-m", "churn_service", "--host", host, "--port", str(port)],
        cwd=PROJECT,
        env=environment_for(service.model_dir),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"cannot listen on {host}:{port}" in done.stderr
