"""The face of the workbench in a notebook."""

import pytest

from workbench.course.catalog import CatalogError
from workbench.course.place import Course
from workbench.judging.results import CheckResult, summarise
from workbench.learning import notebook

from ..conftest import ROOT


@pytest.fixture
def solved(monkeypatch):
    """The notebook face, with the reference as the learner's project."""
    monkeypatch.setenv("WORKBENCH_PROJECT", "solutions")
    monkeypatch.delenv("WORKBENCH_AUTHOR", raising=False)


@pytest.fixture
def unsolved(monkeypatch, tmp_path):
    file = tmp_path / "churn_service" / "risk.py"
    file.parent.mkdir()
    file.write_text("def risk_level(p):\n    return '<b>low</b>'\n")
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))
    monkeypatch.delenv("WORKBENCH_AUTHOR", raising=False)


def test_a_pass_shows_a_panel_with_a_text_fallback(solved):
    panel = notebook.check("risk-level")
    assert "passed" in repr(panel)
    assert "5 of 5 points" in panel._repr_html_()


def test_a_failure_comes_first_and_is_escaped(unsolved):
    panel = notebook.check("risk-level")
    text, page = repr(panel), panel._repr_html_()
    assert text.index("It returned") < text.index("✗ Probabilities")
    assert "&lt;b&gt;low&lt;/b&gt;" in page
    assert "<b>low</b>" not in page


def test_in_author_mode_anything_but_a_pass_raises(unsolved, monkeypatch):
    monkeypatch.setenv("WORKBENCH_AUTHOR", "1")
    with pytest.raises(notebook.NotPassed, match="risk-level"):
        notebook.check("risk-level")


def test_an_unknown_exercise_is_told(solved):
    with pytest.raises(CatalogError, match="Did you mean"):
        notebook.check("risk-levels")


def test_without_warm_processes_the_verdict_is_the_same(solved, monkeypatch):
    monkeypatch.setattr(notebook, "CAN_WARM", False)
    assert notebook.check("risk-level").result.verdict == "passed"


def test_variables_of_the_notebook_never_count(unsolved):
    def risk_level(probability):
        raise AssertionError("the file on disk is judged, not this function")

    assert risk_level
    assert notebook.check("risk-level").result.verdict == "failed"


@pytest.mark.parametrize("verdict", ["failed", "error", "timeout", "not_started", "environment"])
def test_every_verdict_has_a_panel_with_a_next_step(verdict):
    course = Course(ROOT, ROOT / "exercises")
    check = CheckResult("test_it", "It holds", verdict, "What was seen.", 0.1)
    panel = notebook.CheckPanel(course, summarise("risk-level", 5, 0.1, [check]))
    assert panel.next_step
    assert "What was seen." in repr(panel)
