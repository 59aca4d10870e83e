# fails: test_all_problems_come_at_once
# says: whether the first problem keeps you
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
    if type(value) is not float:
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
            raise InvalidCustomer([FieldProblem(name, wrong)])
    if problems:
        raise InvalidCustomer(problems)
    return Customer(*(values[name] for name in ("customer_id", *LIMITS)))
# END SOLUTION
