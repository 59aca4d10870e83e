"""kill -9 in the middle of `check` and `reset`: no learner file is lost, and the next run is right."""

import os
import random
import subprocess
import sys
import time

import pytest

MINE = "def risk_level(p):\n    return 'low'  # hours of work\n"
TRIES = int(os.environ.get("WORKBENCH_KILLS", "5"))

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")


def command(course, *arguments: str) -> list[str]:
    run = f"import sys; sys.path.insert(0, {str(course.root)!r}); from workbench.cli import main; "
    return [sys.executable, "-c", run + f"sys.exit(main({list(arguments)!r}))"]


def environment() -> dict[str, str]:
    hidden = ("WORKBENCH_PROJECT", "WORKBENCH_AUTHOR", "WORKBENCH_WARM")
    return {name: value for name, value in os.environ.items() if name not in hidden}


def kill_at_a_random_moment(course, *arguments: str, within: float) -> None:
    started = subprocess.Popen(
        command(course, *arguments), cwd=course.root, env=environment(), stdout=subprocess.DEVNULL
    )
    time.sleep(random.uniform(0, within))
    started.kill()
    started.wait()


def run(course, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(course, *arguments),
        cwd=course.root,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_killed_check_changes_nothing_and_the_next_one_is_right(course, answer):
    file = answer(MINE)
    for _ in range(TRIES):
        kill_at_a_random_moment(course, "check", "risk-level", within=0.8)
        assert file.read_text("utf-8") == MINE
    ended = run(course, "check", "risk-level")
    assert ended.returncode == 1
    assert "not right yet" in ended.stdout


def test_a_killed_reset_keeps_the_learners_version_in_the_file_or_in_a_backup(course, answer):
    for _ in range(TRIES):
        file = answer(MINE)
        kill_at_a_random_moment(course, "reset", "risk-level", within=0.4)
        copies = [c.read_text("utf-8") for c in (course.state / "backups").rglob("risk.py")]
        assert file.read_text("utf-8") == MINE or MINE in copies
    answer(MINE)
    ended = run(course, "reset", "risk-level")
    assert ended.returncode == 0
    assert "NotImplementedError" in file.read_text("utf-8")
