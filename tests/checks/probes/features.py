"""Runs beside the project: puts rows into an empty DuckDB, runs the learner's query, returns rows.

The database lives in memory, may not touch a file or the network, and cannot be told otherwise.
`handover_features` computes the same in pandas, with the data scientist's own code. Times travel as
text, `2026-01-01 00:00:00.000001`.
"""

from datetime import datetime
from pathlib import Path

QUERY = Path("pipeline") / "features.sql"
TABLES = """
CREATE TABLE orders (customer_id VARCHAR, ordered_at TIMESTAMP, amount_gbp DOUBLE);
CREATE TABLE emails (customer_id VARCHAR, sent_at TIMESTAMP, opened BOOLEAN);
"""
FILL = "INSERT INTO {} SELECT unnest($ids), unnest($times)::TIMESTAMP, unnest($values)"
SETTINGS = (
    "SET TimeZone = 'Europe/London'",
    "SET python_enable_replacements = false",
    "SET threads = 1",
    "SET lock_configuration = true",
)


def describe_query() -> dict:
    """Each statement's kind and the names of its parameters. Raises what DuckDB's parser raises."""
    import duckdb

    statements = duckdb.extract_statements(QUERY.read_text(encoding="utf-8"))
    return {
        "kinds": [statement.type.name for statement in statements],
        "parameters": sorted({name for s in statements for name in s.named_parameters}),
    }


def run_query(logs: list[dict], cutoff: str) -> list[dict]:
    """One dict per log: `columns`, a list of [name, type], and `rows`, sorted by customer.

    A log is a dict of `orders` and `emails`, lists of [customer_id, time, value].
    """
    query = QUERY.read_text(encoding="utf-8")
    return [_run(query, log, datetime.fromisoformat(cutoff)) for log in logs]


def handover_features(logs: list[dict], cutoff: str) -> list[list]:
    """The rows that `bookstore_model.features.features_at` computes for each log."""
    from bookstore_model.features import features_at

    found = []
    for log in logs:
        orders = _frame(log["orders"], "ordered_at", "amount_gbp", "float64")
        emails = _frame(log["emails"], "sent_at", "opened", "bool")
        found.append(features_at(orders, emails, cutoff).reset_index().to_numpy().tolist())
    return found


def _run(query: str, log: dict, cutoff: datetime) -> dict:
    import duckdb

    with duckdb.connect(":memory:", config={"enable_external_access": "false"}) as database:
        database.execute(TABLES)
        for table, rows in log.items():
            ids, times, values = zip(*rows, strict=True) if rows else ((), (), ())
            database.execute(
                FILL.format(table), {"ids": list(ids), "times": list(times), "values": list(values)}
            )
        for setting in SETTINGS:
            database.execute(setting)
        ran = database.execute(query, {"cutoff": cutoff})
        columns = [[name, str(kind)] for name, kind, *_ in ran.description]
        return {"columns": columns, "rows": sorted(map(list, ran.fetchall()), key=repr)}


def _frame(rows: list, time: str, value: str, kind: str):
    import pandas as pd

    frame = pd.DataFrame(rows, columns=["customer_id", time, value])
    frame[time] = pd.to_datetime(frame[time], format="ISO8601")
    return frame.astype({value: kind})
