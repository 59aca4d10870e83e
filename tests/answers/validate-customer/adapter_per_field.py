# A TypeAdapter for each field; the duplicates are remembered while the parser reads.
# BEGIN SOLUTION
from typing import Annotated

from pydantic import TypeAdapter

Amount = Annotated[float, Field(strict=True, ge=0, le=LARGEST_NUMBER, allow_inf_nan=False)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Identifier = Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_CUSTOMER_ID)]
ADAPTERS = {
    "customer_id": TypeAdapter(Identifier),
    "days_since_last_order": TypeAdapter(Amount),
    "total_orders": TypeAdapter(Amount),
    "lifetime_value": TypeAdapter(Amount),
    "email_open_rate": TypeAdapter(Share),
}


class Remembering(dict):
    def __init__(self, pairs):
        super().__init__(pairs)
        seen = set()
        self.repeated = {name for name, _ in pairs if name in seen or seen.add(name)}


def whole_body(problem, status):
    return InvalidCustomer([FieldProblem("body", problem)], status)


def problems_of(fields):
    yield from (FieldProblem(name, "was sent twice") for name in fields.repeated)
    yield from (FieldProblem(name, "is not expected") for name in fields.keys() - ADAPTERS.keys())
    for name, adapter in ADAPTERS.items():
        if name not in fields:
            yield FieldProblem(name, "was not sent")
            continue
        try:
            adapter.validate_python(fields[name])
        except ValidationError as error:
            yield from (FieldProblem(name, found["msg"]) for found in error.errors())


# END SOLUTION
    # BEGIN SOLUTION
    try:
        fields = json.loads(body.decode("utf-8"), object_pairs_hook=Remembering, parse_int=float)
    except RecursionError:
        raise whole_body("has too many levels", 400)
    except ValueError:
        raise whole_body("cannot be read as JSON", 400)
    if not isinstance(fields, Remembering):
        raise whole_body("holds JSON, but no object", 422)
    if problems := list(problems_of(fields)):
        raise InvalidCustomer(problems)
    fields["lifetime_value_gbp"] = fields.pop("lifetime_value")
    return Customer(**fields)
    # END SOLUTION
