"""Quick readers for bodies that are written plainly. What they cannot vouch for, they leave."""

from typing import Annotated

import msgspec

from churn_service.predictor import LARGEST_NUMBER, LONGEST_CUSTOMER_ID, Customer

Amount = Annotated[float, msgspec.Meta(ge=0, le=LARGEST_NUMBER)]
QUOTES = 12  # five names and one text value, two quotes each
BATCH_QUOTES = 2  # of the one name around the rows


class PlainCustomer(
    msgspec.Struct,
    frozen=True,
    gc=False,
    forbid_unknown_fields=True,
    rename={"lifetime_value_gbp": "lifetime_value"},
):
    """A `Customer` to all who read its attributes, made by the decoder itself."""

    customer_id: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_CUSTOMER_ID)]
    days_since_last_order: Amount
    total_orders: Amount
    lifetime_value_gbp: Amount
    email_open_rate: Annotated[float, msgspec.Meta(ge=0, le=1)]


class PlainBatch(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The body of a batch in which every row is a plain customer."""

    customers: list[PlainCustomer]


_decode = msgspec.json.Decoder(PlainCustomer).decode
_decode_batch = msgspec.json.Decoder(PlainBatch).decode


def is_plain(body: bytes) -> bool:
    """Whether a body that is a customer must be one without a name that comes twice.

    A decoder takes the last of two equal names. A body with a repeated name holds more than QUOTES
    quotes, and one that hides some of its quotes needs a backslash.
    """
    return body.count(b'"') == QUOTES and b"\\" not in body


def read_plain_customer(body: bytes) -> Customer | None:
    """Return the customer in a body, or None when `parse_customer` must look at it.

    Whatever is returned, `parse_customer` would return too: for a plain body the decoder is as
    strict as the contract.
    """
    if not is_plain(body):
        return None
    try:
        return _decode(body)
    except ValueError:  # msgspec's own errors are some, and so is UnicodeDecodeError
        return None


def read_plain_batch(body: bytes) -> list[Customer] | None:
    """Return the customers of a batch, or None when `parse_batch` must look at it.

    All rows are read in one go, so one row that is no plain customer leaves the whole batch to be
    read row by row. No row can have fewer than QUOTES quotes, so none has more when the sum is right.
    """
    if b"\\" in body:
        return None
    try:
        rows = _decode_batch(body).customers
    except ValueError:
        return None
    is_plain = body.count(b'"') == BATCH_QUOTES + QUOTES * len(rows)
    return rows if is_plain else None
