"""The command line: what it prints, and the exit status programs rely on."""

import json

import pytest

from workbench.cli import main


@pytest.fixture
def here(course, monkeypatch):
    """The commands work on the copied course."""
    monkeypatch.setattr("workbench.cli.learn.find_course", lambda project=None: course)
    return course


def test_list_as_json_has_an_object_per_exercise(here, capsys):
    assert main(["list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows[0]["id"] == "risk-level"
    assert {row["state"] for row in rows} == {"not_started"}


def test_check_exits_with_1_for_a_starter_and_0_for_a_pass(here, answer, capsys):
    assert main(["check", "risk-level", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "not_started"
    answer((here.reference / "churn_service/risk.py").read_text("utf-8"))
    assert main(["check", "risk-level"]) == 0
    assert "5 of 5 points" in capsys.readouterr().out


def test_a_failure_shows_call_answer_expectation_and_where_to_look(here, answer, capsys):
    answer("def risk_level(p):\n    return 'low'\n")
    assert main(["check", "risk-level"]) == 1
    shown = capsys.readouterr().out
    for part in (
        "The check called",
        "It returned 'low'",
        "Expected: ",
        "Look at: ",
        "hint risk-level",
    ):
        assert part in shown


def test_an_unknown_exercise_is_told_with_the_nearest(here, capsys):
    assert main(["check", "risk-levels"]) == 2
    assert "Did you mean 'risk-level'?" in capsys.readouterr().err


def test_an_unknown_command_is_told_without_a_traceback(here, capsys):
    assert main(["chekc", "risk-level"]) == 2
    assert "No such command" in capsys.readouterr().err


def test_hint_says_which_of_how_many(here, capsys):
    main(["hint", "risk-level"])
    main(["hint", "risk-level"])
    assert "hint 2 of 3" in capsys.readouterr().out


def test_solution_is_closed_until_it_is_earned_or_given_up(here, capsys):
    assert main(["solution", "risk-level"]) == 2
    assert "--give-up" in capsys.readouterr().err
    assert main(["solution", "risk-level", "--give-up"]) == 0
    assert "def risk_level" in capsys.readouterr().out


def test_reset_says_where_the_old_version_went(here, answer, capsys):
    answer("mine = True\n")
    assert main(["reset", "risk-level"]) == 0
    assert ".workbench/backups/" in capsys.readouterr().out


def test_status_names_what_comes_next(here, capsys):
    assert main(["status"]) == 0
    shown = capsys.readouterr().out
    assert "0 of" in shown
    assert "00_welcome.ipynb" in shown


def test_a_project_that_does_not_exist_is_told(here, capsys, tmp_path):
    assert main(["check", "risk-level", "--project", str(tmp_path / "none")]) == 2
    assert "no such folder" in capsys.readouterr().err
