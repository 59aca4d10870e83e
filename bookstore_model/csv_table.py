"""Read a delimited file as text, remembering the line each row came from."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bookstore_model.errors import HandoverError

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}


class ImportRefusedError(HandoverError):
    """A file cannot be imported as a whole; the message names the file and the remedy."""


@dataclass(frozen=True)
class Refusal:
    """One row that was left out, and why. `line` is where the row starts in the file, from 1."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class CsvTable:
    """A file's rows as text: `rows` has one column per header name, indexed by line number."""

    file: str
    delimiter: str
    rows: pd.DataFrame
    refused: list[Refusal]


def read_csv_table(
    path: Path, *, encoding: str = "utf-8-sig", delimiter: str | None = None
) -> CsvTable:
    """Read `path`; the first line that is not blank is the header.

    `delimiter` is one character or a name in DELIMITERS, and is recognised from the header when
    None. Rows with too few or too many columns are refused one by one. Raises ImportRefusedError
    for what concerns the whole file: missing, empty, wrong encoding, one column only, two columns
    of one name.
    """
    text = _read_text(path, encoding)
    separator = DELIMITERS.get(delimiter, delimiter) or _recognise_delimiter(text)
    if len(separator) != 1 or separator in '"\r\n':
        raise ImportRefusedError(
            f"The delimiter {delimiter!r} is not one character or one of {', '.join(DELIMITERS)}."
        )
    records = _records(path, text, separator)
    line, header = next(records, (0, []))
    header = [name.strip() for name in header]
    _check_header(path, header)
    lines, rows, refused = [], [], []
    for line, record in records:
        if len(record) == len(header):
            lines.append(line)
            rows.append(record)
        else:
            reason = f"the row has {len(record)} columns and the header has {len(header)}"
            refused.append(Refusal(path.name, line, reason))
    frame = pd.DataFrame(rows, columns=header, index=lines, dtype=object)
    return CsvTable(path.name, separator, frame, refused)


def _read_text(path: Path, encoding: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImportRefusedError(f"{path} cannot be read: {error.strerror}.") from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) and "16" not in encoding:
        raise ImportRefusedError(f"{path.name} is UTF-16, not UTF-8; add --encoding utf-16.")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ImportRefusedError(
            f"{path.name} line {line}: byte 0x{content[error.start]:02x} is not {error.encoding}; "
            "add --encoding (cp1252 for most files saved by Excel on Windows)."
        ) from error
    except LookupError as error:
        raise ImportRefusedError(f"Python knows no encoding called {encoding!r}.") from error


def _recognise_delimiter(text: str) -> str:
    """The one that cuts the header into most columns; blanks only when nothing else cuts it."""
    header = next((line for line in io.StringIO(text) if line.strip()), "")
    counts = {mark: len(next(csv.reader([header], delimiter=mark), [])) for mark in ",;\t|"}
    best = max(counts, key=counts.get)
    return best if counts[best] > 1 else " "


def _records(path: Path, text: str, delimiter: str):
    """Pairs of (line where the record starts, its cells); blank lines are skipped."""
    # Columns set out with blanks: any run of blanks separates, and blanks at the ends do not count.
    lines = io.StringIO(text, newline="")
    source = (line.strip() for line in lines) if delimiter == " " else lines
    reader = csv.reader(source, delimiter=delimiter, skipinitialspace=True)
    start = 1
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                yield start, record
            start = reader.line_num + 1
    except csv.Error as error:
        raise ImportRefusedError(
            f"{path.name}, from line {start}: {error}; look for a quotation mark that never closes."
        ) from error


def _check_header(path: Path, header: list[str]) -> None:
    if not header:
        raise ImportRefusedError(
            f"{path.name} is empty; expected a header line and one row per order."
        )
    if len(header) == 1:
        raise ImportRefusedError(
            f"The header of {path.name} is one column, {header[0][:80]!r}; say how its columns are "
            "separated with --delimiter."
        )
    twice = {name for name in header if header.count(name) > 1}
    if twice:
        raise ImportRefusedError(
            f"{path.name} has two columns named {sorted(twice)[0]!r}; rename one."
        )
