"""A quick reader for bodies that are written plainly. What it cannot vouch for, it leaves."""

from typing import Annotated

import msgspec

from churn_service.predictor import LARGEST_NUMBER, LONGEST_CUSTOMER_ID, Customer

Amount = Annotated[float, msgspec.Meta(ge=0, le=LARGEST_NUMBER)]
QUOTES = 12  # five names and one text value, two quotes each


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


_decode = msgspec.json.Decoder(PlainCustomer).decode


def read_plain_customer(body: bytes) -> Customer | None:
    """Return the customer in a body, or None when `parse_customer` must look at it.

    Whatever is returned, `parse_customer` would return too. The decoder is as strict as the contract
    but for one thing: of a name that comes twice it takes the last. A body with a repeated name holds
    more than QUOTES quotes, and one that hides some of its quotes needs a backslash: both are left.
    """
    if body.count(b'"') != QUOTES or b"\\" in body:
        return None
    try:
        return _decode(body)
    except ValueError:  # msgspec's own errors are some, and so is UnicodeDecodeError
        return None
