"""Keep an order log in one DuckDB file, with a note of how it was made."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pandas as pd

from bookstore_model.errors import HandoverError
from bookstore_model.files import replacing_file
from bookstore_model.orders import OrderLog

DATA_FOLDER = Path(__file__).resolve().parents[1] / "data"
ORDERS_FILE = "bookstore.duckdb"

TABLES = """
CREATE TABLE orders (customer_id VARCHAR, ordered_at TIMESTAMP, amount_gbp DOUBLE);
CREATE TABLE emails (customer_id VARCHAR, sent_at TIMESTAMP, opened BOOLEAN);
CREATE TABLE origin (made_by VARCHAR);
"""


class OrdersError(HandoverError):
    """The orders cannot be read; the message says why and what to do."""


class OrdersInUseError(OrdersError):
    """Another process holds the file open for writing."""


def save_order_log(path: Path, log: OrderLog | Iterable[OrderLog], *, made_by: dict) -> None:
    """Write `log`, whole or in chunks, to a DuckDB file that takes the place of `path` at once.

    `made_by` is kept in the table `origin` as JSON; `load_origin` gives it back. A customer must
    not be spread over two chunks. A kill leaves the old file or the new one.
    """
    path = Path(path)
    chunks = [log] if isinstance(log, OrderLog) else log
    with replacing_file(path) as draft, duckdb.connect(str(draft)) as database:
        database.execute(TABLES)
        database.execute("INSERT INTO origin VALUES (?)", [json.dumps(made_by)])
        for chunk in chunks:
            _append(database, "orders", chunk.orders)
            _append(database, "emails", chunk.emails)
        database.execute("CHECKPOINT")  # fails loudly where closing would not
        # The journal of a notebook that still has the old file open must not be read into the new.
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def _append(database: duckdb.DuckDBPyConnection, table: str, rows: pd.DataFrame) -> None:
    database.register("chunk", rows)
    database.execute(f"INSERT INTO {table} SELECT {', '.join(rows.columns)} FROM chunk")
    database.unregister("chunk")


def load_order_log(path: Path) -> OrderLog:
    """The whole log. Raises OrdersError when there is none to read."""
    with open_orders(path) as database:
        return _read(database, "", [])


def iter_order_log(path: Path, *, customers_per_chunk: int = 50_000) -> Iterator[OrderLog]:
    """The log in chunks of whole customers, in order of customer_id, so that memory stays bounded.

    Raises OrdersError when there is no log to read.
    """
    with open_orders(path) as database:
        bounds = _chunk_bounds(database, customers_per_chunk)
        for first, after in zip(bounds, [*bounds[1:], None], strict=True):
            if after is None:
                yield _read(database, "WHERE customer_id >= ?", [first])
            else:
                yield _read(database, "WHERE customer_id >= ? AND customer_id < ?", [first, after])


def _chunk_bounds(database: duckdb.DuckDBPyConnection, customers_per_chunk: int) -> list[str]:
    """The first customer id of each chunk."""
    every_nth = """
        SELECT customer_id FROM (
            SELECT customer_id, row_number() OVER (ORDER BY customer_id) - 1 AS place
            FROM (SELECT DISTINCT customer_id FROM orders))
        WHERE place % ? = 0 ORDER BY customer_id"""
    return [row[0] for row in database.execute(every_nth, [customers_per_chunk]).fetchall()]


def _read(database: duckdb.DuckDBPyConnection, where: str, values: list) -> OrderLog:
    orders = f"SELECT * FROM orders {where} ORDER BY ALL"
    emails = f"SELECT * FROM emails {where} ORDER BY ALL"
    return OrderLog(
        orders=database.execute(orders, values).df(), emails=database.execute(emails, values).df()
    )


def load_origin(path: Path) -> dict:
    """How the log in `path` was made. Raises OrdersError when there is none to read."""
    with open_orders(path) as database:
        return json.loads(database.execute("SELECT made_by FROM origin").fetchone()[0])


def count_customers(path: Path) -> int:
    """How many customers have ordered. Raises OrdersError when there is no log to read."""
    with open_orders(path) as database:
        return database.execute("SELECT count(DISTINCT customer_id) FROM orders").fetchone()[0]


def load_time_range(path: Path) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The moments of the first and the last order. Raises OrdersError."""
    with open_orders(path) as database:
        first, last = database.execute(
            "SELECT min(ordered_at), max(ordered_at) FROM orders"
        ).fetchone()
    if first is None:
        raise OrdersError(f"{path} holds no orders.")
    return pd.Timestamp(first), pd.Timestamp(last)


def open_orders(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection. Raises OrdersError; OrdersInUseError while another process writes."""
    if not Path(path).exists():
        raise OrdersError(
            f"There are no orders at {path}; make them with `python -m bookstore_model generate`."
        )
    try:
        database = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise _explained(path, error) from error
    try:
        database.execute("SELECT made_by FROM origin LIMIT 0")
    except duckdb.Error as error:
        database.close()
        raise _explained(path, error) from error
    return database


def _explained(path: Path, error: duckdb.Error) -> OrdersError:
    reason = str(error).splitlines()[0]
    if "lock" in reason.lower() or "used by another process" in reason.lower():
        return OrdersInUseError(
            f"Another program has {path} open for writing; close that connection "
            "(shut down the notebook's kernel) and try again."
        )
    return OrdersError(
        f"{path} is not an order log that this course wrote ({reason}); "
        "delete it and run `python -m bookstore_model generate`."
    )
