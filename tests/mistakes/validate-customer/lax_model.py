# fails: test_a_field_that_is_missing_unknown_or_of_another_type_is_named
# says: to Python, `isinstance(True, int)` is True
# BEGIN SOLUTION
class CustomerRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    customer_id: str = Field(min_length=1, max_length=128)
    days_since_last_order: float = Field(ge=0, le=1e9)
    total_orders: float = Field(ge=0, le=1e9)
    lifetime_value: float = Field(ge=0, le=1e9)
    email_open_rate: float = Field(ge=0, le=1)


class Pairs(list):
    pass


# END SOLUTION
# BEGIN SOLUTION
    try:
        pairs = json.loads(body.decode(), object_pairs_hook=Pairs, parse_int=float)
    except (ValueError, RecursionError):
        raise InvalidCustomer([FieldProblem("body", "is not JSON")], 400)
    if not isinstance(pairs, Pairs):
        raise InvalidCustomer([FieldProblem("body", "is not an object")])
    names = [name for name, _ in pairs]
    problems = [FieldProblem(n, "appears twice") for n in set(names) if names.count(n) > 1]
    try:
        asked = CustomerRequest(**dict(pairs))
    except ValidationError as error:
        problems += [FieldProblem(str(e["loc"][0]), e["msg"]) for e in error.errors()]
    if problems:
        raise InvalidCustomer(problems)
    fields = asked.model_dump()
    return Customer(lifetime_value_gbp=fields.pop("lifetime_value"), **fields)
# END SOLUTION
