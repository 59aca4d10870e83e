"""Grading on two Dask workers over loopback: the same command, the same gradebook."""

import contextlib
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import pytest

from workbench.course.problems import UserError

from .classroom import COURSE, FORMS, hand_in, right, starters, variant

DASK = (sys.executable, "-m", "dask")
QUIET = ("--host", "127.0.0.1", "--no-dashboard")


def start(*argv: str, cwd=COURSE.root, **variables: str) -> subprocess.Popen:
    env = {**os.environ, **variables}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*DASK, *argv], cwd=cwd, env=env, **quiet)


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """The address of a scheduler with two workers of one thread each."""
    file = tmp_path_factory.mktemp("dask") / "scheduler.json"
    with short_folder() as local:
        yield from _scheduler(file, local)


@contextlib.contextmanager
def short_folder():
    """A folder for what workers leave behind; its path is short, since a socket's path has an end."""
    folder = tempfile.mkdtemp(prefix="dask-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _address_in(file) -> str:
    """The address a scheduler wrote there; empty while the file is missing or half written."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads(file.read_text())["address"]
    return ""


def _scheduler(file, local: str):
    started = [start("scheduler", *QUIET, "--port", "0", "--scheduler-file", str(file))]
    try:
        while not (address := _address_in(file)):
            assert started[0].poll() is None, "the scheduler ended"
            time.sleep(0.1)
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", local)
        workers = ("worker", address, *QUIET, *options)
        started += [start(*workers, TMPDIR=local) for _ in range(2)]
        yield address
    finally:
        for process in reversed(started):
            stop(process)


@pytest.fixture
def workers(scheduler):
    """The scheduler's address, once both workers have joined."""
    import distributed

    with distributed.Client(scheduler, timeout=30, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    return scheduler


def test_two_workers_give_the_gradebook_that_one_machine_gives(graded_class, tmp_path, workers):
    everything = {
        "right": right("risk-level") | right("hosting"),
        "wrong": variant("risk-level", "mistake", "nan_slips_through"),
        "exits": {"churn_service/risk.py": b"import os\nos._exit(0)\n"},
        "untouched": starters("risk-level", "hosting"),
        "other": variant("hosting", "answer", "the_checks_decide"),
    }
    for number, (name, files) in enumerate(everything.items()):
        hand_in(graded_class.folder, name, files, FORMS[number])
    (graded_class.folder / "broken.zip").write_bytes(b"no archive")
    chosen = ("risk-level", "hosting")
    assert graded_class.grade(*chosen, workers=workers) == 0
    spread = rows_of(graded_class)
    assert [row["note"] for row in spread if "itself" in row["note"]] == []
    graded_class.grade(*chosen, workers=workers)
    assert "0 graded now, 6 were finished before" in graded_class.said
    graded_class.output = tmp_path / "here"
    assert graded_class.grade(*chosen) == 0
    assert rows_of(graded_class) == spread
    assert {row["name"]: row["points"] for row in spread}["right"] == "15"


def test_what_a_lost_worker_was_judging_goes_to_another(graded_class, workers):
    import distributed

    for number in range(6):
        hand_in(graded_class.folder, f"{number}", right("hosting") | right("risk-level"), "zip")
    with short_folder() as local:
        options = ("--nthreads", "1", "--no-nanny", "--local-directory", local)
        third = start("worker", workers, *QUIET, *options, TMPDIR=local)
        with distributed.Client(workers, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(3, timeout=60)

        def lose_it():
            while not graded_class.records() and third.poll() is None:
                time.sleep(0.02)
            third.kill()

        losing = threading.Thread(target=lose_it, daemon=True)
        losing.start()
        assert graded_class.grade("hosting", "risk-level", workers=workers) == 0
        losing.join(60)
        third.kill()
        third.wait()
    assert {row["points"] for row in rows_of(graded_class)} == {"15"}


def rows_of(graded_class) -> list[dict]:
    rows = list(csv.DictReader(graded_class.text("gradebook.csv").splitlines()))
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def test_a_worker_with_another_course_is_named_before_anything_is_graded(
    graded_class, workers, monkeypatch
):
    monkeypatch.setattr("workbench.grading.cluster.course_version", lambda root: "0" * 12)
    hand_in(graded_class.folder, "ada", starters("risk-level"))
    with pytest.raises(
        UserError, match=r"The worker tcp://.* has course [0-9a-f]{12} .*same commit"
    ):
        graded_class.grade("risk-level", workers=workers)
    assert graded_class.records() == {}


def test_an_address_where_no_scheduler_answers_is_told(graded_class, monkeypatch):
    monkeypatch.setattr("workbench.grading.cluster.CONNECT_SECONDS", 0.5)
    hand_in(graded_class.folder, "ada", starters("risk-level"))
    with pytest.raises(UserError, match=r"No Dask scheduler answered at tcp://127\.0\.0\.1:9"):
        graded_class.grade("risk-level", workers="tcp://127.0.0.1:9")
