"""What a caller who sends something else gets: every reason, each with its field, never a 500."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .artefacts import FEATURES
from .serving import VALID

ANY_EXAMPLE = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
not_amounts = {
    "null": None,
    "true": True,
    "false": False,
    "a numeric string": "12",
    "text": "many",
    "a list": [12],
    "an object": {"gbp": 12},
    "negative": -0.01,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "minus Infinity": float("-inf"),
    "above the bound": 1.1e9,
}


def problem_fields(answer, status: int) -> list[str]:
    """Check that the answer is a problem document of the status; return the fields it names."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["type"] == "about:blank"
    assert document["title"] and document["detail"]
    return [error["field"] for error in document["errors"]]


@pytest.mark.parametrize("value", not_amounts.values(), ids=not_amounts.keys())
@pytest.mark.parametrize("name", FEATURES)
def test_what_is_no_amount_is_rejected_naming_the_field(service, name, value):
    assert problem_fields(service.predict(VALID | {name: value}), 422) == [name]


@pytest.mark.parametrize("name", VALID)
def test_a_missing_field_is_named(service, name):
    body = {other: value for other, value in VALID.items() if other != name}

    assert problem_fields(service.predict(body), 422) == [name]


def test_an_unknown_field_is_named(service):
    assert problem_fields(service.predict(VALID | {"shoe_size": 42}), 422) == ["shoe_size"]


def test_an_open_rate_above_one_is_rejected(service):
    assert problem_fields(service.predict(VALID | {"email_open_rate": 1.0001}), 422) == [
        "email_open_rate"
    ]


@pytest.mark.parametrize("value", [None, 7, True, "", "x" * 129, ["C-1"], "\ud800"])
def test_what_is_no_customer_id_is_rejected(service, value):
    assert problem_fields(service.predict(VALID | {"customer_id": value}), 422) == ["customer_id"]


def test_a_field_name_that_cannot_be_written_is_still_an_unknown_field(service):
    assert problem_fields(service.predict(VALID | {"\ud800": 1}), 422) == ["?"]


@pytest.mark.parametrize("digits", [400, 5000])
def test_an_integer_longer_than_any_float_is_too_large_and_no_crash(service, digits):
    body = json.dumps(VALID).replace("12", "9" * digits)

    assert problem_fields(service.predict(body), 422) == ["total_orders"]


def test_a_field_that_comes_twice_is_named_even_with_equal_values(service):
    body = json.dumps(VALID)[:-1] + ', "total_orders": 12}'

    assert problem_fields(service.predict(body), 422) == ["total_orders"]


def test_all_problems_come_at_once_duplicates_included(service):
    body = '{"total_orders": "1", "total_orders": -1, "email_open_rate": 2, "extra": null}'

    fields = problem_fields(service.predict(body), 422)

    missing = {"customer_id", "days_since_last_order", "lifetime_value"}
    assert set(fields) == missing | {"total_orders", "email_open_rate", "extra"}
    assert fields.count("total_orders") == 2


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "true", "null", "[{}]", "NaN"])
def test_json_that_is_no_object_is_a_problem_of_the_body(service, body):
    assert problem_fields(service.predict(body), 422) == ["body"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"{} {}",
        b"a=1",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        json.dumps(VALID).encode("utf-16"),
        b"[" * 16_000,
        b'{"a":' * 3000,
    ],
)
def test_what_is_not_json_is_a_problem_of_the_body(service, body):
    assert problem_fields(service.predict(body), 400) == ["body"]


def test_an_object_nested_deeply_but_closed_is_rejected(service):
    body = '{"total_orders":' + "[" * 8000 + "]" * 8000 + "}"

    answer = service.predict(body)

    # Whether the parser can follow it depends on the version of Python.
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "", "x"]
)
def test_another_content_type_is_415(service, content_type):
    answer = service.predict(VALID, content_type)

    assert (answer.status_code, answer.json()["status"]) == (415, 415)


def test_a_body_of_the_limit_is_read_and_one_byte_more_is_413(service):
    body = json.dumps(VALID)

    assert service.predict(body.ljust(16_384)).status_code == 200
    assert service.predict(body.ljust(16_385)).status_code == 413


def test_an_unknown_path_is_404_and_a_wrong_method_405_with_allow(service):
    nowhere, wrong_method = service.get("/nowhere"), service.get("/predict")

    assert (nowhere.status_code, wrong_method.status_code) == (404, 405)
    assert {nowhere.json()["status"], wrong_method.json()["status"]} == {404, 405}
    assert "POST" in wrong_method.headers["Allow"]


def test_no_error_repeats_a_value_or_a_path_of_the_machine(service):
    for value in ("secret-value", {"deep": "secret-value"}):
        answer = service.predict(VALID | {"total_orders": value})

        assert "secret-value" not in answer.text
        assert "Traceback" not in answer.text and ".py" not in answer.text


@ANY_EXAMPLE
@given(body=st.binary(max_size=400))
def test_any_bytes_as_body_get_a_problem_and_never_a_500(service, body):
    assert service.predict(body).status_code in (400, 422)


@ANY_EXAMPLE
@given(changes=st.dictionaries(st.sampled_from(list(VALID)) | st.text(), json_values, max_size=6))
def test_any_json_values_get_a_prediction_or_named_fields(service, changes):
    answer = service.predict(VALID | changes)

    if answer.status_code != 200:
        assert set(problem_fields(answer, 422)) <= set(changes)
