"""Calls of curl and docker, read from their words."""

import pytest

from workbench.instruments.github.calls import (
    INSTALLS_PYTEST,
    INSTALLS_REQUIREMENTS,
    START,
    Words,
    wrong_hook,
)

HOOK = "value-of-secrets-HOOK"


def words(text: str) -> Words:
    return Words(text.split())


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        (f"curl --fail --request POST {HOOK}", ""),
        (f"curl -fsS -X POST -o /dev/null {HOOK}", ""),
        (f"curl --fail-with-body --json {{}} {HOOK}", ""),
        (f"curl --fail {HOOK}", "a POST"),
        (f"curl -X POST {HOOK}", "a call that fails when the host refuses"),
        (f"curl --fail --show-error /dev/null -X POST {HOOK}", "the hook as the only address"),
        ("curl https://elsewhere", ""),
        (f"wget {HOOK}", ""),
    ],
)
def test_a_hook_is_posted_to_and_nothing_else(call, wrong):
    told = wrong_hook(words(call), (HOOK,))
    assert (told[1] if told else "") == wrong
    assert not told or HOOK not in told[0]


@pytest.mark.parametrize(
    ("call", "image"),
    [
        ("docker run -d -p 80:5000 churn", "churn"),
        ("docker container run --name x --detach churn:v2 sh", "churn:v2"),
        ("docker run --publish=80:5000 --rm churn", "churn"),
        ("docker run -d", ""),
    ],
)
def test_the_image_of_a_run_is_the_first_word_that_belongs_to_no_option(call, image):
    assert words(call).started_image() == image


def test_an_option_has_its_value_behind_it_or_behind_a_sign():
    assert words("docker build -t a .").option("-t", "--tag") == "a"
    assert words("docker build --tag=a .").option("-t", "--tag") == "a"
    assert words("docker build .").option("-t", "--tag") == ""


def test_kinds_of_calls_are_told_apart():
    assert START.search("docker run -d churn") and not START.search("docker run aquasec/trivy x")
    assert INSTALLS_REQUIREMENTS.search("python -m pip install -r requirements.txt pytest")
    assert INSTALLS_PYTEST.search("pip install -r requirements.txt pytest")
    assert not INSTALLS_PYTEST.search("pip install -r requirements.txt")
