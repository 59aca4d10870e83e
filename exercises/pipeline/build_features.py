"""`python -m pipeline.build_features --cutoff 2026-01-01`: runs features.sql on the order log."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

QUERY_FILE = Path(__file__).with_name("features.sql")
ORDERS = Path(__file__).resolve().parents[2] / "data" / "bookstore.duckdb"


class FeaturesError(Exception):
    """The features cannot be built; the message says why, in one sentence."""


def read_query(path: Path = QUERY_FILE) -> str:
    """The text of the query. Raises FeaturesError unless it is one SELECT with $cutoff alone."""
    try:
        text = path.read_text(encoding="utf-8")
        statements = duckdb.extract_statements(text)
    except OSError as error:
        raise FeaturesError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise FeaturesError(f"{path.name} is not UTF-8 text: {error}.") from error
    except duckdb.Error as error:
        raise FeaturesError(f"{path.name}: {_first_line(error)}.") from error
    kinds = [statement.type.name for statement in statements]
    if kinds != ["SELECT"]:
        raise FeaturesError(
            f"{path.name} must hold one SELECT; it holds {kinds or 'no query yet'}."
        )
    if statements[0].named_parameters != {"cutoff"}:
        raise FeaturesError(f"{path.name} must use the parameter $cutoff and no other.")
    return text


def build_features(database: Path, cutoff: datetime, out: Path) -> int:
    """Write the features of every customer at `cutoff` to a Parquet file; returns their number.

    Rows are sorted by customer_id. `out` is replaced as a whole, once all rows are written. Raises
    FeaturesError.
    """
    query = read_query()
    if not database.is_file():
        raise FeaturesError(f"There is no order log at {database}; `--database` says where it is.")
    draft = out.with_name(f"{out.name}.draft")
    try:
        with duckdb.connect(str(database), read_only=True) as orders:
            features = orders.sql(query, params={"cutoff": cutoff}).order("customer_id")
            features.write_parquet(str(draft))
            count = orders.read_parquet(str(draft)).count("*").fetchall()[0][0]
        draft.replace(out)
    except duckdb.Error as error:
        raise FeaturesError(f"DuckDB reports: {_first_line(error)}.") from error
    except OSError as error:
        raise FeaturesError(f"{out} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return count


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Exit codes: 0 done, 1 cannot be done (one sentence), 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.build_features", description=__doc__)
    parser.add_argument("--cutoff", type=datetime.fromisoformat, required=True, metavar="DATE")
    parser.add_argument("--database", type=Path, default=ORDERS, help="DuckDB file with the orders")
    parser.add_argument("--out", type=Path, default=Path("features.parquet"))
    asked = parser.parse_args(argv)
    if asked.cutoff.tzinfo is not None:
        parser.error("--cutoff takes no time zone: the orders have none.")
    try:
        count = build_features(asked.database, asked.cutoff, asked.out)
    except FeaturesError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"The features of {count:,} customers at {asked.cutoff} are in {asked.out}.")
    return 0


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".!")


if __name__ == "__main__":
    sys.exit(main())
