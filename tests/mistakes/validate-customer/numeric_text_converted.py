# fails: test_a_field_that_is_missing_unknown_or_of_another_type_is_named
# says: text that looks like a number
# BEGIN SOLUTION
LIMITS = {
    "days_since_last_order": 1e9,
    "total_orders": 1e9,
    "lifetime_value": 1e9,
    "email_open_rate": 1,
}


class Pairs(list):
    pass


def read(body):
    try:
        pairs = json.loads(body.decode(), object_pairs_hook=Pairs, parse_int=float)
    except RecursionError:
        raise InvalidCustomer([FieldProblem("body", "is nested too deeply")], 400)
    except ValueError:
        raise InvalidCustomer([FieldProblem("body", "is not JSON")], 400)
    if not isinstance(pairs, Pairs):
        raise InvalidCustomer([FieldProblem("body", "is not an object")])
    return pairs


def check_id(value):
    if not isinstance(value, str):
        return "is not a string"
    if not 1 <= len(value) <= 128 or not value.isprintable() and "\ud800" <= max(value) <= "\udfff":
        return "has the wrong length"


def check_number(value, largest):
    if isinstance(value, bool):
        return "is not a number"
    try:
        value = float(value)
    except (TypeError, ValueError):
        return "is not a number"
    if not 0 <= value <= largest:
        return f"is not between 0 and {largest}"


# END SOLUTION
# BEGIN SOLUTION
    pairs = read(body)
    names = [name for name, _ in pairs]
    problems = [FieldProblem(n, "appears twice") for n in set(names) if names.count(n) > 1]
    values = dict(pairs)
    for name in values:
        if name not in LIMITS and name != "customer_id":
            problems.append(FieldProblem(name, "is unknown"))
    for name in ("customer_id", *LIMITS):
        if name not in values:
            problems.append(FieldProblem(name, "is missing"))
            continue
        value = values[name]
        wrong = check_id(value) if name == "customer_id" else check_number(value, LIMITS[name])
        if wrong:
            problems.append(FieldProblem(name, wrong))
    if problems:
        raise InvalidCustomer(problems)
    return Customer(values["customer_id"], *(float(values[name]) for name in LIMITS))
# END SOLUTION
