"""A shop's own orders: what is recognised, what is refused, and what the refusal says."""

import csv
from datetime import datetime

import pandas as pd
import pytest

from bookstore_model.csv_table import ImportRefusedError
from bookstore_model.import_orders import CsvFormat, import_order_log, parse_orders

NOW = datetime(2026, 6, 30, 12, 0)


@pytest.fixture
def read(tmp_path):
    """Write bytes or text to shop.csv and parse it."""

    def parse(content: str | bytes, columns: dict | None = None, **form):
        path = tmp_path / "shop.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return parse_orders(path, CsvFormat(columns or {}, **form), now=NOW)

    return parse


def one_order(parsed) -> tuple:
    assert parsed.refused == []
    (row,) = parsed.rows.itertuples(index=False)
    return row.customer_id, row.ordered_at.isoformat(), row.amount_gbp


ANN = ("ann", "2026-03-04T00:00:00", 12.5)


@pytest.mark.parametrize(
    "content",
    [
        "customer_id,date,amount\nann,2026-03-04,12.50\n",
        "Customer ID;Order Date;Total (GBP)\r\nann;2026-03-04;12.50\r\n",
        "amount\tcustomer\torder_date\n12.50\tann\t2026-03-04",
        "customer|date|amount\nann|2026/03/04|£12.50\n",
        " customer_id  date number_of_books  dollar_value\n ann  20260304  2  12.50 \n",
        "\ufeffcustomer_id,date,amount\nann,2026-03-04,GBP 12.50\n",
        'customer_id,date,amount\n"ann","2026-03-04","12.50 GBP"\n',
        "\ncustomer_id,date,amount\n\n ann ,2026-03-04T00:00:00Z,12.5\n\n",
        "customer_id,date,amount,note\nann,2026-03-04 02:00+02:00,12.500,\n",
    ],
)
def test_common_layouts_are_recognised(read, content):
    assert one_order(read(content)) == ANN


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ({"date_format": "%d/%m/%Y"}, "customer_id,date,amount\nann,04/03/2026,12.50\n"),
        ({"date_format": "%m/%d/%Y"}, "customer_id,date,amount\nann,03/04/2026,12.50\n"),
        ({"decimal": ","}, "customer_id;date;amount\nann;2026-03-04;12,50\n"),
        ({"delimiter": "semicolon"}, "customer_id;date;amount\nann;2026-03-04;12.50\n"),
        ({"columns": {"customer": "who"}}, "who,date,amount\nann,2026-03-04,12.50\n"),
        (
            {"encoding": "cp1252"},
            "customer_id,date,amount\nann,2026-03-04,£12.50\n".encode("cp1252"),
        ),
        (
            {"encoding": "utf-16"},
            "customer_id,date,amount\nann,2026-03-04,12.50\n".encode("utf-16"),
        ),
    ],
)
def test_what_is_not_recognised_can_be_said(read, form, content):
    assert one_order(read(content, **form)) == ANN


@pytest.mark.parametrize(
    ("decimal", "text", "amount"),
    [
        (None, "£1,234.50", 1234.5),
        (",", "1.234,50", 1234.5),
        (".", "1,234", 1234.0),
        (",", "1.234", 1234.0),
    ],
)
def test_thousands_separators_are_read(read, decimal, text, amount):
    parsed = read(f'customer_id,date,amount\nann,2026-03-04,"{text}"\n', decimal=decimal)
    assert one_order(parsed)[2] == amount


HEADER = "customer_id,date,amount\n"
GOOD = "bob,2026-03-04,5.00"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("ann,2026-03-04,-5.00", "amount '-5.00' is negative (a refund is not an order)"),
        ("ann,2026-03-04,(5.00)", "amount '(5.00)' is negative (a refund is not an order)"),
        ("ann,2026-03-04,-£5", "amount '-£5' is negative (a refund is not an order)"),
        ("ann,2026-03-04,0.00", "amount '0.00' is zero"),
        ("ann,2026-03-04,0.004", "amount '0.004' is zero"),
        ("ann,2026-03-04,", "amount is empty"),
        ("ann,2026-03-04,$5", "amount '$5' is not a number in GBP"),
        ("ann,2026-03-04,nan", "amount 'nan' is not a number in GBP"),
        ("ann,2026-03-04,1e3", "amount '1e3' is not a number in GBP"),
        ('ann,2026-03-04,"1,23,4.5"', "amount '1,23,4.5' is not a number in GBP"),
        ("ann,2026-03-04," + "9" * 12, f"amount '{'9' * 12}' is above 1,000,000 GBP"),
        (",2026-03-04,5", "customer id is empty"),
        ("ann,,5", "date is empty"),
        ("ann,yesterday,5", "date 'yesterday' is not a date such as 2026-06-30"),
        ("ann,2026-02-30,5", "date '2026-02-30' is not a date such as 2026-06-30"),
        ("ann,2026,5", "date '2026' is not a date such as 2026-06-30"),
        ("ann,03/04/2026,5", "date '03/04/2026' is not a date such as 2026-06-30"),
        ("ann,1900-01-01,5", "date '1900-01-01' is before 1990"),
        ("ann,2026-07-02,5", "date '2026-07-02' is in the future"),
        ("ann,2026-03-04", "the row has 2 columns and the header has 3"),
        ("ann,2026-03-04,5,6", "the row has 4 columns and the header has 3"),
        (
            ",soon,0",
            "customer id is empty; date 'soon' is not a date such as 2026-06-30; amount '0' is zero",
        ),
    ],
)
def test_a_bad_row_is_refused_with_file_line_and_reason(read, row, reason):
    parsed = read(f"customer_id,date,amount\n{GOOD}\n\n{row}\n{GOOD}\n")
    assert [(bad.file, bad.line, bad.reason) for bad in parsed.refused] == [("shop.csv", 4, reason)]
    assert parsed.rows["customer_id"].tolist() == ["bob", "bob"]
    assert parsed.rows_read == 3


def test_lines_are_counted_as_an_editor_counts_them_past_quoted_line_breaks(read):
    parsed = read(f'customer_id,date,amount\n"b\nob",2026-03-04,5\nann,2026-03-04,0\n{GOOD}\n')
    assert [bad.line for bad in parsed.refused] == [4]


def test_a_date_that_does_not_fit_the_given_format_is_refused_row_by_row(read):
    parsed = read(f"customer_id,date,amount\n{GOOD}\nann,4.3.26,5\n", date_format="%Y-%m-%d")
    assert [bad.reason for bad in parsed.refused] == ["date '4.3.26' does not fit '%Y-%m-%d'"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"shop\.csv is empty"),
        ("just text\nwithout columns\n", r"has no customer column that this command recognises"),
        ("customer_id\nann\n", r"header of shop\.csv is one column.*--delimiter"),
        (
            "who,date,amount\nann,2026-03-04,5\n",
            r"no customer column.*has who, date, amount.*--customer-column",
        ),
        (
            "customer_id,date,order_date,amount\nann,1,2,5\n",
            r"more than one date column \(date, order_date\).*--date-column",
        ),
        ("customer_id,date,date,amount\nann,1,2,3\n", r"two columns named 'date'"),
        (
            HEADER + "ann,03/04/2026,5\n",
            r"'date': Line 2: date '03/04/2026' may .*; add --date-format",
        ),
        (HEADER + "ann,13.04.2026,5\n", r"add --date-format"),
        (HEADER + 'ann,2026-03-04,"12,50"\n', r"Line 2: the comma in '12,50'.*--decimal"),
        (
            "customer_id;date;amount\nann;2026-03-04;1,250\n",
            r"Line 2: the comma in '1,250'.*--decimal",
        ),
        (
            HEADER.encode() + b"ann,2026-03-04,\xa35\n",
            r"line 2: byte 0xa3 is not utf-8; add --encoding",
        ),
        ("customer_id,date,amount\n".encode("utf-16"), r"UTF-16, not UTF-8; add --encoding utf-16"),
        (HEADER + '"ann,2026-03-04,5\n' + "x" * 140_000, r"from line 2: .*never closes"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_with_the_remedy(read, content, message):
    with pytest.raises(ImportRefusedError, match=message):
        read(content)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"columns": {"date": "when"}}, r"no column 'when' \(--date-column\); it has customer_id"),
        ({"date_format": "%Q"}, r"--date-format '%Q' cannot be used"),
        ({"decimal": "x"}, r"--decimal is 'x'"),
        ({"delimiter": "::"}, r"delimiter '::' is not one character"),
        ({"encoding": "klingon"}, r"no encoding called 'klingon'"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(read, form, message):
    with pytest.raises(ImportRefusedError, match=message):
        read(f"customer_id,date,amount\n{GOOD}\n", **form)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ImportRefusedError, match=r"none\.csv cannot be read: No such file"):
        parse_orders(tmp_path / "none.csv", CsvFormat({}), now=NOW)


def import_shop(tmp_path, orders: str, emails: str | None = None, **options):
    (tmp_path / "shop.csv").write_text(orders, encoding="utf-8")
    mail = None
    if emails is not None:
        mail = tmp_path / "mail.csv"
        mail.write_text(emails, encoding="utf-8")
    return import_order_log(
        tmp_path / "shop.csv",
        mail,
        CsvFormat({}),
        now=NOW,
        refused_list=tmp_path / "refused.csv",
        **options,
    )


def shop_with(bad: int, good: int) -> str:
    rows = ["ann,2026-03-04,0"] * bad + [GOOD] * good
    return "\n".join(["customer_id,date,amount", *rows])


def test_every_refused_row_of_both_files_is_listed(tmp_path):
    mail = (
        "customer_id,sent_at,opened\nann,2026-03-01,maybe\nann,2026-03-01,Yes\nbob,2026-03-01,0\n"
    )
    log, summaries = import_shop(tmp_path, shop_with(1, 3), mail, max_refused=0.5)
    with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["file", "line", "reason"],
            ["shop.csv", "2", "amount '0' is zero"],
            ["mail.csv", "2", "opened 'maybe' is not yes or no, true or false, 1 or 0"],
        ]
    assert log.emails["opened"].tolist() == [True, False]
    assert summaries[0].startswith("shop.csv: 3 rows accepted, 1 refused, first line 2 (amount '0'")


def test_five_bad_rows_in_a_hundred_are_left_out(tmp_path):
    log, _ = import_shop(tmp_path, shop_with(5, 95))
    assert len(log.orders) == 95


def test_more_than_five_bad_rows_in_a_hundred_refuse_the_file_and_still_list_them(tmp_path):
    message = r"6 of 100 rows are bad, more than the 5% that --max-refused.*shop.csv line 2: amount"
    with pytest.raises(ImportRefusedError, match=message):
        import_shop(tmp_path, shop_with(6, 94))
    assert len((tmp_path / "refused.csv").read_text(encoding="utf-8").splitlines()) == 7


@pytest.mark.parametrize("orders", [shop_with(0, 0), shop_with(3, 0)])
def test_a_file_without_a_good_row_is_refused(tmp_path, orders):
    with pytest.raises(ImportRefusedError, match=r"no usable row"):
        import_shop(tmp_path, orders, max_refused=1.0)


def test_without_emails_the_log_has_an_empty_table_of_the_right_types(tmp_path, small_log):
    log, _ = import_shop(tmp_path, shop_with(0, 1))
    assert log.emails.empty
    pd.testing.assert_series_equal(log.emails.dtypes, small_log.emails.dtypes)
    pd.testing.assert_series_equal(log.orders.dtypes, small_log.orders.dtypes)
