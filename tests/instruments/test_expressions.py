"""GitHub's expressions, worked out: what they come to, and that nothing in them grows without end."""

import pytest

from workbench.instruments.github.expressions import evaluate, filled, holds, with_stand_ins
from workbench.instruments.github.workflows import PUSH, a_run

PULL_REQUEST = a_run("pull_request", "refs/pull/7/merge")
FAILED = a_run("push", "refs/heads/main", is_well=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.ref == 'refs/heads/main'", True),
        ("github.REF == 'REFS/HEADS/MAIN'", True),
        ("github.event_name != 'push'", False),
        ("github['ref_name']", "main"),
        ("'it''s'", "it's"),
        ("!(true && false) || null", True),
        ("github.nothing.at.all", None),
        ("1 < 2 && '3' >= 3", True),
        ("null == 0", True),
        ("github.token || 'nobody'", "nobody"),
        ("github.actor == 'me' && github.repository != 'you/other'", True),
        ("secrets.KEY != '' && vars.HOST == 'here'", True),
        ("secrets.KEY == ''", False),
        ("startsWith(github.ref, 'refs/heads/')", True),
        ("endsWith('a.yml', '.YML')", True),
        ("contains('Hello', 'hell')", True),
        ("contains(fromJSON('[\"push\"]'), github.event_name)", True),
        ("format('{0}-{1}', 'a', 2)", "a-2"),
        ("join(fromJSON('[1, 2]'), '+')", "1+2"),
        ("toJSON(github.event.repository)", '{"default_branch": "main"}'),
        ("0x10 == 16", True),
    ],
)
def test_an_expression_comes_to_its_value(text, value):
    assert evaluate(text, PUSH) == value


@pytest.mark.parametrize(
    ("condition", "push", "pull_request", "failed"),
    [
        ("", True, True, False),
        ("github.ref == 'refs/heads/main'", True, False, False),
        ("${{ github.event_name == 'push' }}", True, False, False),
        ("failure()", False, False, True),
        ("always() && github.ref_name == 'main'", True, False, True),
        ("!cancelled()", True, True, True),
        ("true) || (true", ValueError, ValueError, False),
    ],
)
def test_a_condition_holds_in_the_runs_it_is_for(condition, push, pull_request, failed):
    for run, expected in ((PUSH, push), (PULL_REQUEST, pull_request), (FAILED, failed)):
        if expected is ValueError:
            with pytest.raises(ValueError):
                holds(condition, run)
        else:
            assert holds(condition, run) is expected


@pytest.mark.parametrize(
    "text",
    [
        *("failure() x", "a =", "foo()", "'open", "(" * 100, "(1", "a[1", "", "success(1)"),
        "contains()",
        "x" * 3000,
        f"fromJSON('{'[' * 1900}')",
        "format('{9}')",
    ],
)
def test_what_is_no_expression_is_said(text):
    with pytest.raises(ValueError):
        evaluate(text, PUSH)


def test_a_text_does_not_double_without_end():
    text = "'0123456789'"
    for _ in range(12):
        text = f"format('{{0}}{{0}}{{0}}{{0}}', {text})"
    with pytest.raises(ValueError, match="more than 2,000 characters"):
        evaluate(text, PUSH)


def test_a_text_is_filled_with_values_or_with_words_that_stand_for_them():
    text = "churn:${{ github.ref_name }}"
    assert filled(text, PUSH) == "churn:main"
    assert with_stand_ins(text) == "churn:value-of-github-ref_name"
