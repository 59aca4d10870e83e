"""Progress, hints, solutions and fresh starts: nothing a learner did is ever lost."""

import json
import multiprocessing

import pytest

from workbench.course.catalog import load_catalog
from workbench.judging.results import CheckResult, summarise
from workbench.learning.learner import (
    NotYet,
    exercise_rows,
    next_hint,
    reset,
    solution_texts,
    status_of,
)
from workbench.learning.progress import Progress


def result(exercise: str, verdict: str, points: int = 5):
    return summarise(exercise, points, 0.1, [CheckResult("test_it", "It", verdict, "", 0.1)])


def record_many(course, name: str, times: int) -> None:
    for _ in range(times):
        Progress(course).record(result(name, "failed"))


def test_progress_is_readable_and_keyed_by_exercise(course):
    Progress(course).record(result("risk-level", "passed"))
    told = json.loads((course.state / "progress.json").read_text("utf-8"))
    assert told["exercises"]["risk-level"]["state"] == "passed"
    assert told["exercises"]["risk-level"]["attempts"] == 1


def test_a_pass_is_kept_when_a_later_check_fails(course):
    progress = Progress(course)
    progress.record(result("risk-level", "passed"))
    progress.record(result("risk-level", "failed"))
    assert progress.has_passed("risk-level")
    assert progress.state("risk-level") == "failed"
    assert progress.entry("risk-level")["points"] == 5


def test_neither_a_starter_nor_the_environment_counts_as_an_attempt(course):
    progress = Progress(course)
    for verdict in ("not_started", "environment"):
        progress.record(result("risk-level", verdict))
    assert "attempts" not in progress.entry("risk-level")


def test_two_processes_at_once_lose_nothing(course):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=record_many, args=(course, n, 20)) for n in ("one", "two")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    entries = Progress(course).entries()
    assert entries["one"]["attempts"] == entries["two"]["attempts"] == 20


def test_what_a_newer_course_wrote_is_kept(course):
    file = course.state / "progress.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        '{"format": 1, "exercises": {"from-the-future": {"state": "passed", "stars": 3}}}'
    )
    Progress(course).record(result("risk-level", "failed"))
    assert Progress(course).entries()["from-the-future"] == {"state": "passed", "stars": 3}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"exercises": 3}'])
def test_an_unreadable_file_is_set_aside_not_lost(course, text):
    file = course.state / "progress.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    assert Progress(course).entries() == {}
    assert [f.read_text() for f in course.state.glob("progress-unreadable-*.json")] == [text]


def test_hints_go_up_one_step_and_stay_at_the_last(course, risk_level):
    numbers = [next_hint(course, risk_level)[0] for _ in range(5)]
    assert numbers == [1, 2, 3, 3, 3]


def test_a_solution_opens_after_a_pass_or_when_given_up(course, risk_level):
    with pytest.raises(NotYet, match="--give-up"):
        solution_texts(course, risk_level, give_up=False)
    assert "return" in solution_texts(course, risk_level, give_up=True)["churn_service/risk.py"]
    assert "solution_seen" in Progress(course).entry("risk-level")


def test_a_solution_after_a_pass_is_not_noted_as_given_up(course, risk_level):
    Progress(course).record(result("risk-level", "passed"))
    assert solution_texts(course, risk_level, give_up=False)
    assert "solution_seen" not in Progress(course).entry("risk-level")


def test_reset_keeps_the_learners_version_and_says_where(course, risk_level, answer):
    file = answer("my own work\n")
    kept = reset(course, risk_level)
    assert kept["churn_service/risk.py"].read_text("utf-8") == "my own work\n"
    assert "NotImplementedError" in file.read_text("utf-8")


def test_two_resets_keep_two_versions(course, risk_level, answer):
    kept = []
    for text in ("first\n", "second\n"):
        answer(text)
        kept.append(reset(course, risk_level)["churn_service/risk.py"])
    assert [file.read_text("utf-8") for file in kept] == ["first\n", "second\n"]


def test_status_names_the_next_exercise_and_its_file(course):
    catalog = load_catalog(course.catalog_file)
    assert status_of(course, catalog)["files"] == ["exercises/churn_service/risk.py"]
    Progress(course).record(result("risk-level", "passed"))
    now = status_of(course, catalog)
    assert (now["passed"], now["points"]) == (1, 5)
    assert now["next"] == catalog.exercises[1].id


def test_rows_hold_what_programs_need(course):
    row = exercise_rows(course, load_catalog(course.catalog_file))[0]
    assert list(row) == ["id", "lesson", "title", "minutes", "files", "needs", "points", "state"]
