"""The lessons: in step with their sources, complete, and with links that lead somewhere."""

import re

import nbformat
import pytest

from workbench.authoring.notebooks import differences, is_check
from workbench.course.catalog import load_catalog
from workbench.course.place import Course

from .conftest import ROOT

COURSE = Course(ROOT, ROOT / "exercises")
CATALOG = load_catalog(COURSE.catalog_file)
LESSONS = [lesson.notebook.removesuffix(".ipynb") for lesson in CATALOG.lessons]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
HOST_PATH = re.compile(r"/home/|/Users/|[A-Z]:\\\\|" + re.escape(str(ROOT)))


def stored(name: str) -> nbformat.NotebookNode:
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


@pytest.mark.parametrize("name", LESSONS)
def test_the_stored_notebook_is_in_step_with_its_source(name):
    assert not differences(ROOT / "notebooks" / "src" / f"{name}.py")


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_a_readable_length(name):
    assert 15 <= len(stored(name).cells) <= 34


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_checks_each_of_its_exercises_and_links_its_file(name):
    notebook = stored(name)
    lesson = next(les for les in CATALOG.lessons if les.notebook == f"{name}.ipynb")
    checks = [c.source for c in notebook.cells if c.cell_type == "code" and is_check(c)]
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for exercise in (e for e in CATALOG.exercises if e.lesson == lesson.id):
        assert any(f'check("{exercise.id}")' in source for source in checks)
        assert f"../exercises/{exercise.files[0]}" in text


@pytest.mark.parametrize("name", LESSONS)
def test_links_of_a_lesson_lead_to_files(name):
    for cell in stored(name).cells:
        for target in LINK.findall(cell.source) if cell.cell_type == "markdown" else []:
            assert (ROOT / "notebooks" / target).exists(), f"{name} links {target}"


@pytest.mark.parametrize("name", LESSONS)
def test_no_output_names_a_folder_of_the_authors_machine(name):
    assert not HOST_PATH.search(nbformat.writes(stored(name)))


def test_no_notebook_is_left_over():
    assert {f.stem for f in (ROOT / "notebooks").glob("*.ipynb")} == set(LESSONS)
