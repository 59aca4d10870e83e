"""Take a shop's own order log: recognise its columns, refuse bad rows by line, keep the rest."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from bookstore_model.artefact import hash_file
from bookstore_model.csv_table import CsvTable, ImportRefusedError, Refusal, read_csv_table
from bookstore_model.csv_values import (
    parse_amounts,
    parse_customers,
    parse_moments,
    parse_opened,
)
from bookstore_model.orders import OrderLog
from bookstore_model.refusals import (
    DEFAULT_MAX_REFUSED,
    ImportedRows,
    check_refusals,
    save_refusals,
    summarise,
)
from bookstore_model.store import save_order_log

RECOGNISED = {
    "customer": "customer_id customer cust_id customer_no customer_number client_id user_id",
    "date": "ordered_at order_date date order_time order_timestamp timestamp datetime invoice_date "
    "purchase_date purchased_at transaction_date created_at",
    "amount": "amount_gbp amount order_amount order_total total total_gbp order_value value "
    "dollar_value revenue spend sales",
    "sent": "sent_at sent sent_date date timestamp",
    "opened": "opened is_opened open was_opened",
}


@dataclass(frozen=True)
class CsvFormat:
    """What the user says about the file; None means "recognise it".

    `columns` maps "customer", "date", "amount", "sent" or "opened" to a column's name.
    """

    columns: dict[str, str]
    date_format: str | None = None
    decimal: str | None = None
    delimiter: str | None = None
    encoding: str = "utf-8-sig"


def import_orders(
    orders: Path,
    emails: Path | None,
    form: CsvFormat,
    *,
    into: Path,
    refused_list: Path,
    max_refused: float,
    now: datetime,
) -> list[str]:
    """Read a shop's files and save the log at `into`; one sentence per file on what was accepted.

    Raises as `import_order_log` does, and then leaves the log at `into` as it was.
    """
    log, summaries = import_order_log(
        orders, emails, form, now=now, refused_list=refused_list, max_refused=max_refused
    )
    origin = {
        "made_by": "import",
        "orders_file": orders.name,
        "orders_sha256": hash_file(orders),
        "emails_sha256": hash_file(emails) if emails else None,
        "format": vars(form),
        "orders": len(log.orders),
    }
    save_order_log(into, log, made_by=origin)
    return summaries


def import_order_log(
    orders: Path,
    emails: Path | None,
    form: CsvFormat,
    *,
    now: datetime,
    refused_list: Path,
    max_refused: float = DEFAULT_MAX_REFUSED,
) -> tuple[OrderLog, list[str]]:
    """The log in a shop's own files, and one sentence per file on what was accepted.

    Every refused row is listed in `refused_list`. Raises ImportRefusedError when a file cannot be
    understood, has no good row, or more than the share `max_refused` of its rows is bad.
    """
    files = {orders: parse_orders(orders, form, now=now)}
    if emails is not None:
        files[emails] = parse_emails(emails, form, now=now)
    save_refusals(refused_list, [row for parsed in files.values() for row in parsed.refused])
    for path, parsed in files.items():
        check_refusals(path, parsed, max_refused)
    email_rows = files[emails].rows if emails is not None else no_emails()
    summaries = [summarise(path, parsed, refused_list) for path, parsed in files.items()]
    return OrderLog(files[orders].rows, email_rows), summaries


def parse_orders(path: Path, form: CsvFormat, *, now: datetime) -> ImportedRows:
    """The orders in `path` as the `orders` of an OrderLog, sorted by customer and time.

    Raises ImportRefusedError when the file as a whole cannot be understood.
    """
    table = read_csv_table(path, encoding=form.encoding, delimiter=form.delimiter)
    return _parse_table(
        table,
        form,
        {
            "customer": ("customer_id", parse_customers),
            "date": ("ordered_at", _moments(form, now)),
            "amount": (
                "amount_gbp",
                lambda text: parse_amounts(text, decimal=form.decimal, delimiter=table.delimiter),
            ),
        },
    )


def parse_emails(path: Path, form: CsvFormat, *, now: datetime) -> ImportedRows:
    """The emails in `path` as the `emails` of an OrderLog. Raises as parse_orders does."""
    table = read_csv_table(path, encoding=form.encoding, delimiter=form.delimiter)
    return _parse_table(
        table,
        form,
        {
            "customer": ("customer_id", parse_customers),
            "sent": ("sent_at", _moments(form, now)),
            "opened": ("opened", parse_opened),
        },
    )


def no_emails() -> pd.DataFrame:
    """The `emails` of an OrderLog whose shop keeps none: every open rate is then 0.0."""
    columns = {"customer_id": "object", "sent_at": "datetime64[us]", "opened": "bool"}
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns.items()})


def _moments(form: CsvFormat, now: datetime) -> Callable:
    return lambda text: parse_moments(text, date_format=form.date_format, now=now)


def _parse_table(table: CsvTable, form: CsvFormat, wanted: dict) -> ImportedRows:
    values, reasons = {}, []
    for role, (name, parse) in wanted.items():
        column = _find_column(table, role, form.columns.get(role))
        try:
            values[name], reason = parse(table.rows[column])
        except ImportRefusedError as error:
            raise ImportRefusedError(f"{table.file}, column {column!r}: {error}") from error
        reasons.append(reason)
    complaints = pd.concat(reasons, axis=1)
    bad = (complaints != "").any(axis=1)
    refused = list(table.refused)
    for line, row in zip(complaints.index[bad], complaints[bad].to_numpy(), strict=True):
        refused.append(Refusal(table.file, int(line), "; ".join(text for text in row if text)))
    good = pd.DataFrame(values)[~bad]
    if "opened" in good:
        good["opened"] = good["opened"].astype(bool)
    good = good.sort_values(list(good.columns), ignore_index=True)
    refused.sort(key=lambda refusal: refusal.line)
    return ImportedRows(good, refused, len(table.rows) + len(table.refused))


def _find_column(table: CsvTable, role: str, given: str | None) -> str:
    columns = list(table.rows.columns)
    option = f"--{role}-column"
    if given is not None:
        if given in columns:
            return given
        raise ImportRefusedError(
            f"{table.file} has no column {given!r} ({option}); it has {', '.join(columns)}."
        )
    known = {_plain(name) for name in RECOGNISED[role].split()}
    found = [column for column in columns if _plain(column) in known]
    if len(found) == 1:
        return found[0]
    what = f"more than one {role} column ({', '.join(found)})" if found else f"no {role} column"
    raise ImportRefusedError(
        f"{table.file} has {what} that this command recognises; it has {', '.join(columns)}. "
        f"Name it with {option}."
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
