"""Turn columns of text into amounts, moments and yes/no, saying what is wrong with each bad value.

Every `parse_` function returns two Series with the index of its input: the values, and the reason
why the value is refused ("" when it is good). Where a reason is given the value means nothing.
"""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from bookstore_model.csv_table import ImportRefusedError

ISO_DATE = r"\d{4}[-/]\d{2}[-/]\d{2}"
ISO_TIME = r"[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?"
ISO_8601 = rf"{ISO_DATE}(?:{ISO_TIME})?"
EIGHT_DIGITS = r"\d{8}"
DAY_OR_MONTH_FIRST = r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?:\D.*)?"

EARLIEST = datetime(1990, 1, 1)  # nobody sold books online before
LARGEST_AMOUNT_GBP = 1_000_000.0
NUMBERS = {
    ".": r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+",
    ",": r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?|[0-9]+(?:,[0-9]*)?|,[0-9]+",
}
OPENED = {"1": True, "true": True, "t": True, "yes": True, "y": True}
OPENED |= {"0": False, "false": False, "f": False, "no": False, "n": False}


def parse_customers(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Customer ids as they stand, without blanks around them; an empty one is refused."""
    ids = text.str.strip()
    return ids, _reasons(text, [(ids == "", "customer id is empty")])


def parse_amounts(text: pd.Series, *, decimal: str | None, delimiter: str):
    """Amounts in GBP as float, rounded to the penny: "12.50", "£1,234.50", "GBP 12".

    `decimal` is "." or ",", the other one then separates thousands. When it is None, a comma that
    could be either raises ImportRefusedError. Zero, negative ("-5", "(5)") and other currencies
    are refused.
    """
    if decimal not in (None, *NUMBERS):
        raise ImportRefusedError(f"--decimal is {decimal!r}; it can be . or ,")
    amounts = text.str.strip()
    number = NUMBERS[decimal or _assume_decimal_point(amounts, delimiter)]
    pattern = rf"^([-−+(]?)\s*(?:£|GBP)?\s*([-−+]?)({number})\s*(?:£|GBP)?\)?$"
    parts = amounts.str.extract(pattern)
    thousands = "." if decimal == "," else ","
    digits = parts[2].str.replace(thousands, "", regex=False).str.replace(",", ".", regex=False)
    values = pd.to_numeric(digits, errors="coerce").astype("float64").round(2)
    negative = parts[0].isin(["-", "−", "("]) | parts[1].isin(["-", "−"])
    problems = [
        (amounts == "", "amount is empty"),
        (values.isna(), "amount {!r} is not a number in GBP"),
        (negative & (values > 0), "amount {!r} is negative (a refund is not an order)"),
        (values == 0, "amount {!r} is zero"),
        (values > LARGEST_AMOUNT_GBP, "amount {!r} is above 1,000,000 GBP"),
    ]
    return values, _reasons(text, problems)


def _assume_decimal_point(amounts: pd.Series, delimiter: str) -> str:
    with_comma = amounts[amounts.str.contains(",", regex=False)]
    unsure = with_comma if delimiter == ";" else with_comma[with_comma.str.fullmatch(r".*,\d{1,2}")]
    if len(unsure):
        raise ImportRefusedError(
            f"Line {unsure.index[0]}: the comma in {unsure.iloc[0]!r} may be a decimal comma "
            "or separate thousands; say which mark starts the pence with --decimal , or --decimal ."
        )
    return "."


def parse_moments(text: pd.Series, *, date_format: str | None, now: datetime):
    """Dates and timestamps as datetime64[us]; those with a UTC offset are converted to UTC.

    Without `date_format` (as for strptime) only ISO 8601 and YYYYMMDD are read. Dates that may
    start with the day or with the month are never guessed: when most are such, ImportRefusedError
    asks for the format. Dates before 1990 or more than a day after `now` are refused.
    """
    dates = text.str.strip()
    parsed = _parse_given(dates, date_format) if date_format else _parse_recognised(dates)
    values = parsed.dt.tz_convert(None).astype("datetime64[us]")
    hint = f"does not fit {date_format!r}" if date_format else "is not a date such as 2026-06-30"
    problems = [
        (dates == "", "date is empty"),
        (values.isna(), "date {!r} " + hint),
        (values < EARLIEST, "date {!r} is before 1990"),
        (values > now + timedelta(days=1), "date {!r} is in the future"),
    ]
    return values, _reasons(text, problems)


def _parse_given(dates: pd.Series, date_format: str) -> pd.Series:
    try:
        return pd.to_datetime(dates, format=date_format, errors="coerce", utc=True)
    except ValueError as error:
        raise ImportRefusedError(
            f"--date-format {date_format!r} cannot be used: {error}."
        ) from error


def _parse_recognised(dates: pd.Series) -> pd.Series:
    unsure = dates[dates.str.fullmatch(DAY_OR_MONTH_FIRST)]
    if len(unsure) > len(dates) / 2:
        raise ImportRefusedError(
            f"Line {unsure.index[0]}: date {unsure.iloc[0]!r} may start with the day or the month; "
            "add --date-format, for instance %d/%m/%Y or %m/%d/%Y."
        )
    iso = dates.where(dates.str.fullmatch(ISO_8601)).str.replace("/", "-", regex=False)
    digits = dates.where(dates.str.fullmatch(EIGHT_DIGITS))
    parsed = pd.to_datetime(iso, format="ISO8601", errors="coerce", utc=True)
    return parsed.fillna(pd.to_datetime(digits, format="%Y%m%d", errors="coerce", utc=True))


def parse_opened(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Whether an email was opened: 1/0, true/false, yes/no, in any case."""
    values = text.str.strip().str.lower().map(OPENED)
    problems = [(values.isna(), "opened {!r} is not yes or no, true or false, 1 or 0")]
    return values, _reasons(text, problems)


def _reasons(text: pd.Series, problems: list[tuple[pd.Series, str]]) -> pd.Series:
    """The first problem that applies to each value, with the value put into its message."""
    chosen = np.select([rows for rows, _ in problems], [message for _, message in problems], "")
    reasons = pd.Series(chosen, index=text.index, dtype=object)
    bad = reasons != ""
    reasons[bad] = [
        message.format(value[:80]) for message, value in zip(reasons[bad], text[bad], strict=True)
    ]
    return reasons
