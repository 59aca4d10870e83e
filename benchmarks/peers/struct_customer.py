"""The customer of the peers that read with msgspec."""

from typing import Annotated

import msgspec

Amount = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


class Customer(msgspec.Struct, forbid_unknown_fields=True):
    customer_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    days_since_last_order: Amount
    total_orders: Amount
    lifetime_value: Amount
    email_open_rate: Annotated[float, msgspec.Meta(ge=0, le=1)]
