"""What authors rely on: derived starters, complaints that name the fault, the scaffold."""

import io
import re
import sys

import pytest
from rich.console import Console

from workbench.authoring.cases import Case, cases_of, judge
from workbench.authoring.check_rules import check_complaints
from workbench.authoring.contract import complaint, shared_messages, verify
from workbench.authoring.counts import derive_counts
from workbench.authoring.messages import change_in
from workbench.authoring.notebooks import read_source
from workbench.authoring.scaffold import scaffold
from workbench.authoring.starters import derive_project
from workbench.authoring.templates import MARK, is_template
from workbench.course.catalog import load_catalog
from workbench.course.derive import solution_from
from workbench.course.problems import UserError
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


def test_derive_says_what_it_wrote_and_check_what_is_missing(course):
    catalog = load_catalog(course.catalog_file)
    derive_project(course, catalog, write=True)
    (course.exercises / "churn_service" / "app.py").unlink()
    assert derive_project(course, catalog, write=False) == [
        "exercises/churn_service/app.py is missing"
    ]
    assert derive_project(course, catalog, write=True) == ["exercises/churn_service/app.py written"]


def said_by_verify(course, *ids: str) -> str:
    console = Console(record=True, width=400, file=io.StringIO())
    verify(course, list(ids), console)
    return console.export_text()


def test_verify_of_one_exercise_tells_what_is_wrong_without_a_run(course):
    rows = course.catalog_file.read_text("utf-8")
    row = rows[rows.index('id = "risk-level"') : rows.index('id = "evaluate-model"')]
    poor = re.sub(r"(?s)hints = \[\n.*?\n\]", "hints = []\nweights = {test_none = 3}", row)
    poor = re.sub(r"teaches = .*", "teaches = []", poor)
    course.catalog_file.write_text(rows.replace(row, poor), encoding="utf-8")
    said = said_by_verify(course, "risk-level")
    for sentence in (
        "a ladder of hints is asked",
        "points, minutes and teaches must say something",
        "a weight is given for test_none",
        "0 mistakes, at least 4 are asked",
        "0 other answers, at least 2 are asked",
    ):
        assert f"risk-level: {sentence}" in said
    assert "evaluate-model" not in said


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('assert call(MODULE, "risk_level", 0.5).value == "medium"', "an `assert`"),
        ('raise ValueError("it is wrong")', "ValueError"),
        ('pytest.fail("it is wrong")', "`pytest.fail`"),
        ("raise Wrong()", "Wrong"),
    ],
)
def test_a_check_that_fails_without_a_verdict_is_named_with_the_cure(line, name):
    source = f"import pytest\n\nclass Wrong(Exception): ...\n\ndef test_it(call):\n    {line}\n"
    (complaint,) = check_complaints(source)
    assert complaint.startswith(f"line 6: {name}")
    assert "answer.fails(...)" in complaint and "mismatch(...)" in complaint


def test_outcomes_are_verdicts_and_no_complaint():
    source = (
        "def test_it(call):\n    try:\n        raise call().fails('a', 'b', 'c')\n"
        "    except Outcome:\n        raise\n    raise mismatch('a', got='b', expected='c', look='d')\n"
    )
    assert not list(check_complaints(source))


def test_a_scaffold_adds_its_parts_and_overwrites_nothing(course):
    file = "churn_service/load_shedding.py"
    rows = course.catalog_file.read_text("utf-8")
    steps = scaffold(course, "shed-load", "api", file)
    catalog = load_catalog(course.catalog_file)
    assert catalog.exercise("shed-load").files == (file,)
    assert [e.id for e in catalog.exercises if e.lesson == "api"][-1] == "shed-load"
    row = course.catalog_file.read_text("utf-8")
    start = row.index('[[exercise]]\nid = "shed-load"')
    end = row.index("[[exercise]]", start + 1)
    assert row[:start] + row[end:] == rows
    for place in (f"solutions/{file}", "tests/checks/test_shed_load.py", "notebooks/src/04_flask"):
        assert any(step.startswith(place) for step in steps), place
    assert any("dev verify shed-load" in step for step in steps)
    with pytest.raises(UserError, match="already"):
        scaffold(course, "shed-load", "api", "churn_service/app.py")


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("function", "churn_service/load_shedding.py"),
        ("class", "churn_service/load_shedding.py"),
        ("file", "deploy/shedding.yml"),
    ],
)
def test_a_scaffold_judges_what_is_filled_in_and_names_the_rest(course, kind, file):
    scaffold(course, "shed-load", "api", file, kind)
    derive_project(course, load_catalog(course.catalog_file), write=True)
    said = said_by_verify(course, "shed-load")
    assert "3 cases of shed-load" in said  # the reference and the starter; no template is judged
    complaints = [line for line in said.splitlines() if line.startswith("✗")]
    templates = [line for line in complaints if MARK in line]
    assert len(templates) == (6 if kind == "class" else 5), said
    assert all("asked" in x or "must say" in x for x in complaints if x not in templates), said
    for place in ("solutions", "tests", "notebooks/src"):
        for file in (course.root / place).rglob("*"):
            if file.is_file() and file.suffix != ".pyc" and is_template(file):
                text = file.read_text("utf-8").replace(MARK, "Filled in")
                file.write_text(text, encoding="utf-8")
    derive_project(course, load_catalog(course.catalog_file), write=True)
    said = said_by_verify(course, "shed-load")
    assert "5 cases of shed-load" in said
    complaints = [line for line in said.splitlines() if line.startswith("✗")]
    assert all(" asked" in line or "must say" in line for line in complaints), said


def test_the_first_exercise_of_a_lesson_comes_before_those_of_later_lessons(course):
    rows = course.catalog_file.read_text("utf-8")
    lesson = '[[lesson]]\nid = "between"\ntitle = "t"\nnotebook = "n.ipynb"\nminutes = 1\n\n'
    later = rows.index('[[lesson]]\nid = "loading"')
    course.catalog_file.write_text(rows[:later] + lesson + rows[later:], encoding="utf-8")
    scaffold(course, "shed-load", "between", "churn_service/load_shedding.py")
    ids = [e.id for e in load_catalog(course.catalog_file).exercises]
    assert ids[ids.index("shed-load") - 1] == "features-in-sql"


@pytest.mark.parametrize(
    ("exercise_id", "lesson", "file", "told"),
    [
        ("Shed Load", "api", "churn_service/app.py", "lower case"),
        ("shed-load", "nowhere", "churn_service/app.py", "no lesson 'nowhere'"),
        ("shed-load", "api", "churn_service/app.py", "exists and marks no region.*BEGIN SOLUTION"),
        ("shed-load", "api", "churn_service/risk.py", "belongs to risk-level"),
        ("shed-load", "api", "deploy/shedding.json", "write the whole answer there first"),
        ("shed-load", "api", "../shedding.py", "a path inside the project"),
    ],
)
def test_a_scaffold_refuses_what_it_cannot_place(course, exercise_id, lesson, file, told):
    rows = course.catalog_file.read_text("utf-8")
    with pytest.raises(UserError, match=told):
        scaffold(course, exercise_id, lesson, file)
    assert course.catalog_file.read_text("utf-8") == rows


def test_the_written_messages_hold_no_marker_and_name_the_place_of_the_change(course):
    exercise = load_catalog(course.catalog_file).exercise("prediction-cache")
    source = (course.reference / exercise.files[0]).read_text("utf-8")
    wrong = source.replace("self._remember(key, probability)", "pass")
    change = change_in(course, Case(exercise, "mistake", "m", wrong, exercise.files[0]))
    assert "SOLUTION" not in change
    assert change.startswith("@ churn_service/cache.py | def predict_probability(")


def test_without_jupytext_an_author_reads_the_cure(course, monkeypatch):
    monkeypatch.setitem(sys.modules, "jupytext", None)
    with pytest.raises(UserError, match=r"jupytext is not installed.*workbench test --version"):
        read_source(course.root / "notebooks" / "src" / "00_welcome.py")


def test_numbers_that_differ_from_the_catalogue_are_all_named_and_written(course, root):
    catalog = load_catalog(course.catalog_file)
    home = course.root / "docs" / "index.md"
    home.parent.mkdir()
    text = (root / "docs" / "index.md").read_text("utf-8")
    stale = re.sub(r"\*\*\d+ exercises", "**7 exercises", text).replace("| 30 + 25 |", "| 1 + 2 |")
    home.write_text(stale, encoding="utf-8")
    lesson = course.root / "notebooks" / "src" / "09_make_it_fast.py"
    right = lesson.read_text("utf-8")
    lesson.write_text(right.replace("for its four", "for its three"), encoding="utf-8")
    assert len(derive_counts(course, catalog, write=False)) == 3
    assert home.read_text("utf-8") == stale
    assert len(derive_counts(course, catalog, write=True)) == 3
    assert derive_counts(course, catalog, write=False) == []
    assert (home.read_text("utf-8"), lesson.read_text("utf-8")) == (text, right)
