"""Accidents that must not cost marks, in a course whose path holds spaces and accents."""

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.attacks.conftest import Range
from tests.attacks.test_submissions import right
from workbench.authoring.cases import stay_warm
from workbench.boundary import conversation, project, raised, serving
from workbench.boundary.outcomes import EnvironmentProblem
from workbench.boundary.project import Project
from workbench.sandbox import deadlines

NOISE = """import logging
import sys
import warnings

print("so far so good")
print("x" * 3000, file=sys.stderr)
warnings.warn("an old way to do it", DeprecationWarning)
logging.getLogger("mine").warning("watch out")
"""
SLOW = """
import time

_waited = []
_right = risk_level


def risk_level(probability):
    if not _waited:
        _waited.append(time.sleep(1.5))
    return _right(probability)
"""


@pytest.fixture(scope="module")
def course_range(root, tmp_path_factory):
    """A course and a temporary folder at paths that some tools cannot bear."""
    folder = tmp_path_factory.mktemp("Kurs für Bücher") / "année 2 – 本"
    (folder / "temporäre Dateien").mkdir(parents=True)
    made = Range(root, folder)
    with pytest.MonkeyPatch.context() as patch, stay_warm():
        patch.setattr(tempfile, "tempdir", str(folder / "temporäre Dateien"))
        yield made
    made.close()


@pytest.fixture
def pace(monkeypatch):
    """`pace(times)`: from now on the machine is measured as so many times slower than nominal."""
    fresh = deadlines.Pace()
    for place in (deadlines, serving):
        monkeypatch.setattr(place, "PACE", fresh)
    monkeypatch.setattr("workbench.judging.check.PACE", fresh)

    def measured(times: float) -> deadlines.Pace:
        monkeypatch.setattr(deadlines, "measure", lambda: times * deadlines.NOMINAL_SECONDS)
        return fresh

    return measured


@pytest.mark.parametrize("exercise_id", ["risk-level", "health-endpoint", "service-tests"])
def test_prints_warnings_and_logs_cost_nothing(course_range, exercise_id):
    (text,) = right(course_range, exercise_id)
    course_range.put(exercise_id, text + "\n\n" + NOISE)
    result = course_range.judge(exercise_id)
    assert result.verdict == "passed", result.first_problem.message


def test_a_slow_machine_gets_a_longer_deadline(course_range, pace, monkeypatch):
    monkeypatch.setattr(conversation, "DEADLINE_SECONDS", 1.0)
    (text,) = right(course_range, "risk-level")
    course_range.put("risk-level", text + SLOW)
    pace(10.0)
    assert course_range.judge("risk-level").verdict == "passed"


def test_a_nominal_machine_gets_the_nominal_deadline(course_range, pace, monkeypatch):
    monkeypatch.setattr(conversation, "DEADLINE_SECONDS", 1.0)
    (text,) = right(course_range, "risk-level")
    course_range.put("risk-level", text + SLOW)
    pace(1.0)
    assert course_range.judge("risk-level").verdict == "timeout"


def test_a_machine_that_becomes_slow_gets_the_rest_of_the_time(pace):
    pace(1.0).begin()
    waits = deadlines.waits(2.0)
    assert next(waits) == 2.0
    pace(3.0)
    assert list(waits) == [4.0]


def test_a_fast_machine_gets_no_less_than_the_nominal_time(pace):
    pace(0.1)
    assert list(deadlines.waits(2.0)) == [2.0]


def test_a_machine_is_measured_once_for_a_run(pace, monkeypatch):
    fresh, times = pace(1.0), []
    monkeypatch.setattr(deadlines, "measure", lambda: times.append(1) or 0.01)
    for _ in range(3):
        fresh.begin()
        assert fresh.slowness >= 1
    assert len(times) == 1


def test_threads_that_ask_for_the_pace_at_once_share_one_measurement(monkeypatch):
    measured, together, begin = [], threading.Barrier(4), threading.Thread.start
    monkeypatch.setattr(deadlines, "measure", lambda: measured.append(1) or 0.0)
    # between its creation and its start another thread may come
    monkeypatch.setattr(threading.Thread, "start", lambda it: time.sleep(0.05) or begin(it))
    pace = deadlines.Pace()

    def ask(_) -> float:
        together.wait()
        return pace.slowness

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == [1, 1, 1, 1]
    assert len(measured) == 1


@pytest.fixture
def service_tree(course_range, tmp_path):
    """The reference as a project of its own, with its model."""
    tree = tmp_path / "judged" / "project"
    shutil.copytree(course_range.root / "solutions", tree)
    if not (tree / "model" / "metadata.json").exists():
        pytest.skip("there is no model yet")
    project = Project(tree, warm=None)
    yield project
    project.close()


def test_a_port_that_is_taken_meanwhile_is_left_for_another(service_tree, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        ports = iter([other.getsockname()[1]])
        free = serving.free_port
        monkeypatch.setattr(serving, "free_port", lambda: next(ports, None) or free())
        command = service_tree.start_command(workers=1, settings={})
        assert command.get("/health").status == 200
        assert command.port != other.getsockname()[1]


def test_no_free_port_is_the_environment(service_tree, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(serving, "free_port", lambda: other.getsockname()[1])
        monkeypatch.setattr(project, "PORTS_TRIED", 1)
        with pytest.raises(EnvironmentProblem, match="not to blame"):
            service_tree.start_command(workers=1, settings={})


def test_without_docker_it_is_the_environment(course_range, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    course_range.put("container-image", *right(course_range, "container-image"))
    result = course_range.judge("container-image")
    assert result.verdict == "environment"
    assert "not to blame" in result.first_problem.message


def test_a_disk_that_is_full_for_the_judge_is_the_environment(course_range, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    course_range.put("risk-level", *right(course_range, "risk-level"))
    monkeypatch.setattr("workbench.judging.run.copy_reference", full)
    result = course_range.judge("risk-level")
    assert result.verdict == "environment"
    assert "No space left" in result.first_problem.message


def test_a_disk_that_is_full_for_the_learners_code_is_the_environment(course_range, monkeypatch):
    course_range.put(
        "risk-level",
        f"def risk_level(p):\n    raise OSError({errno.ENOSPC}, 'No space left on device')\n",
    )
    assert course_range.judge("risk-level").verdict == "error"  # it says so, and it is not true
    monkeypatch.setattr(raised, "LITTLE_ROOM", 1 << 62)
    result = course_range.judge("risk-level")
    assert result.verdict == "environment"
    assert "the disk is full" in result.first_problem.message


def test_a_project_that_may_not_be_written_to_is_checked_all_the_same(course_range):
    (file,) = course_range.put("risk-level", *right(course_range, "risk-level"))
    file.chmod(0o444)
    file.parent.chmod(0o555)
    course_range.course.project.chmod(0o555)
    try:
        assert course_range.judge("risk-level").verdict == "passed"
    finally:
        course_range.course.project.chmod(0o755)
        file.parent.chmod(0o755)
        file.chmod(0o644)


def test_two_checks_at_once_are_both_right_and_both_remembered(course_range):
    course_range.put("risk-level", *right(course_range, "risk-level"))
    root = course_range.course.root
    run = f"import sys; sys.path.insert(0, {str(root)!r}); from workbench.cli import main; "
    command = [sys.executable, "-c", run + "sys.exit(main(['check', 'risk-level', '--json']))"]
    hidden = ("WORKBENCH_PROJECT", "WORKBENCH_WARM")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    started = [
        subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE) for _ in range(2)
    ]
    told = [json.loads(process.communicate()[0]) for process in started]
    assert [one["verdict"] for one in told] == ["passed", "passed"]
    progress = json.loads((course_range.course.state / "progress.json").read_text("utf-8"))
    assert progress["exercises"]["risk-level"]["attempts"] == 2
