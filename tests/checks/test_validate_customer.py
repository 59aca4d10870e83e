"""What `parse_customer` must accept and refuse, seen over HTTP: POST /predict with a known model."""

import json
from weakref import WeakKeyDictionary

import pytest

AMOUNTS = ("days_since_last_order", "total_orders", "lifetime_value")
NUMBERS = (*AMOUNTS, "email_open_rate")
ALL = ("customer_id", *NUMBERS)
RUNNING = WeakKeyDictionary()


@pytest.fixture
def service(serve, project):
    """One service for all checks here that need no particular model: starting it costs most."""
    running = RUNNING.get(project)
    if running is None or not running.is_running:
        RUNNING[project] = running = serve()
    return running


def customer_of(rng) -> dict[str, str]:
    """A valid customer: each field's name with its value as JSON text."""
    values = {
        "customer_id": f"C-{rng.randint(1, 10**6)}",
        "days_since_last_order": rng.randint(1, 400),
        "total_orders": rng.randint(401, 500),
        "lifetime_value": round(rng.uniform(501, 2000), 2),
        "email_open_rate": round(rng.uniform(0.01, 0.99), 3),
    }
    return {name: json.dumps(value) for name, value in values.items()}


def written(*parts: dict[str, str]) -> bytes:
    """The JSON object that holds the fields of all parts, one after the other."""
    pairs = [f"{json.dumps(name)}: {text}" for part in parts for name, text in part.items()]
    return ("{" + ", ".join(pairs) + "}").encode()


def predict(service, body: bytes):
    return service.send("POST", "/predict", body, {"Content-Type": "application/json"})


def problem_fields(reply) -> set[str]:
    """The fields the answer names; a list of {"field", "problem"} must be there."""
    look = "InvalidCustomer carries a list of FieldProblem(field, problem), both of them text"
    errors = reply.json(look=look).get("errors")
    told = isinstance(errors, list) and all(
        isinstance(e, dict) and isinstance(e.get("field"), str) and e.get("problem") for e in errors
    )
    if not errors or not told:
        raise reply.fails(f"The body was {reply.shown_body()}", "errors, each with a field", look)
    return {error["field"] for error in errors}


def refused(service, body: bytes, *fields: str, statuses: tuple[int, ...] = (422,), look: str):
    """The body must be refused with one of the statuses, naming exactly these fields."""
    reply = predict(service, body).has_status(*statuses, look=look)
    named = problem_fields(reply)
    if named != set(fields):
        raise reply.fails(
            f"The errors named {', '.join(sorted(named))}: {reply.shown_body()}",
            f"errors that name {', '.join(sorted(fields))} and nothing else",
            look,
        )


def test_a_valid_customer_reaches_the_model_unchanged(serve, rng):
    """A valid customer reaches the model unchanged"""
    usual = customer_of(rng)
    mixed = dict(rng.sample(list(usual.items()), len(usual)))
    longest, foreign = "x" * 128, rng.choice(("Zoë-Ωß 李", "كتاب", "📚" * 128, "a\u0000b\n\"'"))
    precise = {name: repr(rng.random()) for name in NUMBERS}
    cases = (
        (mixed, "the order of the fields, which JSON does not fix"),
        (usual | precise, "numbers with a fraction: each of the four may have one"),
        (usual | dict.fromkeys(NUMBERS, "0"), "the lower bound: 0 itself is allowed"),
        (usual | dict.fromkeys(NUMBERS, "1.0"), "a whole number that is written as a float"),
        (usual | dict.fromkeys(AMOUNTS, "1000000000"), "the upper bound, written as an integer"),
        (usual | dict.fromkeys(AMOUNTS, "1e9"), "the upper bound, written with an exponent"),
        (usual | {"customer_id": json.dumps(longest)}, "an id of 128 characters is allowed"),
        (usual | {"customer_id": json.dumps(foreign)}, "the id: any characters, counted as such"),
        (usual | {"customer_id": f'"{rng.choice("Ωß李")}"'}, "an id in UTF-8, without escapes"),
    )
    rows = [[[json.loads(case[name]) for name in NUMBERS], 0.625] for case, _ in cases]
    service = serve(answers=rows, default=0.0)
    for case, look in cases:
        reply = predict(service, written(case)).has_status(200, look=look)
        answer = reply.json()
        if answer.get("churn_probability") != 0.625:
            got = "The model was given other numbers than these, and did not know the customer"
            raise reply.fails(got, "the four numbers unchanged, each in its own field", look)
        if answer.get("customer_id") != json.loads(case["customer_id"]):
            raise reply.fails(f"The body was {reply.shown_body()}", "the id as it was sent", look)


def test_a_field_that_is_missing_unknown_or_of_another_type_is_named(service, rng):
    """A field that is missing, unknown, null or of another type is named"""
    usual = customer_of(rng)
    for name in ALL:
        body = written({other: text for other, text in usual.items() if other != name})
        refused(service, body, name, look=f"a field that is not there at all: {name}")
    unknown = f"shoe_size_{rng.randint(1, 99)}"
    body = written(usual, {unknown: "42"})
    refused(service, body, unknown, look="a field the contract does not list: a misspelt one?")
    looks = {
        "null": "null: present, and still no value",
        "true": "booleans: to Python, `isinstance(True, int)` is True",
        "false": "booleans: to Python, False equals 0",
        '"12"': "text that looks like a number: it is text, do not convert it",
        '"many"': "text where a number belongs",
        "[0.5]": "a list where a number belongs",
        '{"value": 1}': "an object where a number belongs",
    }
    for name in NUMBERS:
        for text, look in looks.items():
            refused(service, written(usual | {name: text}), name, look=look)
    for text in ("null", "true", "7", "[]", '["C-1"]', "{}"):
        body = written(usual | {"customer_id": text})
        refused(service, body, "customer_id", look=f"the id is a string; this one is {text}")


def test_a_number_out_of_range_is_named(service, rng):
    """A number that is NaN, infinite, negative or too large is named"""
    usual = customer_of(rng)
    not_finite = "what Python's json reads as nan or inf; every comparison with nan is False"
    digit = str(rng.randint(1, 9))
    looks = {
        "NaN": not_finite,
        "Infinity": not_finite,
        "-Infinity": not_finite,
        "1e999": "a number no float can hold: Python's json makes infinity of it",
        "-0.001": "numbers below 0",
        "1000000001": "numbers above 1e9, integers too",
        "1e30": "numbers above 1e9",
        digit * 400: "an integer of 400 digits: no float is that large",
        digit
        * 5000: "an integer of 5,000 digits: Python's int() has a limit, and it is not the only one",
        "-" + digit * 400: "a negative integer of 400 digits",
    }
    for name in NUMBERS:
        for text, look in looks.items():
            refused(service, written(usual | {name: text}), name, look=look)
    for text in ("1.0001", "2", repr(1 + rng.random() + 1e-9)):
        body = written(usual | {"email_open_rate": text})
        refused(service, body, "email_open_rate", look="the open rate is a share: from 0 to 1")


def test_an_id_that_is_empty_or_too_long_is_named(service, rng):
    """An id that is empty or too long is named"""
    usual = customer_of(rng)
    looks = {
        '""': "an id of no characters",
        json.dumps("x" * 129): "an id of 129 characters",
        json.dumps("é" * rng.randint(129, 1000)): "an id that is far too long",
    }
    for text, look in looks.items():
        refused(service, written(usual | {"customer_id": text}), "customer_id", look=look)
    look = "half of a surrogate pair is no character: no UTF-8 can hold it"
    for half in ('"\\ud800"', '"C-\\udfff-7"'):  # some parsers refuse it as JSON, some read it
        predict(service, written(usual | {"customer_id": half})).has_status(400, 422, look=look)
    unknown = (
        "the name of an unknown field: it may hold half of a surrogate pair, which no answer can"
    )
    predict(service, written(usual, {"\ud800": "1"})).has_status(400, 422, look=unknown)


def test_a_field_that_appears_twice_is_named(service, rng):
    """A field that appears twice is named, even with equal values"""
    usual = customer_of(rng)
    look = "what json.loads does with a name that comes twice: `object_pairs_hook` sees both"
    for name in ALL:
        refused(service, written(usual, {name: usual[name]}), name, look=look)
    other = {"total_orders": json.dumps(rng.randint(1, 400))}
    refused(service, written(usual, other), "total_orders", look=look)
    escaped = written(usual).replace(b"{", b'{"total\\u005forders": 3, ', 1)
    refused(service, escaped, "total_orders", look="names after decoding: \\u005f is `_`")


def test_all_problems_come_at_once(service, rng):
    """All problems of a request are named at once"""
    faults = ("null", "true", "[]", "{}", "-5", "NaN", "1e10", '""', "missing", "twice")
    for _ in range(20):
        usual = customer_of(rng)
        wrong = dict.fromkeys(rng.sample(ALL, rng.randint(2, 5)))
        wrong |= {f"unknown_{i}": "1" for i in range(rng.randint(0, 2))}
        again = {}
        for name in [name for name in wrong if name in ALL]:
            fault = rng.choice(faults)
            if fault == "missing":
                del usual[name]
            elif fault == "twice":
                again[name] = usual[name]
            else:
                usual[name] = '""' if name == "customer_id" else fault
        extra = {name: text for name, text in wrong.items() if text}
        body = written(usual, extra, again)
        refused(service, body, *wrong, look="whether the first problem keeps you from the others")
    refused(service, b"{}", *ALL, look="an object without any field lacks all five")


def test_a_body_that_is_no_json_object_is_refused(service, rng):
    """A body that is not JSON gets 400, one that is no object 422; both name body"""
    usual = written(customer_of(rng))
    no_object = "JSON, but no object: lists, text, numbers and null are JSON as well"
    for body in (b"[]", b'"text"', b"1", b"true", b"null", b"[" + usual + b"]"):
        refused(service, body, "body", look=no_object)
    not_json = "what the parser raises for text that is not JSON: status 400, field `body`"
    for body in (b"", b" ", b"{", usual[:-1], usual + usual, b"{'a': 1}", b'{"a": 1,}', b"a=1"):
        refused(service, body, "body", statuses=(400,), look=not_json)
    not_utf8 = "bytes that are not UTF-8: json.loads guesses UTF-16 and UTF-32 from bytes"
    for body in (usual.replace(b"C-", b"\xff"), usual.decode().encode("utf-16"), b"\xff\xfe"):
        refused(service, body, "body", statuses=(400,), look=not_utf8)
    depth = rng.randint(15_000, 16_000)
    deep = "a few thousand brackets: parsers that call themselves run out of stack"
    for body in (b"[" * depth, b'{"a":' * 3000):
        refused(service, body, "body", statuses=(400,), look=deep)
    nest = b"[" * (depth // 2) + b"]" * (depth // 2)
    closed = usual.replace(b"{", b'{"a": ' + nest + b", ", 1)
    predict(service, closed).has_status(400, 422, look=deep)


def test_no_message_repeats_the_value(service, rng):
    """The messages never repeat the value that was sent"""
    usual = customer_of(rng)
    secret = str(rng.randint(10**11, 10**12))
    values = (f'"{secret}"', f'["{secret}"]', f'{{"{secret}": 1}}', f"-{secret}", f"{secret}.5")
    bodies = [written(usual | {rng.choice(NUMBERS): value}) for value in values]
    bodies += [written(usual | {"customer_id": text}) for text in (secret, f'"{secret * 11}"')]
    bodies += [written(usual, {"unknown": secret}), f'{{"customer_id": {secret}x'.encode()]
    bodies += [f'"{secret}"'.encode(), secret.encode() + b"\xff"]
    for body in bodies:
        reply = predict(service, body)
        if secret.encode() in reply.body:
            got = f"The answer repeats {secret}: {reply.shown_body()}"
            wanted = "what is wrong, without the value: answers end up in logs and tickets"
            look = "what each message is made of; a caught exception's text may hold the input"
            raise reply.fails(got, wanted, look)


def test_no_body_crashes_the_service(service, rng):
    """Whatever bytes come, the answer is 200, 400 or 422"""
    tokens = [*'{}[]:,"', "null", "true", "NaN", "-", "1e9", "1E400", '"total_orders"', "\\u", "é"]
    for _ in range(50):
        usual = bytearray(written(customer_of(rng)))
        start, length = rng.randrange(len(usual)), rng.randrange(12)
        usual[start : start + length] = rng.choice(tokens).encode()
        loose = "".join(rng.choices(tokens, k=rng.randrange(1, 30))).encode()
        for body in (rng.randbytes(rng.randrange(200)), bytes(usual), loose):
            reply = predict(service, body)
            reply.has_status(200, 400, 422, look="an exception that is not InvalidCustomer")
            if reply.status != 200:
                problem_fields(reply)
