"""The seeded broken services of `service-tests`: each is broken, and the second right one is right."""

import shutil
import tomllib
from dataclasses import replace

import pytest

from workbench.boundary.project import Project
from workbench.course.catalog import load_catalog
from workbench.course.overlay import copy_reference
from workbench.course.place import Course
from workbench.judging.check import check_exercise

from ..conftest import ROOT

COURSE = Course(ROOT, ROOT / "exercises")
BROKEN = COURSE.checks / "broken"
SERVICES = tomllib.loads((BROKEN / "services.toml").read_text(encoding="utf-8"))["service"]
REWRITTEN = sorted(file.name for file in (BROKEN / "rewritten" / "churn_service").glob("*.py"))
TESTS = "tests/test_service.py"


def exercises_of(name: str) -> list:
    path = f"churn_service/{name}"
    return [e for e in load_catalog(COURSE.catalog_file).exercises if path in e.files]


@pytest.mark.parametrize("broken", SERVICES, ids=[broken["kind"] for broken in SERVICES])
def test_the_references_own_tests_catch_it(broken, tmp_path):
    project = Project(copy_reference(COURSE, tmp_path), warm=None)
    path = f"churn_service/{broken['file']}"
    text = (project.folder / path).read_text(encoding="utf-8")
    assert text.count(broken["old"]) == 1, "the reference has changed: bring services.toml in step"
    changed = project.variant({path: text.replace(broken["old"], broken["new"])})
    run = changed.run_tests(TESTS).value
    project.close()
    assert run["status"] == 1
    assert not run["broken"]


def test_there_are_enough_kinds_for_some_to_slip_through():
    assert 14 <= len({broken["kind"] for broken in SERVICES}) == len(SERVICES) <= 16


def test_the_second_right_service_rewrites_every_file_that_is_ever_broken():
    """So a test that reads the source fails on it."""
    assert {broken["file"] for broken in SERVICES} <= set(REWRITTEN)
    for name in REWRITTEN:
        assert (BROKEN / "rewritten" / "churn_service" / name).read_text(encoding="utf-8") != (
            COURSE.reference / "churn_service" / name
        ).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", REWRITTEN)
def test_the_second_right_service_passes_the_checks_of_its_files(name, tmp_path):
    for exercise in exercises_of(name):
        shutil.copytree(BROKEN / "rewritten", tmp_path / exercise.id)
        result = check_exercise(replace(COURSE, project=tmp_path / exercise.id), exercise)
        assert result.verdict == "passed", result.first_problem
