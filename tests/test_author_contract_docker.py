"""The author contract of the exercises that need Docker: in a file of their own, for they take minutes."""

import pytest

from .conftest import has_engine, require
from .test_author_contract import CATALOG, assert_verdicts, warm

__all__ = ["warm"]  # the fixture, for this file too


@pytest.mark.parametrize("exercise_id", [e.id for e in CATALOG.exercises if "docker" in e.needs])
def test_reference_starter_mistakes_and_other_answers_get_their_verdicts(exercise_id):
    require("docker", has_engine(), "start the Docker engine")
    assert_verdicts(exercise_id)
