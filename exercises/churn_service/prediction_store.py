"""Where predictions are kept: a table in SQLite, or in PostgreSQL when the URL says so."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from churn_service.settings import SettingsError

# A writer that waits longer holds up the end of the service.
BUSY_SECONDS = 1
CREATE = """
CREATE TABLE IF NOT EXISTS predictions (
  time TEXT NOT NULL,
  model_version TEXT NOT NULL,
  days_since_last_order DOUBLE PRECISION NOT NULL,
  total_orders DOUBLE PRECISION NOT NULL,
  lifetime_value DOUBLE PRECISION NOT NULL,
  email_open_rate DOUBLE PRECISION NOT NULL,
  probability DOUBLE PRECISION NOT NULL,
  latency_seconds DOUBLE PRECISION NOT NULL,
  customer_pseudonym TEXT NOT NULL
)
"""
INSERT = "INSERT INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


class LoggedPrediction(NamedTuple):
    """One prediction, as it is kept. The customer stands here by pseudonym, never by id.

    `time` is in UTC; `lifetime_value` is in GBP.
    """

    time: datetime
    model_version: str
    days_since_last_order: float
    total_orders: float
    lifetime_value: float
    email_open_rate: float
    probability: float
    latency_seconds: float
    customer_pseudonym: str


class Store(Protocol):
    """A table of predictions, used by one thread."""

    def write(self, rows: Sequence[LoggedPrediction]) -> None:
        """Keep all the rows or none, durably; raise when that fails. May take its time."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class SqliteStore:
    """A table in a SQLite file, which several processes may write at once.

    In WAL mode a commit is whole even if the process is killed the moment after, and readers do not
    stop the writer. The file is opened at the first write: until then it may be out of reach.
    """

    def __init__(self, path: str):
        """Keep predictions in the file at `path`."""
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def write(self, rows: Sequence[LoggedPrediction]) -> None:
        """Write the rows in one transaction."""
        connection = self._connect()
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(INSERT, map(_values, rows))
            connection.execute("COMMIT")
        except BaseException:
            self.close()  # takes an open transaction back; the next write finds a fresh connection
            raise

    def close(self) -> None:
        """Close the file."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute(CREATE)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection


class PostgresStore:
    """A table in PostgreSQL, reached through psycopg, which is imported only here."""

    def __init__(self, url: str):
        """Keep predictions in the database at `url`; raise SettingsError without psycopg."""
        try:
            import psycopg
        except ImportError:
            raise SettingsError(
                "CHURN_PREDICTION_LOG asks for PostgreSQL, which needs a library: "
                "python -m pip install -r requirements-postgres.txt."
            ) from None
        self._psycopg = psycopg
        self._url = url
        self._connection = None

    def write(self, rows: Sequence[LoggedPrediction]) -> None:
        """Write the rows in one transaction."""
        try:
            if self._connection is None:
                self._connection = self._psycopg.connect(self._url, connect_timeout=2)
                self._create_table()
            with self._connection.transaction(), self._connection.cursor() as cursor:
                cursor.executemany(INSERT.replace("?", "%s"), [_values(row) for row in rows])
            self._connection.commit()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _create_table(self) -> None:
        # Two workers that create the table at the same moment would trip over each other.
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(hashtext('predictions'))")
            self._connection.execute(CREATE)
        self._connection.commit()


def open_store(url: str) -> Store:
    """Return the store for `postgresql://...`, `sqlite:///path` or a plain path.

    Connects to nothing yet. Raises SettingsError when a library is missing.
    """
    if url.startswith(("postgresql://", "postgres://")):
        return PostgresStore(url)
    return SqliteStore(url.removeprefix("sqlite:///"))


def _values(row: LoggedPrediction) -> tuple:
    return (row.time.isoformat(), *row[1:])
