"""What authors rely on: derived starters, complaints that name the fault, the scaffold."""

import pytest

from workbench.authoring.contract import Case, cases_of, complaint, judge, shared_messages
from workbench.authoring.scaffold import scaffold
from workbench.authoring.starters import derive_project
from workbench.course.catalog import CatalogError, load_catalog
from workbench.course.derive import solution_from
from workbench.judging.results import CheckResult, summarise


def failed(message: str, check: str = "test_it"):
    return summarise("risk-level", 5, 0.1, [CheckResult(check, "It", "failed", message, 0.1)])


def test_derive_notices_writes_and_then_rests(course):
    catalog = load_catalog(course.catalog_file)
    derive_project(course, catalog, write=True)
    changed = course.reference / "churn_service" / "app.py"
    changed.write_text(changed.read_text("utf-8") + "\n# a new line\n", encoding="utf-8")
    assert derive_project(course, catalog, write=False) == [
        "exercises/churn_service/app.py differs from its source"
    ]
    derive_project(course, catalog, write=True)
    assert derive_project(course, catalog, write=False) == []


def test_derive_keeps_a_copy_of_what_it_replaces(course, answer):
    answer("hours of work\n")
    derive_project(course, load_catalog(course.catalog_file), write=True)
    kept = list((course.state / "backups").rglob("risk.py"))
    assert [file.read_text("utf-8") for file in kept] == ["hours of work\n"]


def test_a_starter_that_already_solves_the_exercise_is_noticed(course, risk_level):
    source = course.reference / risk_level.files[0]
    solved = solution_from(source.read_text("utf-8"))
    source.write_text(solved + "\n# BEGIN SOLUTION\n# END SOLUTION\n", encoding="utf-8")
    run = next(case for case in cases_of(course, risk_level) if case.kind == "run")
    assert "gives the answer away" in complaint(run, judge(course, run))


def test_a_mistake_that_passes_is_noticed(course, risk_level):
    source = (course.reference / risk_level.files[0]).read_text("utf-8")
    case = Case(risk_level, "mistake", "not_wrong", source, risk_level.files[0], "test_x", "words")
    assert "must fail in test_x" in complaint(case, judge(course, case))


def test_a_mistake_with_another_message_or_check_is_noticed(risk_level):
    case = Case(risk_level, "mistake", "m", fails="test_it", says="boundary")
    assert complaint(case, failed("the boundary is wrong")) == ""
    assert "its message must hold: boundary" in complaint(case, failed("something else"))
    assert "must fail first in test_it" in complaint(case, failed("boundary", check="test_other"))


def test_two_mistakes_with_one_message_are_noticed(risk_level):
    one, two = (Case(risk_level, "mistake", n, fails="test_it", says=n) for n in ("bound", "round"))
    assert list(shared_messages([(one, failed("bound")), (two, failed("round"))])) == []
    assert list(shared_messages([(one, failed("bound")), (two, failed("bound and round"))]))


def test_a_scaffold_adds_its_parts_and_overwrites_nothing(course):
    steps = scaffold(course, "shed-load", "api", "churn_service/app.py")
    assert len(load_catalog(course.catalog_file).exercise("shed-load").files) == 1
    assert (course.checks / "test_shed_load.py").exists()
    assert any("dev verify shed-load" in step for step in steps)
    with pytest.raises(CatalogError, match="already"):
        scaffold(course, "shed-load", "api", "churn_service/app.py")


@pytest.mark.parametrize(
    ("exercise_id", "lesson", "file", "told"),
    [
        ("Shed Load", "api", "churn_service/app.py", "lower case"),
        ("shed-load", "nowhere", "churn_service/app.py", "no lesson 'nowhere'"),
        ("shed-load", "api", "churn_service/none.py", "does not exist"),
    ],
)
def test_a_scaffold_refuses_what_it_cannot_place(course, exercise_id, lesson, file, told):
    with pytest.raises(CatalogError, match=told):
        scaffold(course, exercise_id, lesson, file)
