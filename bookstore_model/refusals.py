"""Account for the rows of an imported file: how many are good, which are not, and when it is refused."""

import csv
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bookstore_model.csv_table import ImportRefusedError, Refusal

DEFAULT_MAX_REFUSED = 0.05  # of the rows in one file


@dataclass(frozen=True)
class ImportedRows:
    """The good rows of a file, and every refusal. `rows_read` counts both."""

    rows: pd.DataFrame
    refused: list[Refusal]
    rows_read: int


def check_refusals(path: Path, imported: ImportedRows, max_refused: float) -> None:
    """Raise ImportRefusedError when no good row is left, or more than `max_refused` are bad."""
    bad = len(imported.refused)
    first = ""
    if bad:
        refusal = imported.refused[0]
        first = f" The first: {refusal.file} line {refusal.line}: {refusal.reason}."
    if len(imported.rows) == 0:
        raise ImportRefusedError(
            f"{path.name} has no usable row among {imported.rows_read}.{first}"
        )
    if bad > max_refused * imported.rows_read:
        raise ImportRefusedError(
            f"{path.name}: {bad:,} of {imported.rows_read:,} rows are bad, more than the "
            f"{max_refused:.0%} that --max-refused allows; nothing was imported.{first}"
        )


def save_refusals(path: Path, refused: list[Refusal]) -> None:
    """List every refused row in a CSV file: file, line, reason. No refusals, no file."""
    if not refused:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "line", "reason"])
        writer.writerows([refusal.file, refusal.line, refusal.reason] for refusal in refused)


def summarise(path: Path, parsed: ImportedRows, refused_list: Path) -> str:
    """How many rows of a file were accepted, how many refused, and where to see which."""
    counts = f"{path.name}: {len(parsed.rows):,} rows accepted, {len(parsed.refused):,} refused"
    if not parsed.refused:
        return f"{counts}."
    first = parsed.refused[0]
    return f"{counts}, first line {first.line} ({first.reason}); all are listed in {refused_list}."
