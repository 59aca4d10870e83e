"""The release: made from the handover, kept while it is current, and nothing that must not be served."""

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS, DATA = ROOT / "solutions", ROOT / "data"


def release(*options: str, data: Path = DATA) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pipeline.release", "--data", str(data), *options]
    return subprocess.run(command, cwd=SOLUTIONS, capture_output=True, text=True, timeout=120)


def metadata_of(folder: Path) -> dict:
    return json.loads((folder / "metadata.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def released(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "model"
    made = release("--out", str(folder))
    assert made.returncode == 0, made.stderr
    return folder


def test_it_comes_from_the_handover_and_agrees_with_its_source_everywhere(released):
    metadata, handover = metadata_of(released), metadata_of(DATA / "model")

    assert metadata["made_from"]["sha256"] == handover["sha256"]
    assert metadata["model_version"] == f"{handover['model_version']}-small"
    assert metadata["parity"]["apart"] == 0
    assert metadata["parity"]["rows"] > handover["metrics"]["model"]["customers"]
    assert metadata["auc_loss"]["low"] <= metadata["auc_loss"]["estimate"]
    assert metadata["auc_loss"]["estimate"] <= metadata["auc_loss"]["high"]
    assert (released / "model.onnx").stat().st_size < (
        DATA / "model/model.joblib"
    ).stat().st_size / 20


def test_the_service_loads_it(released, monkeypatch):
    monkeypatch.syspath_prepend(str(SOLUTIONS))
    predictor = importlib.import_module("churn_service.wsgi").load_predictor(released)

    assert predictor.model_version == metadata_of(released)["model_version"]


def test_a_current_release_is_left_alone_and_a_damaged_one_made_again(released):
    before = (released / "metadata.json").stat().st_mtime_ns
    assert release("--out", str(released)).stdout == ""
    assert (released / "metadata.json").stat().st_mtime_ns == before

    (released / "model.onnx").write_bytes(b"cut short")
    assert release("--out", str(released)).returncode == 0
    assert (released / "model.onnx").stat().st_size > 1000


def test_a_changed_handover_is_never_unpickled(tmp_path):
    shutil.copytree(DATA, tmp_path / "data")
    (tmp_path / "data/model/model.joblib").write_bytes(b"something else")

    refused = release("--out", str(tmp_path / "model"), data=tmp_path / "data")

    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: ") and "SHA-256" in refused.stderr
    assert not (tmp_path / "model").exists()
