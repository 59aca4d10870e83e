"""The commands, as a user meets them."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
from killing import ROOT, moments, run_and_kill
from typer.testing import CliRunner

from bookstore_model.artefact import load_training_report
from bookstore_model.cli import app
from bookstore_model.features import features_at
from bookstore_model.store import load_order_log, load_origin
from bookstore_model.train import as_matrix


def run(*arguments: str, code: int = 0) -> str:
    """Run a command in this process; its whole output."""
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def data(tmp_path) -> Path:
    return tmp_path / "data"


def prepare(data: Path, *more: str) -> str:
    return run("prepare", "--data", str(data), "--customers", "1000", *more)


def test_prepare_makes_orders_and_model(data):
    assert "(generated, trained)" in prepare(data)
    assert load_origin(data / "bookstore.duckdb")["customers"] == 1000
    assert load_training_report(data / "model")["model_version"] == "v2"


def test_prepare_repeats_nothing_that_is_done(data):
    prepare(data)
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*") if path.is_file()}
    assert "(nothing to do)" in run("prepare", "--data", str(data))
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*") if path.is_file()} == before


def test_prepare_trains_again_when_the_orders_changed(data):
    prepare(data)
    run("generate", "--data", str(data), "--customers", "1000", "--seed", "5")
    assert "(trained)" in run("prepare", "--data", str(data))


def test_prepare_trains_again_when_the_libraries_changed(data):
    prepare(data)
    path = data / "model" / "metadata.json"
    metadata = json.loads(path.read_text(encoding="utf-8"))
    metadata["library_versions"]["scikit-learn"] = "0.1"
    path.write_text(json.dumps(metadata), encoding="utf-8")
    assert "(trained)" in prepare(data)


def test_prepare_replaces_orders_other_than_those_asked_for(data):
    prepare(data)
    assert "(generated, trained)" in prepare(data, "--seed", "9")


@pytest.mark.parametrize("spoilt", ["bookstore.duckdb", "model/model.joblib"])
def test_prepare_mends_what_was_truncated(data, spoilt):
    prepare(data)
    before = load_training_report(data / "model")
    content = (data / spoilt).read_bytes()
    (data / spoilt).write_bytes(content[: len(content) // 100])
    prepare(data)
    assert load_training_report(data / "model")["sha256"] == before["sha256"]
    assert load_order_log(data / "bookstore.duckdb").orders["customer_id"].nunique() == 1000


def test_prepare_killed_at_any_moment_is_finished_by_the_next_run(data, tmp_path):
    command = ["-u", "-c", "print(flush=True); from bookstore_model.cli import main; main()"]
    command += ["prepare", "--data", str(data), "--customers", "6000"]
    for seconds in moments(5, longest_seconds=2.0, seed=3):
        run_and_kill(command, after_seconds=seconds)
    run("prepare", "--data", str(data), "--customers", "6000")
    run("prepare", "--data", str(tmp_path / "fresh"), "--customers", "6000")
    killed, fresh = (
        load_training_report(folder / "model") for folder in (data, tmp_path / "fresh")
    )
    assert killed["sha256"] == fresh["sha256"]
    assert sorted(path.name for path in data.iterdir() if not path.name.endswith(".lock")) == [
        "bookstore.duckdb",
        "model",
    ]


def test_train_shows_the_scores_beside_the_baseline_and_writes_plots(data, tmp_path):
    run("generate", "--data", str(data), "--customers", "1000")
    plots, model = tmp_path / "plots", tmp_path / "elsewhere"
    output = run("train", "--data", str(data), "--out", str(model), "--plots", str(plots))
    assert "ROC AUC" in output
    assert "baseline" in output
    assert "Learned from customers as of 2026-01-01" in output
    assert len(list(plots.glob("*.png"))) == 5
    assert load_training_report(model)["training_window"]["label_end"] == "2026-04-01T00:00:00"


def test_train_without_orders_says_how_to_make_them(data):
    assert "bookstore_model generate" in run("train", "--data", str(data), code=1)


def test_train_on_a_short_log_says_how_many_days_are_needed(data):
    run("generate", "--data", str(data), "--customers", "50", "--weeks", "20")
    assert "days; training needs 270" in run("train", "--data", str(data), code=1)


def test_evaluate_without_a_model_says_how_to_make_one(data):
    assert "bookstore_model train" in run("evaluate", "--data", str(data), code=1)


@pytest.mark.parametrize(
    "arguments",
    [["generate", "--customers", "0"], ["train", "--seed", "-1"], ["generate", "--today", "soon"]],
)
def test_wrong_usage_leaves_with_exit_code_2(data, arguments):
    run(*arguments, "--data", str(data), code=2)
    assert not data.exists()


def test_an_error_is_one_sentence_on_stderr_without_a_traceback(data):
    command = [sys.executable, "-m", "bookstore_model", "train", "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: There are no orders at")
    assert "Traceback" not in done.stderr


def test_a_data_folder_that_is_a_file_is_reported(tmp_path):
    (tmp_path / "data").write_text("not a folder")
    assert "Error: " in run("generate", "--data", str(tmp_path / "data"), code=1)


def cdnow_orders() -> Path:
    """CDNOW's order log, where the package `lifetimes` keeps it."""
    package = importlib.util.find_spec("lifetimes")
    return Path(package.submodule_search_locations[0]) / "datasets" / "CDNOW_master.txt"


def test_a_real_order_log_imports_trains_and_evaluates(data):
    output = run("import", str(cdnow_orders()), "--data", str(data))
    assert "69,579 rows accepted, 80 refused" in output
    lines = cdnow_orders().read_text(encoding="utf-8").splitlines()
    refused = (data / "import_refused.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert all(lines[int(row.split(",")[1]) - 1].endswith(" 0.00") for row in refused)

    assert "as of 1998-01-02" in run("train", "--data", str(data))
    assert "tested on 23,502 customers as of 1998-04-02" in run("evaluate", "--data", str(data))

    log = load_order_log(data / "bookstore.duckdb")
    features = features_at(log.orders, log.emails, "1998-04-02")
    assert set(features["email_open_rate"]) == {0.0}
    churn = joblib.load(data / "model" / "model.joblib").predict_proba(as_matrix(features))[:, 1]
    assert len(np.unique(churn)) > 10
    assert load_training_report(data / "model")["metrics"]["model"]["roc_auc"] > 0.6


def test_prepare_keeps_imported_orders_and_trains_on_them(data, tmp_path, small_log):
    small_log.orders.to_csv(tmp_path / "shop.csv", index=False)
    run("import", str(tmp_path / "shop.csv"), "--data", str(data))
    assert "(trained)" in run("prepare", "--data", str(data))
    assert load_origin(data / "bookstore.duckdb")["orders_file"] == "shop.csv"
    assert "holds orders imported from shop.csv" in run(
        "prepare", "--data", str(data), "--customers", "9", code=1
    )


def test_an_exported_shop_imports_to_the_same_features(data, tmp_path, small_log):
    small_log.orders.to_csv(tmp_path / "shop.csv", index=False)
    small_log.emails.to_csv(tmp_path / "mail.csv", index=False)
    files = [str(tmp_path / "shop.csv"), "--emails", str(tmp_path / "mail.csv")]
    run("import", *files, "--data", str(data))
    log = load_order_log(data / "bookstore.duckdb")
    exported = features_at(small_log.orders, small_log.emails, "2026-04-01")
    assert features_at(log.orders, log.emails, "2026-04-01").equals(exported)


def test_a_refused_import_leaves_the_orders_as_they_were(data, tmp_path):
    prepare(data)
    (tmp_path / "shop.csv").write_text("customer_id,date,amount\nann,2026-03-04,0\n")
    assert "Error: shop.csv has no usable row" in run(
        "import", str(tmp_path / "shop.csv"), "--data", str(data), code=1
    )
    assert load_origin(data / "bookstore.duckdb")["made_by"] == "generate"


def test_importing_every_module_does_nothing(tmp_path):
    modules = sorted(path.stem for path in (ROOT / "bookstore_model").glob("*.py"))
    names = ", ".join(f"bookstore_model.{name}" for name in modules if name != "__init__")
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {names}"
    script += "; assert 'matplotlib.pyplot' not in sys.modules"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
