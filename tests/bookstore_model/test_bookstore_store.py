"""Orders in DuckDB: what goes in comes out, and a kill never leaves half a file."""

import subprocess
import sys

import duckdb
import pandas as pd
import pytest
from killing import moments, run_and_kill

from bookstore_model.files import replacing_file
from bookstore_model.orders import generate_orders
from bookstore_model.store import (
    OrdersError,
    OrdersInUseError,
    count_customers,
    iter_order_log,
    load_order_log,
    load_origin,
    load_time_range,
    save_order_log,
)

ENDLESS_WRITER = """
import sys
from datetime import date
from pathlib import Path
from bookstore_model.orders import iter_orders
from bookstore_model.store import save_order_log
print("ready", flush=True)
for seed in range(10**9):
    logs = iter_orders(400, seed=seed, today=date(2026, 6, 30))
    save_order_log(Path(sys.argv[1]), logs, made_by={"seed": seed})
"""
OPEN_FOR_WRITING = """
import sys, duckdb
database = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bookstore.duckdb"


def test_a_saved_log_loads_unchanged(small_log, path):
    save_order_log(path, small_log, made_by={"made_by": "test"})
    loaded = load_order_log(path)
    pd.testing.assert_frame_equal(loaded.orders, small_log.orders)
    pd.testing.assert_frame_equal(loaded.emails, small_log.emails)
    assert load_origin(path) == {"made_by": "test"}


def test_tables_have_the_columns_and_types_that_learners_query(small_log, path):
    save_order_log(path, small_log, made_by={})
    with duckdb.connect(str(path), read_only=True) as database:
        orders = database.execute(
            "SELECT column_name, column_type FROM (DESCRIBE orders)"
        ).fetchall()
        emails = database.execute(
            "SELECT column_name, column_type FROM (DESCRIBE emails)"
        ).fetchall()
    assert orders == [
        ("customer_id", "VARCHAR"),
        ("ordered_at", "TIMESTAMP"),
        ("amount_gbp", "DOUBLE"),
    ]
    assert emails == [("customer_id", "VARCHAR"), ("sent_at", "TIMESTAMP"), ("opened", "BOOLEAN")]


def test_chunks_hold_whole_customers_and_together_the_whole_log(small_log, path):
    save_order_log(path, small_log, made_by={})
    chunks = list(iter_order_log(path, customers_per_chunk=400))
    assert [chunk.orders["customer_id"].nunique() for chunk in chunks] == [400, 400, 400, 300]
    orders = pd.concat([chunk.orders for chunk in chunks], ignore_index=True)
    emails = pd.concat([chunk.emails for chunk in chunks], ignore_index=True)
    pd.testing.assert_frame_equal(orders, small_log.orders)
    pd.testing.assert_frame_equal(emails, small_log.emails)


def test_counts_and_time_range_are_those_of_the_log(small_log, path):
    save_order_log(path, small_log, made_by={})
    ordered_at = small_log.orders["ordered_at"]
    assert count_customers(path) == 1_500
    assert load_time_range(path) == (ordered_at.min(), ordered_at.max())


def test_missing_orders_are_reported_with_the_command_that_makes_them(path):
    with pytest.raises(OrdersError, match=r"no orders at .*bookstore_model generate"):
        load_order_log(path)


@pytest.mark.parametrize("content", [b"", b"not a database", b"\0" * 20_000])
def test_a_file_that_is_no_order_log_is_reported_as_such(path, content):
    path.write_bytes(content)
    with pytest.raises(OrdersError, match="is not an order log that this course wrote"):
        load_origin(path)


def test_orders_open_for_writing_elsewhere_are_reported_as_in_use(small_log, path):
    save_order_log(path, small_log, made_by={})
    command = [sys.executable, "-c", OPEN_FOR_WRITING, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        writer.stdout.readline()
        with pytest.raises(OrdersInUseError, match="Another program has"):
            load_origin(path)
        writer.stdin.close()


def test_a_failed_save_leaves_the_old_log_and_no_litter(small_log, path):
    def breaking_off():
        yield generate_orders(10, seed=1, today=small_log.orders["ordered_at"].max().date())
        raise RuntimeError("the generator broke")

    save_order_log(path, small_log, made_by={"made_by": "old"})
    with pytest.raises(RuntimeError, match="the generator broke"):
        save_order_log(path, breaking_off(), made_by={"made_by": "new"})
    assert load_origin(path) == {"made_by": "old"}
    assert sorted(file.name for file in path.parent.iterdir()) == [
        ".bookstore.duckdb.lock",
        "bookstore.duckdb",
    ]


def test_a_killed_save_leaves_a_whole_log(small_log, path):
    save_order_log(path, small_log, made_by={"made_by": "old"})
    for seconds in moments(5, longest_seconds=0.5, seed=1):
        assert run_and_kill(["-c", ENDLESS_WRITER, str(path)], after_seconds=seconds)
        origin, log = load_origin(path), load_order_log(path)
        if origin == {"made_by": "old"}:
            pd.testing.assert_frame_equal(log.orders, small_log.orders)
        else:
            expected = generate_orders(400, seed=origin["seed"], today=pd.Timestamp("2026-06-30"))
            pd.testing.assert_frame_equal(log.orders, expected.orders)
            pd.testing.assert_frame_equal(log.emails, expected.emails)


def test_what_a_killed_save_left_does_not_reach_the_next_log(small_log, path):
    path.with_name("bookstore.duckdb.new").write_bytes(b"half a database")
    path.with_name("bookstore.duckdb.new.wal").write_bytes(b"half a journal")
    save_order_log(path, small_log, made_by={})
    pd.testing.assert_frame_equal(load_order_log(path).orders, small_log.orders)


def test_a_log_saved_in_any_order_loads_sorted_by_customer_and_time(small_log, path):
    shuffled = type(small_log)(
        small_log.orders.sample(frac=1, random_state=1),
        small_log.emails.sample(frac=1, random_state=1),
    )
    save_order_log(path, shuffled, made_by={})
    pd.testing.assert_frame_equal(load_order_log(path).orders, small_log.orders)
    pd.testing.assert_frame_equal(load_order_log(path).emails, small_log.emails)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not replace an open file")
def test_a_file_is_replaced_and_never_written_into(tmp_path):
    target = tmp_path / "orders"
    target.write_text("old")
    with target.open() as reader:
        with replacing_file(target) as draft:
            draft.write_text("new")
            assert target.read_text() == "old"
        assert reader.read() == "old"
    assert target.read_text() == "new"
