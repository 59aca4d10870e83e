"""A mistake stored as changes: what it becomes, and the sentence for one that does not fit the answer."""

import io

import pytest
from rich.console import Console

from tests.conftest import ROOT
from workbench.authoring.cases import cases_of
from workbench.authoring.contract import verify
from workbench.authoring.mistakes import MistakeError, load_changes
from workbench.authoring.static_rules import static_complaints
from workbench.course.catalog import load_catalog
from workbench.course.derive import solution_from, variant_from
from workbench.course.place import Course

COURSE = Course(ROOT, ROOT / "exercises")
LABELS = "fails = 'test_it'\nsays = 'words'\n"
RANGE = (
    "    if not 0 <= probability <= 1:  # also refuses NaN, for which both comparisons are false\n"
)
RANGE_REFUSED = (
    '        raise ValueError(f"a probability lies between 0 and 1, not at {probability}")\n'
)


def change(this: str, becomes: str) -> str:
    return f"[[change]]\nthis = '''\n{this}'''\nbecomes = '''\n{becomes}'''\n"


@pytest.fixture(scope="module")
def exercise():
    return load_catalog(COURSE.catalog_file).exercise("risk-level")


@pytest.fixture(scope="module")
def source(exercise) -> str:
    return (COURSE.reference / exercise.files[0]).read_text("utf-8")


@pytest.fixture
def became(exercise, source, tmp_path):
    """`became(text)` stores a mistake and returns the answer that it makes."""

    def load(text: str) -> str:
        file = tmp_path / "wrong.toml"
        file.write_text(text, encoding="utf-8")
        return variant_from(source, load_changes(exercise, file, COURSE.reference).text)

    return load


def test_a_change_is_made_in_the_answer_and_nothing_else_is(became, source):
    text = LABELS + "note = 'why'\n" + change(RANGE, "    if False:\n")
    assert became(text) == solution_from(source).replace(RANGE, "    if False:\n")


def test_changes_are_found_in_the_answer_as_it_is(became, source):
    high, medium = '        return "high"\n', '        return "medium"\n'
    swapped = solution_from(source).replace(high, "?").replace(medium, high).replace("?", medium)
    assert became(LABELS + change(medium, high) + change(high, medium)) == swapped


def test_an_empty_text_deletes_and_the_last_line_end_may_be_left_out(became, source):
    lines = (RANGE + RANGE_REFUSED).removesuffix("\n")
    made = became(f"{LABELS}[[change]]\nthis = '''\n{lines}'''\nbecomes = ''\n")
    assert made == solution_from(source).replace(RANGE + RANGE_REFUSED, "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LABELS + change("    if x:\n", ""), "change 1: .*risk.py has no such lines: if x:"),
        (LABELS + change(RANGE.strip() + "\n", ""), "with their indentation"),
        (LABELS + change("\n", ""), r"has these lines \d+ times: \(nothing\). Put the line above"),
        (LABELS + change("", "    pass\n"), "no such lines"),
        (LABELS + change(RANGE, "") + change(RANGE + RANGE_REFUSED, ""), "change 2 overlaps"),
        (LABELS + change(RANGE, "") + "because = 'x'\n", "change 1: `because` is unknown"),
        (LABELS + "[[change]]\nthis = 'x'\n", "change 1: `becomes` is missing"),
        ("says = 'words'\n" + change(RANGE, ""), "wrong.toml: `fails` is missing"),
        ("says = 1\nfails = 'x'\n" + change(RANGE, ""), "`says` is no text"),
        (LABELS + "why = 'x'\n" + change(RANGE, ""), "`why` is unknown. The keys here are fails"),
        (
            LABELS + "file = 'app.py'\n" + change(RANGE, ""),
            "The exercise has churn_service/risk.py",
        ),
        (LABELS, "there is no change"),
        ("fails: test_it", "is no TOML"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(became, text, told):
    with pytest.raises(MistakeError, match=told) as refused:
        became(text)
    assert str(refused.value).startswith("risk-level/wrong.toml")


@pytest.mark.parametrize("line", ["    # BEGIN SOLUTION\n", "HIGH_ABOVE = 0.7\n"])
def test_only_lines_of_the_answer_may_change(became, line):
    with pytest.raises(MistakeError, match="are not of the answer"):
        became(LABELS + change(line, ""))


def test_mistakes_are_cases_and_what_does_not_fit_is_a_complaint_of_verify(course, risk_level):
    folder = course.checks.parent / "mistakes" / risk_level.id
    folder.mkdir(parents=True)
    (folder / "fits.toml").write_text(LABELS + change(RANGE, ""), encoding="utf-8")
    [case] = [case for case in cases_of(course, risk_level) if case.kind == "mistake"]
    assert (case.name, case.fails, case.says) == ("fits", "test_it", "words")
    for name in ("one", "two"):
        (folder / f"{name}.toml").write_text(LABELS + change("gone\n", ""), encoding="utf-8")
    console = Console(record=True, width=200, file=io.StringIO())
    assert verify(course, [risk_level.id], console) == 1
    said = console.export_text()
    assert "✗ risk-level/one.toml, change 1" in said
    assert "risk-level/two.toml, change 1" in said
    complaints = list(static_complaints(course, load_catalog(course.catalog_file)))
    assert any("risk-level/one.toml, change 1" in complaint for complaint in complaints)
