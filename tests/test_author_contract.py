"""Every exercise keeps the author contract: see workbench/authoring/contract.py."""

import pytest

from workbench.authoring.cases import cases_of, judge_for_contract, stay_warm
from workbench.authoring.contract import complaints_about, shared_messages
from workbench.authoring.static_rules import static_complaints
from workbench.course.catalog import load_catalog
from workbench.course.place import Course

from .conftest import ROOT, has_engine, require

COURSE = Course(ROOT, ROOT / "exercises")
CATALOG = load_catalog(COURSE.catalog_file)


@pytest.fixture(scope="module", autouse=True)
def warm():
    with stay_warm():
        yield


def test_rows_files_hints_and_starters_are_complete_and_current():
    assert not list(static_complaints(COURSE, CATALOG))


@pytest.mark.parametrize("exercise_id", [e.id for e in CATALOG.exercises])
def test_reference_starter_mistakes_and_other_answers_get_their_verdicts(exercise_id):
    exercise = CATALOG.exercise(exercise_id)
    if "docker" in exercise.needs:
        require("docker", has_engine(), "start the Docker engine")
    cases = cases_of(COURSE, exercise)
    results = [(case, judge_for_contract(COURSE, case)) for case in cases]
    complaints = [text for pair in results for text in complaints_about(COURSE, *pair)]
    assert not complaints + list(shared_messages(results)), "\n\n".join(complaints)
