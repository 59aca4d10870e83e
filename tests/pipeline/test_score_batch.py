"""Scoring a whole customer base: the same answers as the service's predictor, and clear refusals."""

import importlib
import json
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"
RELEASE = SOLUTIONS / "model"
FEATURES = ["days_since_last_order", "total_orders", "lifetime_value", "email_open_rate"]


@pytest.fixture
def score_batch(monkeypatch):
    monkeypatch.syspath_prepend(str(SOLUTIONS))
    yield importlib.import_module("pipeline.score_batch")
    for name in [
        name for name in sys.modules if name.split(".")[0] in ("pipeline", "churn_service")
    ]:
        del sys.modules[name]


def customers(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(rows)
    return pd.DataFrame(
        {
            "customer_id": [f"C-{n}" for n in range(rows)],
            "days_since_last_order": rng.integers(0, 400, rows),
            "total_orders": rng.integers(1, 50, rows),
            "lifetime_value": rng.random(rows) * 900,
            "email_open_rate": rng.random(rows),
        }
    )


def parquet(frame: pd.DataFrame, file: Path) -> Path:
    duckdb.from_df(frame).write_parquet(str(file))
    return file


def test_every_customer_gets_the_services_answer_in_its_row(score_batch, tmp_path):
    onnx_model = importlib.import_module("churn_service.onnx_model")
    predictor_module = importlib.import_module("churn_service.predictor")
    frame = customers(250)
    score_batch.ROWS_PER_CHUNK = 64  # several chunks, the last one short

    count = score_batch.score_file(
        parquet(frame, tmp_path / "f.parquet"), RELEASE, tmp_path / "s.parquet"
    )

    scored = duckdb.read_parquet(str(tmp_path / "s.parquet")).df()
    predictor = onnx_model.load_onnx_model(RELEASE)
    asked = [predictor_module.Customer("C", *map(float, row)) for row in frame[FEATURES].to_numpy()]
    assert count == 250
    assert scored["customer_id"].tolist() == frame["customer_id"].tolist()
    assert scored["churn_probability"].tolist() == pytest.approx(
        predictor.predict_probabilities(asked)
    )
    version = json.loads((RELEASE / "metadata.json").read_text("utf-8"))["model_version"]
    assert set(scored["model_version"]) == {version}


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf")])
def test_a_missing_feature_is_refused_and_nothing_is_written(score_batch, tmp_path, nothing):
    frame = customers(5).astype({"lifetime_value": object})
    frame.loc[3, "lifetime_value"] = nothing
    frame["lifetime_value"] = frame["lifetime_value"].astype(
        "Float64" if nothing is None else float
    )
    file = parquet(frame, tmp_path / "f.parquet")

    with pytest.raises(score_batch.ScoringError, match="1 rows"):
        score_batch.score_file(file, RELEASE, tmp_path / "s.parquet")

    assert [path.name for path in tmp_path.iterdir()] == ["f.parquet"]


def test_no_customers_are_no_error(score_batch, tmp_path):
    file = parquet(customers(1).iloc[:0], tmp_path / "f.parquet")

    assert score_batch.score_file(file, RELEASE, tmp_path / "s.parquet") == 0


def test_what_cannot_be_scored_is_told_in_one_sentence(score_batch, tmp_path, capsys):
    file = parquet(customers(3), tmp_path / "f.parquet")
    (tmp_path / "other").mkdir()

    assert score_batch.main([str(tmp_path / "none.parquet"), "--out", str(tmp_path / "s")]) == 1
    assert score_batch.main([str(file), "--model", str(tmp_path / "other")]) == 1

    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2 and all(line.startswith("Error: ") for line in told)


def test_another_model_than_described_is_refused(score_batch, tmp_path):
    for file in RELEASE.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "model.onnx").write_bytes((tmp_path / "model.onnx").read_bytes() + b"x")

    with pytest.raises(score_batch.ScoringError, match="another model"):
        score_batch.load_session(tmp_path)
