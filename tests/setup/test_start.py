"""``start --prepare``: it finishes what was stopped, and repeats nothing that is done."""

import contextlib
import os
import random
import signal
import subprocess
import time

import pytest

STEPS = ("environment", "uv", "packages-uv", "orders-and-model")


def assert_whole(course) -> None:
    """The course works: packages import, orders are there, the learner's file is as it was."""
    script = "import pagecount, workbench; print(pagecount.PAGES)"
    elsewhere = course.root / "exercises"
    answer = subprocess.run(
        [course.python, "-c", script], capture_output=True, text=True, cwd=elsewhere
    )
    assert answer.stdout.strip() == "312", answer.stderr
    assert (course.root / "data/orders.txt").read_text() == "orders"
    assert (course.root / "exercises/risk.py").read_text() == "the learner's own work\n"
    assert not (course.root / ".workbench/environment-unfinished").exists()


def kill_in_step(course, step: str, delay_seconds: float, *, with_children: bool) -> bool:
    """Start, wait for ``step`` to begin, wait a little, kill -9. False if it was done by then."""
    log = course.root / f".workbench/logs/{step}.log"
    log.unlink(missing_ok=True)
    process = course.begin("start", "--prepare")
    while process.poll() is None and not log.exists():
        time.sleep(0.005)
    time.sleep(delay_seconds)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    if with_children:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.skipif(os.name != "posix", reason="kill -9 and process groups are POSIX")
def test_killed_in_every_step_the_next_start_finishes_the_job(new_course):
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    kills = [
        kill_in_step(new_course, step, chance.uniform(0, 0.5), with_children=chance.random() < 0.5)
        for step in STEPS
    ]
    finished = new_course.run("start", "--prepare")
    assert finished.returncode == 0, f"seed {seed}: {finished.stdout}{finished.stderr}"
    assert sum(kills) >= 2, f"seed {seed}: only {sum(kills)} of 4 runs were killed in time"
    assert_whole(new_course)


def test_a_second_start_repeats_nothing(ready_course):
    before = (ready_course.python.lstat().st_mtime_ns, ready_course.handover_runs())
    second = ready_course.run("start", "--prepare")
    assert second.returncode == 0, second.stderr
    assert second.stdout.count(": ready") == 4
    assert (ready_course.python.lstat().st_mtime_ns, ready_course.handover_runs()) == before
    assert_whole(ready_course)


def test_two_starts_at_once_share_one_set_up(new_course):
    first = new_course.begin("start", "--prepare")
    second = new_course.begin("start", "--prepare")
    outputs = [process.communicate(timeout=120) for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], outputs
    text = "".join(output for output, _ in outputs)
    assert text.count("Python environment: done") == 1
    assert text.count("Python environment: ready") == 1
    assert text.count("Another set-up of this folder is running (process ") == 1
    assert new_course.handover_runs() == 1
    assert_whole(new_course)


def test_a_package_that_was_removed_is_put_back(ready_course):
    uninstall = [ready_course.python, "-m", "pip", "uninstall", "-q", "-y", "pagecount"]
    subprocess.run(uninstall, check=True, env=ready_course.environment())
    repaired = ready_course.run("start", "--prepare")
    assert repaired.returncode == 0, repaired.stderr
    assert "Packages: done" in repaired.stdout
    assert_whole(ready_course)


def test_changed_data_is_looked_at_again_by_the_handover(ready_course):
    runs = ready_course.handover_runs()
    (ready_course.root / "data/orders.txt").unlink()
    assert ready_course.run("start", "--prepare").returncode == 0
    assert ready_course.handover_runs() == runs + 1
    assert_whole(ready_course)
