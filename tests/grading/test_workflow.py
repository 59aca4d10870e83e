"""The workflow of learners' forks: where everything comes from, and that its commands do what it says."""

import os
import re
import shutil
import subprocess

import pytest
import yaml

from .classroom import COURSE, hand_in, right, variant

FILE = COURSE.root / ".github" / "workflows" / "grade.yml"
WORKFLOW = yaml.safe_load(FILE.read_text(encoding="utf-8"))
STEPS = WORKFLOW["jobs"]["grade"]["steps"]
COMMIT = "0123456789abcdef" * 2 + "01234567"


def step(name: str) -> dict:
    return next(step for step in STEPS if step.get("name") == name)


def run(name: str, folder, **variables: str) -> subprocess.CompletedProcess:
    """Runs a step's commands as a Linux runner does, with the course set up already."""
    python = f"{COURSE.root / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step(name)["run"]],
        cwd=COURSE.root if step(name).get("working-directory") == "course" else folder,
        env={**os.environ, "PATH": python, **variables},
        capture_output=True,
        text=True,
    )


def test_every_action_is_pinned_by_its_commit():
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert len(used) == 4
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action) for action in used)


def test_the_course_comes_at_one_commit_and_the_fork_gives_nothing_but_files():
    course = step("The course")["with"]
    assert course["repository"] == "${{ vars.COURSE_REPOSITORY }}"
    assert course["ref"] == "${{ vars.COURSE_REF }}"
    assert (
        step("Grade")["working-directory"]
        == step("Set the course up")["working-directory"]
        == "course"
    )
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert "secrets." not in FILE.read_text(encoding="utf-8")
    for checkout in (course, step("The learner's files")["with"]):
        assert checkout["persist-credentials"] is False


def test_no_expression_stands_in_a_command():
    assert not [step["name"] for step in STEPS if "${{" in step.get("run", "")]


bash = pytest.mark.skipif(not shutil.which("bash") or os.name != "posix", reason="no bash here")


@bash
@pytest.mark.parametrize("ref", ["", "main", "v1.2", COMMIT + "0", f"{COMMIT}\nmain"])
def test_a_course_that_is_not_pinned_is_refused(tmp_path, ref):
    assert run("The course must be named by a commit", tmp_path, COURSE_REF=ref).returncode == 1
    assert run("The course must be named by a commit", tmp_path, COURSE_REF=COMMIT).returncode == 0


@bash
def test_the_grading_step_writes_the_summary_and_the_report(tmp_path):
    wrong = variant("risk-level", "mistake", "nan_slips_through")
    hand_in(tmp_path / "learner" / "ada-l", "exercises", wrong | right("hosting"))
    summary = tmp_path / "summary.md"
    variables = {"GITHUB_WORKSPACE": str(tmp_path), "GITHUB_STEP_SUMMARY": str(summary)}
    ended = run("Grade", tmp_path, LEARNER="ada-l", **variables)
    assert ended.returncode == 0, ended.stderr
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("## ada\\-l")
    assert "### risk-level: " in text and "lets it through" in text
    assert "| ✓ passed | `hosting` | 10 of 10 |" in text
    assert "| · not started | `metrics` | 0 of 20 |" in text
    assert (tmp_path / step("The report")["with"]["path"] / "gradebook.csv").exists()


def test_the_command_that_sets_up_is_the_one_the_course_has(root):
    assert step("Set the course up")["run"] == "python -m workbench start --prepare"
