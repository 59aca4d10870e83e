"""How the command line passes work on: to pytest, to the course's own commands."""

import subprocess
import sys
from pathlib import Path

import pytest

CLI = """
import json, sys
def main(argv):
    print(json.dumps([sys.prefix, argv]))
    return 7
"""


@pytest.fixture
def cli(ready_course):
    """Write ``workbench/cli.py`` in the ready course; taken away afterwards."""
    file = ready_course.root / "workbench/cli.py"

    def write(source: str):
        file.write_text(source)
        return ready_course

    yield write
    file.unlink(missing_ok=True)


def test_no_command_and_help_show_the_overview(ready_course):
    for argv in ([], ["--help"]):
        shown = ready_course.run(*argv)
        assert shown.returncode == 0
        assert {"start", "test", "doctor", "check"} <= set(shown.stdout.split())


def test_a_course_command_runs_in_the_environment_and_its_status_comes_back(cli):
    course = cli(CLI)
    answer = course.run("check", "risk-level", "--json", "a b")
    assert answer.returncode == 7, answer.stderr
    assert '["check", "risk-level", "--json", "a b"]' in answer.stdout
    assert ".venv" in answer.stdout


def test_a_package_missing_from_the_environment_is_a_sentence(cli):
    answer = cli("import left_out_of_requirements\n").run("list")
    assert answer.returncode == 1
    assert "The package left_out_of_requirements is missing from .venv: run" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_before_start_a_course_command_says_to_run_it(new_course):
    answer = new_course.run("list")
    assert answer.returncode == 1
    assert "not set up here yet: run `" in answer.stderr and "start`" in answer.stderr


@pytest.fixture
def tested_course(ready_course):
    """The ready course, lent this environment's real pytest, with two tests of its own."""
    here = next(path for path in sys.path if path.endswith("site-packages"))
    folder = next(Path(ready_course.root, ".venv").rglob("site-packages"))
    (folder / "lent.pth").write_text(here + "\n")
    tests = ready_course.root / "tests"
    tests.mkdir(exist_ok=True)
    (tests / "test_lent.py").write_text(
        "import os\n"
        "def test_reference():\n"
        "    assert os.environ['WORKBENCH_PROJECT'] == 'solutions'\n"
        "    assert os.environ['WORKBENCH_AUTHOR'] == '1'\n"
        "def test_packages():\n    import bookmark\n"
        "def test_wrong():\n    assert 1 == 2\n"
    )
    return ready_course


def test_arguments_go_to_pytest_whose_line_is_last_and_whose_status_is_ours(tested_course):
    passed = tested_course.run("test", "tests", "-k", "not wrong", "-n", "0")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "2 passed, 1 deselected" in passed.stdout.splitlines()[-1]
    failed = tested_course.run("test", "tests/test_lent.py::test_wrong", "-n", "0")
    assert failed.returncode == 1
    assert "1 failed" in failed.stdout.splitlines()[-1]
    assert failed.stdout.count(": ready") == 5


def test_importing_the_package_loads_nothing_else():
    script = "import sys, workbench; print([m for m in sys.modules if m.startswith('workbench.')])"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert answer.stdout.strip() == "[]", answer.stderr
