"""The faults that are put into answers: what they change, how they are told apart, what is kept."""

import json

import pytest

from workbench.authoring.message_rules import faults_in
from workbench.authoring.mutation.corpus import DATA, DOCKERFILE, PYTHON, SQL, mutants_of, sample
from workbench.authoring.mutation.edits import inside, mutants_from
from workbench.authoring.mutation.equivalents import equivalents_of
from workbench.authoring.mutation.store import Fates
from workbench.authoring.repeat import Repeated, are_alike, shared_in, without_passing_values
from workbench.boundary.outcomes import CUT
from workbench.judging.results import CheckResult, summarise


def changed(language, answer: str) -> list[str]:
    """The lines that the faults of an answer put in."""
    source = f"# BEGIN SOLUTION\n{answer}\n# END SOLUTION\n"
    edits = inside(language.edits(source), source)
    right = language.meaning(source)
    made = [
        m
        for m in mutants_from("x", "f", source, edits)
        if language.meaning(m.text) not in (None, right)
    ]
    return [
        "\n".join(x[1:] for x in m.shown.split("\n") if x.startswith("+")).strip() for m in made
    ]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("x = a < b", "x = a <= b"),
        ("x = a == b", "x = a != b"),
        ("x = f(1)", "x = f(2)"),
        ("x = {'a': 1, 'b': 2}", "x = { 'b': 2}"),
        ("x = f(a, b)", "x = f(b, a)"),
        ("x = f(a, key=1)", "x = f(a)"),
        ("x = a and b", "x = a or b"),
        ("x = not a", "x = (a)"),
        ("x = float(a)", "x = (a)"),
        ("x = a + b", "x = a - b"),
        ("while a:\n    f()", "pass"),
        ("if a:\n    f()", "if not (a):"),
        ("with lock:\n    f()", "if True:"),
        ("try:\n    f()\nexcept OSError:\n    g()", "raise"),
        ("@app.get('/x')\ndef f(): ...", ""),
        ("x = 'é'; y = a < b", "x = 'é'; y = a >= b"),
    ],
)
def test_python_faults(answer, fault):
    assert fault in changed(PYTHON, answer)


def test_no_fault_is_put_into_docstrings_comments_hints_or_words_to_a_person():
    answer = 'def f(a: dict[str, int]):\n    """Says 1."""\n    raise ValueError("not 1")  # 1'
    assert changed(PYTHON, answer) == ["pass  # 1"]


def test_sql_faults():
    faults = changed(SQL, "SELECT max(a) AS a\nFROM t LEFT JOIN u USING (id)\nWHERE b < 3 -- < 4")
    for fault in ("SELECT min(a) AS a", "FROM t JOIN u USING (id)", "WHERE b <= 3 -- < 4"):
        assert fault in faults
    assert not any("<= 4" in fault for fault in faults)


def test_dockerfile_faults():
    faults = changed(DOCKERFILE, "FROM python:3.11\nUSER 1000\nRUN pip install --no-cache-dir x")
    assert {"USER root", "RUN pip install x"} <= set(faults)


def test_yaml_faults():
    faults = changed(DATA, "a: 5m\nb:\n  - on: true\n    c: x\n  - d")
    assert {"a: 5h", "- on: false", "c: xX", "aX: 5m"} <= set(faults)


def test_every_mutant_of_the_course_is_unique_and_parses(course, risk_level):
    made = mutants_of(course, risk_level)
    assert len({m.key for m in made}) == len({m.shown for m in made}) == len(made) > 20


def test_a_sample_is_drawn_by_its_seed(course, risk_level):
    made = mutants_of(course, risk_level)
    assert sample(made, 5, 1) == sample(made, 5, 1) != sample(made, 5, 2)
    assert sample(made, 500, 1) == made


def test_a_run_that_was_cut_off_goes_on_and_a_new_check_starts_again(course, risk_level, tmp_path):
    mutant = mutants_of(course, risk_level)[0]
    failed = summarise("risk-level", 5, 0.1, [CheckResult("test_it", "It", "failed", "no", 0.1)])
    Fates(tmp_path, course, risk_level).add(mutant, failed)
    with (tmp_path / "risk-level.jsonl").open("a") as file:
        file.write('{"mutant": "cut o')
    assert Fates(tmp_path, course, risk_level).of(mutant).is_killed
    check = course.checks / risk_level.check_file
    check.write_text(check.read_text("utf-8") + "\n# stricter\n", encoding="utf-8")
    again = Fates(tmp_path, course, risk_level)
    assert again.of(mutant) is None
    assert again.of(mutant, also_of_older_checks=True).is_killed


def test_a_reason_that_fits_no_mutant_is_reported(course, risk_level):
    mutant = mutants_of(course, risk_level)[0]
    file = course.checks.parent / "equivalent" / "risk-level.toml"
    file.parent.mkdir(exist_ok=True)
    entry = {"reason": "It is the same in the end", "mutants": [mutant.shown, "@ nowhere\n-a\n+b"]}
    lines = [f"{key} = {json.dumps(value)}" for key, value in entry.items()]
    file.write_text("\n".join(["[[equivalent]]", *lines]), encoding="utf-8")
    told = equivalents_of(course, risk_level)
    assert told.reason(mutant)
    assert list(told.unmatched(mutants_of(course, risk_level))) == ["@ nowhere\n-a\n+b"]


def graded(verdict: str, message: str):
    return summarise("risk-level", 5, 0.1, [CheckResult("test_it", "It", verdict, message, 0.1)])


def test_a_verdict_that_changes_is_told_and_ports_are_not(course, risk_level):
    from workbench.authoring.cases import Case

    one = Repeated(Case(risk_level, "mistake", "m"))
    one.add(1, graded("failed", "It came from 127.0.0.1:50001 after 3 ms"))
    one.add(1, graded("failed", "It came from 127.0.0.1:50002 after 7 ms"))
    assert list(one.differences()) == []
    one.add(2, graded("passed", ""))
    assert "passed" in next(one.differences())


def test_two_messages_of_one_seed_must_be_equal(risk_level):
    from workbench.authoring.cases import Case

    one = Repeated(Case(risk_level, "mistake", "m"))
    one.add(1, graded("failed", "low"))
    one.add(1, graded("failed", "high"))
    assert "said two things" in next(one.differences())
    assert without_passing_values("took 5 ms") == without_passing_values("took 12.5 s")
    assert without_passing_values("{'b', 'a'}") == without_passing_values("{'a', 'b'}")


def test_a_later_check_that_changes_its_verdict_is_told(risk_level):
    from workbench.authoring.cases import Case

    one = Repeated(Case(risk_level, "mistake", "m"))
    for second in ("passed", "failed"):
        made = [CheckResult("a", "A", "failed", "no", 0.1), CheckResult("b", "B", second, "", 0.1)]
        one.add(1, summarise("risk-level", 5, 0.1, made))
    assert ["b passed 1 times, failed 1 times" in told for told in one.differences()] == [True]


def test_what_the_contract_has_against_a_round_is_told(risk_level):
    from workbench.authoring.cases import Case

    one = Repeated(Case(risk_level, "mistake", "m"))
    one.add(1, graded("failed", "low"))
    one.add(2, graded("failed", "high"), ["its message must hold: low"])
    assert list(one.differences()) == ["in 1 gradings: its message must hold: low"]


def test_a_message_that_two_mistakes_get_with_one_seed_is_told(risk_level):
    from workbench.authoring.cases import Case

    low, high = (Case(risk_level, "mistake", says, says=says) for says in ("low", "high"))
    one, other = Repeated(low), Repeated(high)
    for seed, said in ((1, "high"), (2, "low")):
        one.add(seed, graded("failed", "low"))
        other.add(seed, graded("failed", said))
    (told,) = shared_in([one, other])
    assert "low and high share 'low'" in told or "high and low share 'low'" in told
    assert told.endswith("with 1 seeds")


def test_a_text_may_be_cut_a_few_characters_sooner():
    shown = "It wrote `a line with a number: <n>, and a long tail"
    assert are_alike(f"{shown} that{CUT}`.\nExpected: b", f"{shown} that is{CUT}`.\nExpected: b")
    assert not are_alike(f"{shown}{CUT}`.\nExpected: b", f"{shown}{CUT}`.\nExpected: c")
    assert not are_alike(f"{shown}{CUT}", f"It {shown}{CUT}")


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (" ", "empty"),
        ("x" * 2000, "characters"),
        ("It failed in {root}/tests/x.py", "place of the judge's own"),
        ("It failed.\nE   assert 1 == 2", "frames of pytest"),
        ("Write   `return answers.get(key, default=None)`", "gives a line of the answer away"),
    ],
)
def test_a_message_that_breaks_a_rule_is_named(course, message, fault):
    told = message.format(root=course.root) if "{root}" in message else message
    found = list(faults_in(told, course, {"return answers.get(key, default=None)"}))
    assert found and fault in found[0]


def test_a_good_message_breaks_no_rule(course):
    message = "The check called `risk_level(0.7)`.\nIt returned 'high'.\nExpected: 'medium'."
    assert not list(faults_in(message, course, {"return 'medium' if p > 0.4 else 'low'"}))
