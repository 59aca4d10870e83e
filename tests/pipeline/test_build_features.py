"""The command that runs features.sql: what it writes, and the sentence it says when it cannot."""

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from bookstore_model.features import features_at
from bookstore_model.orders import generate_orders
from bookstore_model.store import save_order_log

CUTOFF = "2026-01-01"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Where 300 customers' orders are, and the orders themselves."""
    log = generate_orders(300, seed=5, today=date(2026, 3, 1))
    path = tmp_path_factory.mktemp("shop") / "bookstore.duckdb"
    save_order_log(path, log, made_by={"made_by": "a test"})
    return path, log


@pytest.fixture
def project(root, tmp_path) -> Path:
    """A copy of the reference's pipeline, to change."""
    return Path(shutil.copytree(root / "solutions" / "pipeline", tmp_path / "pipeline")).parent


def build(project: Path, *options: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pipeline.build_features", *map(str, options)]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def refused(run: subprocess.CompletedProcess, *words: str) -> None:
    assert run.returncode == 1
    assert run.stderr.startswith("Error: ")
    assert run.stderr.count("\n") == 1
    assert all(word in run.stderr for word in words), run.stderr


def test_the_parquet_file_holds_the_handovers_features(project, shop, tmp_path):
    path, log = shop
    out = tmp_path / "features.parquet"
    run = build(project, "--cutoff", CUTOFF, "--database", path, "--out", out)
    assert run.returncode == 0, run.stderr
    wanted = features_at(log.orders, log.emails, CUTOFF).reset_index()
    assert f"{len(wanted)} customers" in run.stdout
    pd.testing.assert_frame_equal(duckdb.read_parquet(str(out)).df(), wanted, check_dtype=False)


def test_a_missing_order_log_is_named(project, tmp_path):
    out = tmp_path / "features.parquet"
    missing = tmp_path / "none.duckdb"
    run = build(project, "--cutoff", CUTOFF, "--database", missing, "--out", out)
    refused(run, "none.duckdb", "--database")


def test_a_file_that_is_no_database_is_refused(project, tmp_path):
    other = tmp_path / "orders.duckdb"
    other.write_text("customer,date,amount\n")
    refused(build(project, "--cutoff", CUTOFF, "--database", other), "DuckDB")


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("-- nothing yet\n", "no query yet"),
        ("SELECT $cutoff; SELECT $cutoff", "one SELECT"),
        ("SELECT 1", "$cutoff"),
        ("SELECT $cutoff, $horizon", "no other"),
        ("SELEC $cutoff", "syntax error"),
        ("SELECT $cutoff FROM invoices", "invoices"),
    ],
)
def test_a_query_that_cannot_serve_is_refused_in_one_sentence(project, shop, query, word):
    (project / "pipeline" / "features.sql").write_text(query, encoding="utf-8")
    refused(build(project, "--cutoff", CUTOFF, "--database", shop[0]), word)


def test_an_earlier_file_survives_a_query_that_fails(project, shop, tmp_path):
    out = tmp_path / "features.parquet"
    out.write_bytes(b"from yesterday")
    (project / "pipeline" / "features.sql").write_text(
        "SELECT CASE WHEN count(*) > 0 THEN error('stop') END AS customer_id, $cutoff FROM orders",
        encoding="utf-8",
    )
    refused(build(project, "--cutoff", CUTOFF, "--database", shop[0], "--out", out), "stop")
    assert out.read_bytes() == b"from yesterday"
    assert {file.name for file in tmp_path.glob("features.parquet*")} == {"features.parquet"}


@pytest.mark.parametrize("cutoff", ["yesterday", "2026-13-01", "2026-01-01T00:00+01:00"])
def test_a_cutoff_that_is_no_moment_without_zone_is_wrong_usage(project, cutoff):
    run = build(project, "--cutoff", cutoff)
    assert run.returncode == 2
    assert "--cutoff" in run.stderr
