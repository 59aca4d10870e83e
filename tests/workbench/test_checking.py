"""What a check makes of right answers, wrong answers and accidents."""

import json
from pathlib import Path

import jsonschema
import pytest

from workbench.course.derive import solution_from, starter_from
from workbench.judging.check import check_exercise, check_titles
from workbench.judging.results import result_from_json

RIGHT = """
def risk_level(p):
    if type(p) not in (int, float):
        raise TypeError("no number")
    if not 0 <= p <= 1:
        raise ValueError("no probability")
    return "high" if p > 0.7 else "medium" if p > 0.4 else "low"
"""


def verdict(course, exercise) -> tuple[str, str]:
    result = check_exercise(course, exercise)
    problem = result.first_problem
    return result.verdict, problem.message if problem else ""


def test_a_right_answer_passes_with_all_points(course, risk_level, answer):
    answer(RIGHT)
    result = check_exercise(course, risk_level)
    assert result.verdict == "passed"
    assert result.points_earned == result.points_possible == risk_level.points


def test_a_result_follows_the_published_schema_and_reads_back(course, risk_level, answer, root):
    schema = json.loads((root / "workbench/judging/result.schema.json").read_text("utf-8"))
    for text in (RIGHT, "def risk_level(p): return 'low'", "nonsense ("):
        answer(text)
        result = check_exercise(course, risk_level)
        jsonschema.validate(result.as_json(), schema)
        assert result_from_json(result.as_json()).as_json() == result.as_json()


def test_a_half_right_answer_earns_its_share_of_points(course, risk_level, answer):
    answer("def risk_level(p): return 'high' if p > 0.7 else 'medium' if p > 0.4 else 'low'")
    result = check_exercise(course, risk_level)
    assert result.verdict == "failed"
    assert 0 < result.points_earned < result.points_possible


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(course, risk_level, answer):
    file = answer("")
    file.write_bytes(b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode())
    assert verdict(course, risk_level)[0] == "passed"


def test_prints_and_warnings_cost_nothing(course, risk_level, answer):
    answer("import sys, warnings\nprint('x' * 9)\nwarnings.warn('old')\n" + RIGHT)
    assert verdict(course, risk_level)[0] == "passed"


def test_an_untouched_file_is_not_started_and_names_itself(course, risk_level):
    found, message = verdict(course, risk_level)
    assert found == "not_started"
    assert "exercises/churn_service/risk.py" in message


def test_a_half_replaced_placeholder_is_told_with_its_line(course, risk_level, answer):
    answer(
        "def risk_level(p):\n    if p > 0.7:\n        return 'high'\n    raise NotImplementedError\n"
    )
    found, message = verdict(course, risk_level)
    assert found == "not_started"
    assert "line 4" in message


def test_a_syntax_error_is_an_error_that_names_file_and_line(course, risk_level, answer):
    answer("def risk_level(p):\n    return 'high' els 'low'\n")
    found, message = verdict(course, risk_level)
    assert found == "error"
    assert "line 2 of churn_service/risk.py" in message


@pytest.mark.parametrize("leave", ["os._exit(0)", "sys.exit(0)", "os.kill(os.getpid(), 9)"])
def test_leaving_the_process_is_an_error_not_a_pass(course, risk_level, answer, leave):
    answer(f"import os, sys\ndef risk_level(p):\n    {leave}\n")
    assert verdict(course, risk_level)[0] == "error"


def test_leaving_at_import_is_an_error_not_a_pass(course, risk_level, answer):
    answer("import os\nos._exit(0)\n")
    assert verdict(course, risk_level)[0] == "error"


def test_an_endless_loop_is_a_timeout_and_stops_the_rest(course, risk_level, answer, monkeypatch):
    monkeypatch.setattr("workbench.boundary.conversation.DEADLINE_SECONDS", 1.0)
    answer("def risk_level(p):\n    while True:\n        pass\n")
    result = check_exercise(course, risk_level)
    assert {check.verdict for check in result.checks} == {"timeout"}
    assert "Not run" in result.checks[-1].message


def test_an_object_that_equals_everything_fails(course, risk_level, answer):
    answer("class Any:\n    def __eq__(self, o): return True\ndef risk_level(p): return Any()\n")
    assert verdict(course, risk_level)[0] == "failed"


def test_a_missing_file_is_told_with_the_remedy(course, risk_level, answer):
    answer("").unlink()
    found, message = verdict(course, risk_level)
    assert found == "failed"
    assert "missing" in message
    assert "reset" in message


def test_bytes_that_are_no_text_are_told(course, risk_level, answer):
    answer("").write_bytes(b"x = '\xff'\n")
    found, message = verdict(course, risk_level)
    assert found == "failed"
    assert "UTF-8" in message


def test_a_fault_of_the_check_is_never_the_learners(course, risk_level, answer):
    file = course.checks / risk_level.check_file
    file.write_text('def test_broken(call):\n    """A check with a fault"""\n    1 / 0\n')
    answer(RIGHT)
    found, message = verdict(course, risk_level)
    assert found == "environment"
    assert "not to blame" in message


def test_an_answer_that_trips_the_check_up_is_no_excuse(course, risk_level, answer):
    file = course.checks / risk_level.check_file
    file.write_text(
        'def test_form(call):\n    """It is a word"""\n'
        '    assert call("churn_service.risk", "risk_level", 0.5).value.lower()\n'
    )
    answer("def risk_level(p):\n    return [p]\n")
    found, message = verdict(course, risk_level)
    assert found == "failed"
    assert "could make nothing of it" in message
    answer(RIGHT)
    assert verdict(course, risk_level)[0] == "passed"


def test_a_check_that_does_not_report_counts_as_not_passed(course, risk_level, answer):
    file = course.checks / risk_level.check_file
    file.write_text(file.read_text("utf-8") + "\n\ntest_levels_follow_the_thresholds = None\n")
    answer(RIGHT)
    result = check_exercise(course, risk_level)
    assert result.verdict == "environment"


def test_the_same_seed_sends_the_same_inputs(course, risk_level, answer):
    answer("def risk_level(p): return repr(p)")
    first, second, other = (check_exercise(course, risk_level, seed=s).checks[0] for s in (1, 1, 2))
    assert first.message == second.message != other.message


def test_a_bug_in_one_exercise_never_fails_another(course, risk_level, answer):
    (course.project / "churn_service" / "customer.py").write_text("import nothing_of_the_kind\n")
    answer(RIGHT)
    assert verdict(course, risk_level)[0] == "passed"


def test_cold_processes_judge_like_warm_ones(course, risk_level, answer, monkeypatch):
    monkeypatch.setattr("workbench.sandbox.warm_process.CAN_WARM", False)
    answer(RIGHT)
    assert verdict(course, risk_level)[0] == "passed"
    answer("import os\ndef risk_level(p):\n    os._exit(0)\n")
    assert verdict(course, risk_level)[0] == "error"


def test_a_project_does_not_see_the_course(course, risk_level, answer):
    answer(
        "import importlib.util as u\nassert not u.find_spec('workbench.course.catalog')\n" + RIGHT
    )
    found, message = verdict(course, risk_level)
    assert found == "error"
    assert "ModuleNotFoundError" in message


def test_titles_are_read_without_running_the_check(course, risk_level):
    titles = check_titles(course.checks / risk_level.check_file)
    assert next(iter(titles)) == "test_levels_follow_the_thresholds"
    assert all(titles.values())


def test_the_reference_and_the_starter_come_from_one_file(course, risk_level):
    source = Path(course.reference / risk_level.files[0]).read_text("utf-8")
    assert (course.project / risk_level.files[0]).read_text("utf-8") == starter_from(
        source, "risk-level"
    )
    assert "SOLUTION" not in solution_from(source)
