"""What a grading hands out: its formats hold, and a learner's text stays text wherever it appears."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import jsonschema
import pytest
from referencing import Registry, Resource

from workbench.authoring.static_rules import static_complaints
from workbench.course.catalog import CatalogError, load_catalog
from workbench.grading.class_facts import class_facts
from workbench.grading.gradebook import as_csv, as_junit
from workbench.grading.intake import Submission
from workbench.grading.names import csv_cell, shown_name, slug_of, unique_names
from workbench.grading.pages import class_page, feedback_page
from workbench.grading.records import record_of
from workbench.grading.submissions import not_judged
from workbench.grading.summary import summary
from workbench.judging.results import CheckResult, summarise

from .classroom import COURSE, exercise

EXERCISES = [exercise(name) for name in ("risk-level", "hosting")]
MARKUP = """<script>alert(1)</script></pre></textarea>--><img src=x onerror=alert(1)> {{ 7*7 }} {% raw %}
=HYPERLINK("http://evil.example","x") ```\n# not a title\n]]> &amp; \x1b[31m \x00 ' " `"""
NAMES = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "＝1+1",
    "a\r\n=1+1,5,5",
    "'=1",
    "<b onload=x>",
    '"><svg/onload=alert(1)>',
    "con",
    "..",
    "a\u202etxt.exe",
    "Zoë 雪",
    "x" * 500,
)


def results(verdict: str, message: str) -> list:
    made = []
    for one in EXERCISES:
        checks = [CheckResult("test_a", "The first", verdict, message, 0.1)]
        checks += [CheckResult("test_b", "The second", "passed", "", 0.2)]
        made.append(summarise(one.id, one.points, 0.3, checks))
    return made


def record(name: str, verdict: str = "failed", message: str = MARKUP, **about) -> dict:
    made = results(verdict, message)
    judged = {
        "status": "graded",
        "points": {
            "earned": sum(result.points_earned for result in made),
            "possible": sum(result.points_possible for result in made),
        },
        "isolation": {"kind": "process", "outside": [], "protections": []},
        "seconds": 1.0,
        "exercises": [{"isolation": "process", "result": result.as_json()} for result in made],
    }
    submission = Submission(name, **({"handed_in": 1.75e9, "handed_in_is": "newest file"} | about))
    return recorded(submission, judged)


def recorded(submission: Submission, judged: dict) -> dict:
    how = {"keys": {one.id: "0" * 64 for one in EXERCISES}, "seed": 7, "course": COURSE}
    return record_of(submission, known=None, judged=judged, exercises=EXERCISES, **how)


def unreadable(name: str) -> dict:
    submission = Submission(name, problem=MARKUP)
    judged = not_judged(EXERCISES, "unreadable")
    return recorded(submission, judged)


class Markup(HTMLParser):
    """The tags and attributes of a page, and all its text."""

    def __init__(self, page: str):
        super().__init__()
        self.tags, self.attributes, self.text = set(), [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def validator() -> jsonschema.Draft202012Validator:
    folder = COURSE.root / "workbench"
    read = {
        name: json.loads((folder / path / name).read_text(encoding="utf-8"))
        for path, name in (("judging", "result.schema.json"), ("grading", "grading.schema.json"))
    }
    resources = [(name, Resource.from_contents(schema)) for name, schema in read.items()]
    return jsonschema.Draft202012Validator(
        read["grading.schema.json"], registry=Registry().with_resources(resources)
    )


@pytest.mark.parametrize("made", [record("ada"), record("bob", "passed", ""), unreadable("carol")])
def test_a_record_keeps_to_its_published_schema(made):
    validator().validate(json.loads(json.dumps(made)))


def test_the_schema_refuses_a_result_that_is_none():
    made = record("ada")
    made["exercises"][0]["result"]["verdict"] = "splendid"
    assert not validator().is_valid(made)


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_of_the_gradebook_is_a_formula_or_a_new_row(name):
    text = as_csv([record(name, note=name), unreadable(name)], EXERCISES)
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 3 and {len(row) for row in rows} == {12}
    for row in rows[1:]:
        for cell in row:
            assert not cell.strip().startswith(("=", "+", "-", "@", "＝")), cell
            assert not set(cell) & set("\t\r\n\x00\u202e")


def test_an_honest_name_stays_as_it_is():
    assert [csv_cell(name) for name in ("ada", "Zoë 雪", "o'neill")] == ["ada", "Zoë 雪", "o'neill"]


def test_a_page_holds_a_learners_text_as_text_only():
    for name in NAMES:
        records = [record(name, note=MARKUP), unreadable(name + "2")]
        facts = class_facts(COURSE, EXERCISES, records)
        pages = [feedback_page(made, EXERCISES) for made in records] + [class_page(facts, records)]
        for page in pages:
            seen = Markup(page)
            assert not seen.tags & {
                "script",
                "img",
                "b",
                "iframe",
                "link",
                "object",
                "form",
                "textarea",
            }
            assert all(not key.startswith("on") for key, _ in seen.attributes)
            assert "<script>alert(1)</script>" in seen.text
            assert "{{ 7*7 }}" in seen.text


def test_a_page_needs_nothing_from_anywhere():
    records = [record("ada"), record("bob", "passed", "")]
    facts = class_facts(COURSE, EXERCISES, records)
    for page in (feedback_page(records[0], EXERCISES), class_page(facts, records)):
        seen = Markup(page)
        assert ("http-equiv", "Content-Security-Policy") in seen.attributes
        links = [value for key, value in seen.attributes if key in ("href", "src")]
        assert all(re.fullmatch(r"feedback/[a-z0-9_.-]+\.html", link) for link in links)
        assert "prefers-color-scheme: dark" in page and '<html lang="en">' in page
        assert "url(" not in page and "@import" not in page


def test_junit_has_a_suite_for_each_submission_and_counts_what_it_holds():
    records = [
        record("ada"),
        record("bob", "passed", ""),
        record("eve", "timeout"),
        unreadable("\x1b<x>"),
    ]
    suites = ElementTree.fromstring(as_junit(records).encode()).findall("testsuite")
    counts = [
        {key: int(suite.get(key)) for key in ("tests", "failures", "errors")} for suite in suites
    ]
    assert counts == [
        {"tests": 4, "failures": 2, "errors": 0},
        {"tests": 4, "failures": 0, "errors": 0},
        {"tests": 4, "failures": 0, "errors": 2},
        {"tests": 1, "failures": 0, "errors": 1},
    ]
    assert "<script>alert(1)</script>" in suites[0].find("testcase/failure").text


def test_what_could_not_be_judged_is_skipped_in_junit_and_empty_in_the_gradebook():
    made = record("ada", "environment", "No Docker here.")
    suite = ElementTree.fromstring(as_junit([made]).encode()).find("testsuite")
    assert suite.get("skipped") == "2" and suite.get("errors") == "0"
    row = next(csv.DictReader(io.StringIO(as_csv([made], EXERCISES))))
    assert (row["risk-level"], row["hosting"]) == ("", "")


def test_the_class_report_counts_what_the_records_say():
    records = [
        record("ada", attempts={"risk-level": 3}),
        record("bob", attempts={"risk-level": 6}),
        record("carol", "passed", ""),
        record("dan", "failed", "Another message."),
        record("eve", "environment", "No Docker here.\nMore."),
        unreadable("frank"),
    ]
    risk, hosting = class_facts(COURSE, EXERCISES, records)["exercises"]
    assert (risk["judged"], risk["passed"], risk["pass_rate"]) == (4, 1, 0.25)
    assert (risk["median_attempts"], hosting["median_attempts"]) == (4.5, None)
    assert risk["commonest_failure"]["submissions"] == 3
    assert risk["commonest_failure"]["message"] == MARKUP
    assert risk["environment"] == [{"reason": "No Docker here.", "submissions": 1}]


def test_the_summary_shows_the_first_failure_of_each_exercise_in_a_block_it_cannot_close():
    text = summary([record("<b>ada"), unreadable("bob")])
    assert "## \\<b\\>ada" in text
    assert text.count("### ") == 2
    fences = [line for line in text.splitlines() if re.fullmatch(r"`{3,}(text)?", line)]
    assert len(fences) == 6 and fences[0] == "````text"


def test_names_are_unique_and_their_files_are_too(tmp_path):
    names = ["ada", "Ada", "ada (2)", "ADA", "ａｄａ"]
    unique = unique_names(names)
    assert len({name.casefold() for name in unique}) == len(names) and unique[0] == "ada"
    slugs = [slug_of(name) for name in (*unique, *NAMES)]
    assert len(set(slugs)) == len(slugs)
    assert all(re.fullmatch(r"[a-z0-9_.-]{1,70}", slug) for slug in slugs)


def test_a_name_is_one_visible_line(tmp_path):
    assert shown_name(tmp_path / "ada.tar.gz") == "ada"
    assert shown_name(tmp_path / "a\nb\u202ec.zip") == "a\ufffdb\ufffdc"
    assert shown_name(tmp_path / ".zip") == ".zip"


def test_a_check_counts_as_much_as_the_catalogue_says():
    checks = [
        CheckResult(name, name, verdict, "", 0.0)
        for name, verdict in (("a", "passed"), ("b", "failed"))
    ]
    assert summarise("risk-level", 10, 0.0, checks).points_earned == 5
    assert summarise("risk-level", 10, 0.0, checks, {"a": 4}).points_earned == 8


@pytest.fixture
def catalog_with(tmp_path):
    """The catalogue with a line added to the row of risk-level."""

    def read(line: str):
        text = COURSE.catalog_file.read_text(encoding="utf-8")
        file = tmp_path / "catalog.toml"
        row = 'id = "risk-level"\n'
        file.write_text(text.replace(row, f"{row}{line}\n", 1), encoding="utf-8")
        return load_catalog(file)

    return read


def test_a_weight_for_a_check_that_is_not_there_is_a_complaint_of_verify(catalog_with):
    catalog = catalog_with("weights = {test_nan_is_refused = 2, test_nothing = 3}")
    assert catalog.exercise("risk-level").weights == {"test_nan_is_refused": 2, "test_nothing": 3}
    complaints = [line for line in static_complaints(COURSE, catalog) if "weight" in line]
    assert complaints == [
        "risk-level: a weight is given for test_nothing, which is no check of test_risk_level.py"
    ]


@pytest.mark.parametrize("weight", ["0", "-1", "1.5", "true"])
def test_a_weight_is_a_whole_number_from_one(catalog_with, weight):
    with pytest.raises(CatalogError, match="whole number"):
        catalog_with(f"weights = {{test_nan_is_refused = {weight}}}")
