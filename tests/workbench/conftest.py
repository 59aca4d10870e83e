"""A course in a temporary folder: the real solutions, checks and catalogue, and a project to change."""

import shutil

import pytest

from workbench.course.catalog import load_catalog
from workbench.course.place import Course


@pytest.fixture
def course(root, tmp_path) -> Course:
    """A copy of what the workbench reads, so that a test may change all of it."""
    for name in (
        "solutions",
        "exercises",
        "bookstore_model",
        "tests/checks",
        "workbench",
        "notebooks/src",
    ):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(root / name, tmp_path / "course" / name, ignore=ignored)
    copied = tmp_path / "course"
    return Course(copied, copied / "exercises")


@pytest.fixture
def risk_level(course):
    return load_catalog(course.catalog_file).exercise("risk-level")


@pytest.fixture
def answer(course, risk_level):
    """`answer(text)` saves a text as the learner's risk.py and returns the file."""

    def save(text: str):
        file = course.project / risk_level.files[0]
        file.write_text(text, encoding="utf-8")
        return file

    return save
