"""The folder that serving sees: complete, described, and never half written."""

import hashlib
import json
from datetime import UTC, datetime

import joblib
import numpy as np
import pytest
from killing import moments, run_and_kill

from bookstore_model import files
from bookstore_model.artefact import (
    ArtefactError,
    TrainingWindow,
    hash_file,
    library_versions,
    load_orders_origin,
    load_training_report,
    save_artefact,
)
from bookstore_model.files import repair_folder, replacing_folder
from bookstore_model.train import as_matrix

NOW = datetime(2026, 6, 30, 9, 0, tzinfo=UTC)
WINDOW = TrainingWindow("2024-07-02T00:31:57", "2026-01-01T00:00:00", "2026-04-01T00:00:00")

ENDLESS_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import numpy as np
from bookstore_model.artefact import TrainingWindow, save_artefact
print("ready", flush=True)
for seed in range(10**9):
    save_artefact(
        Path(sys.argv[1]), np.full(300_000, seed), training_window=TrainingWindow("a", "b", "c"),
        seed=seed, metrics={}, created_at=datetime.now(UTC), orders_origin={"seed": seed},
    )
"""


def save(folder, model, seed=3):
    return save_artefact(
        folder,
        model,
        training_window=WINDOW,
        seed=seed,
        metrics={"model": {"roc_auc": 0.9}, "baseline": {"roc_auc": 0.8}},
        created_at=NOW,
        orders_origin={"seed": seed},
    )


def test_metadata_has_exactly_the_keys_that_serving_reads(tmp_path):
    save(tmp_path / "model", {"any": "model"})
    metadata = json.loads((tmp_path / "model" / "metadata.json").read_text(encoding="utf-8"))
    content = (tmp_path / "model" / "model.joblib").read_bytes()
    assert metadata == {
        "format": 1,
        "model_version": "v2",
        "model_file": "model.joblib",
        "sha256": hashlib.sha256(content).hexdigest(),
        "feature_order": [
            "days_since_last_order",
            "total_orders",
            "lifetime_value",
            "email_open_rate",
        ],
        "training_window": {
            "first_order": "2024-07-02T00:31:57",
            "cutoff": "2026-01-01T00:00:00",
            "label_end": "2026-04-01T00:00:00",
        },
        "seed": 3,
        "metrics": {"model": {"roc_auc": 0.9}, "baseline": {"roc_auc": 0.8}},
        "library_versions": library_versions(),
        "created_at": "2026-06-30T09:00:00+00:00",
    }
    assert set(metadata["library_versions"]) == {"python", "numpy", "scikit-learn"}


def test_the_saved_model_predicts_as_before(small_run, tmp_path):
    save(tmp_path / "model", small_run.model)
    model = joblib.load(tmp_path / "model" / "model.joblib")
    churn = model.predict_proba(as_matrix(small_run.test.features))[:, 1]
    assert np.array_equal(churn, small_run.probabilities["model"])


def test_the_same_model_gives_the_same_file(small_run, tmp_path):
    one, other = (save(tmp_path / name, small_run.model) for name in ("one", "other"))
    assert one["sha256"] == other["sha256"]


def test_a_new_artefact_takes_the_place_of_the_old_and_leaves_no_litter(tmp_path):
    folder = tmp_path / "model"
    save(folder, "old", seed=1)
    (folder / "stray.txt").write_text("left by somebody")
    save(folder, "new", seed=2)
    assert load_training_report(folder)["seed"] == 2
    assert load_orders_origin(folder) == {"seed": 2}
    assert sorted(path.name for path in tmp_path.iterdir()) == [".model.lock", "model"]
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["metadata.json", "model.joblib", "orders.json"]


def test_where_folders_cannot_be_exchanged_two_renames_do(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_exchange", lambda one, other: False)
    test_a_new_artefact_takes_the_place_of_the_old_and_leaves_no_litter(tmp_path)


def test_a_swap_killed_between_two_renames_is_repaired(tmp_path):
    folder = tmp_path / "model"
    save(folder, "old", seed=1)
    folder.rename(tmp_path / ".model.old")
    (tmp_path / ".model.new").mkdir()
    repair_folder(folder)
    assert load_training_report(folder)["seed"] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [".model.lock", "model"]


def test_a_swap_killed_before_the_old_folder_was_removed_keeps_the_new(tmp_path):
    folder = tmp_path / "model"
    save(folder, "new", seed=2)
    save(tmp_path / "other", "old", seed=1)
    (tmp_path / "other").rename(tmp_path / ".model.old")
    repair_folder(folder)
    assert load_training_report(folder)["seed"] == 2
    assert not (tmp_path / ".model.old").exists()


def test_a_failed_write_leaves_the_old_artefact(tmp_path):
    save(tmp_path / "model", "old", seed=1)
    with pytest.raises(RuntimeError), replacing_folder(tmp_path / "model") as draft:
        (draft / "model.joblib").write_text("half")
        raise RuntimeError
    assert load_training_report(tmp_path / "model")["seed"] == 1


@pytest.mark.parametrize("exchanges", [True, False])
def test_a_killed_save_leaves_a_whole_artefact(tmp_path, exchanges):
    folder = tmp_path / "model"
    save(folder, "old", seed=-1)
    script = ENDLESS_WRITER
    if not exchanges:
        script = f"from bookstore_model import files\nfiles._exchange = lambda *_: False\n{script}"
    for seconds in moments(5, longest_seconds=0.4, seed=2):
        assert run_and_kill(["-c", script, str(folder)], after_seconds=seconds)
        if not (exchanges and files.sys.platform == "linux"):
            repair_folder(folder)
        seed = load_training_report(folder)["seed"]
        assert load_orders_origin(folder) == {"seed": seed}
        model = joblib.load(folder / "model.joblib")
        assert model == "old" if seed == -1 else (model == seed).all()


def test_a_model_file_that_was_changed_is_noticed(tmp_path):
    save(tmp_path / "model", "model")
    path = tmp_path / "model" / "model.joblib"
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(ArtefactError, match=r"model\.joblib is not the file that metadata\.json"):
        load_training_report(tmp_path / "model")


@pytest.mark.parametrize("name", ["metadata.json", "model.joblib"])
def test_a_missing_file_is_named(tmp_path, name):
    save(tmp_path / "model", "model")
    (tmp_path / "model" / name).unlink()
    with pytest.raises(ArtefactError, match=name):
        load_training_report(tmp_path / "model")


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_metadata_that_is_no_json_object_is_refused(tmp_path, text):
    save(tmp_path / "model", "model")
    (tmp_path / "model" / "metadata.json").write_text(text)
    with pytest.raises(ArtefactError, match=r"metadata\.json"):
        load_training_report(tmp_path / "model")


def test_hash_file_is_sha256_of_the_bytes(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"BookStore" * 100_000)
    assert hash_file(path) == hashlib.sha256(b"BookStore" * 100_000).hexdigest()
