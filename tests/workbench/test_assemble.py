"""The project to build an image from: finished files over the reference, and nothing lost."""

import json
from dataclasses import replace

import pytest

from workbench.course.place import Course
from workbench.course.problems import UserError
from workbench.learning.assemble import assemble

from ..conftest import ROOT

COURSE = Course(ROOT, ROOT / "exercises")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """The course, with a state folder of the test's own in which risk-level has passed."""
    monkeypatch.setattr(Course, "state", property(lambda self: tmp_path / "state"))
    (tmp_path / "state").mkdir()
    entries = {"risk-level": {"state": "passed"}}
    progress = {"format": 1, "exercises": entries}
    (tmp_path / "state/progress.json").write_text(json.dumps(progress), encoding="utf-8")
    return replace(COURSE)


def test_finished_files_are_the_learners_and_the_rest_is_the_reference(course, tmp_path):
    finished = assemble(course, tmp_path / "mine")

    assert [exercise.id for exercise in finished] == ["risk-level"]
    risk = (tmp_path / "mine/churn_service/risk.py").read_text("utf-8")
    assert risk == (ROOT / "exercises/churn_service/risk.py").read_text("utf-8")
    dockerfile = (tmp_path / "mine/Dockerfile").read_text("utf-8")
    assert dockerfile == (ROOT / "solutions/Dockerfile").read_text("utf-8")
    assert (tmp_path / "mine/model/metadata.json").exists()


def test_a_second_time_keeps_what_was_there(course, tmp_path):
    assemble(course, tmp_path / "mine")
    (tmp_path / "mine/notes.txt").write_text("mine", encoding="utf-8")

    assemble(course, tmp_path / "mine")

    kept = list((tmp_path / "state/backups").rglob("notes.txt"))
    assert [file.read_text("utf-8") for file in kept] == ["mine"]
    assert not (tmp_path / "mine/notes.txt").exists()


def test_a_folder_of_somebody_elses_is_left_alone(course, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/thesis.txt").write_text("years of work", encoding="utf-8")

    with pytest.raises(UserError, match="did not write"):
        assemble(course, tmp_path / "theirs")

    assert [file.name for file in (tmp_path / "theirs").iterdir()] == ["thesis.txt"]
