"""The prediction log on real stores that are killed, full, shared, or a PostgreSQL."""

import contextlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from ..conftest import require
from .serving import PROJECT, VALID, free_port, start_service, stop_service

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and limits")
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))

# Rows numbered in total_orders; what became of them is printed.
WRITER = """
import sys, time
from datetime import UTC, datetime
from churn_service.prediction_log import PredictionLog
from churn_service.prediction_store import LoggedPrediction

dropped = []
def row(number):
    return LoggedPrediction(datetime.now(UTC), "v1", 1.0, number, 2.0, 0.5, 0.25, 0.001, "p")
"""


def run_writer(program: str, *arguments: str, **options) -> subprocess.CompletedProcess:
    """Run WRITER and the program after it in the project's folder."""
    return subprocess.run(
        [sys.executable, "-c", WRITER + textwrap.dedent(program), *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )


def read(file: Path, query: str) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(file, timeout=5)) as connection:
        return connection.execute(query).fetchall()


def wait_for_count(file: Path, count: int) -> int:
    deadline = time.monotonic() + 15
    found = 0
    while found < count and time.monotonic() < deadline:
        with contextlib.suppress(sqlite3.OperationalError):
            found = read(file, "SELECT count(*) FROM predictions")[0][0]
        time.sleep(0.05)
    return found


@posix_only
def test_a_killed_writer_leaves_every_flush_it_saw_finished(tmp_path):
    file = tmp_path / "kept.sqlite3"
    program = """
        from churn_service import prediction_store
        class Told(prediction_store.SqliteStore):
            def write(self, rows):
                super().write(rows)
                print(rows[-1].total_orders, flush=True)
        prediction_store.SqliteStore = Told
        log = PredictionLog(sys.argv[1], on_drop=dropped.append, flush_rows=50, flush_seconds=0.01)
        number = 0
        while True:
            log.record(row(number))
            number += 1
            time.sleep(0.0001)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER + textwrap.dedent(program), str(file)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    told = [process.stdout.readline() for _ in range(30)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.readlines()
    process.wait()

    finished = int(told[-1])
    numbers = [int(number) for (number,) in read(file, "SELECT total_orders FROM predictions")]
    assert read(file, "PRAGMA integrity_check") == [("ok",)]
    assert numbers == list(range(len(numbers)))
    # at most one batch was written of which nobody was told any more
    assert finished < len(numbers) <= finished + 1 + 50


@posix_only
def test_a_full_disk_fails_nothing_and_the_rows_come_when_there_is_room_again(tmp_path):
    program = """
        import logging, resource
        from pathlib import Path
        logging.basicConfig(format="%(message)s")
        file = Path(sys.argv[1])
        log = PredictionLog(str(file), on_drop=dropped.append, capacity=3000, flush_seconds=0.05)
        log.record(row(0))
        time.sleep(0.5)
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        full = file.with_name(file.name + "-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (full, hard))
        for number in range(1, 5000):
            log.record(row(number))
        time.sleep(0.5)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        log.close()
        print(sum(dropped))
    """
    file = tmp_path / "kept.sqlite3"
    done = run_writer(program, str(file))

    assert done.returncode == 0, done.stderr
    numbers = [int(number) for (number,) in read(file, "SELECT total_orders FROM predictions")]
    assert numbers == sorted(set(numbers))
    assert int(done.stdout) > 0
    assert len(numbers) + int(done.stdout) == 5000
    assert done.stderr.count("predictions cannot be kept") == 1


def test_two_processes_write_one_file(tmp_path):
    program = """
        log = PredictionLog(sys.argv[1], on_drop=dropped.append, flush_rows=20, flush_seconds=0.01)
        for number in range(2000):
            log.record(row(number))
            time.sleep(0.0002)
        log.close()
        print(sum(dropped))
    """
    file = tmp_path / "kept.sqlite3"
    command = [sys.executable, "-c", WRITER + textwrap.dedent(program), f"sqlite:///{file}"]
    both = [subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) for _ in range(2)]

    assert [int(process.communicate(timeout=60)[0]) for process in both] == [0, 0]
    assert read(file, "SELECT count(*) FROM predictions") == [(4000,)]


def test_a_service_that_is_asked_to_stop_writes_what_waits(model_dir, tmp_path, monkeypatch):
    file = tmp_path / "kept.sqlite3"
    running = start_service(model_dir, tmp_path / "stderr.log", {"CHURN_PREDICTION_LOG": str(file)})
    for _ in range(30):
        assert running.predict(VALID).ok
    stop_service(running)

    assert read(file, "SELECT count(*) FROM predictions") == [(30,)]


def test_a_folder_that_cannot_be_written_is_counted_and_said_once(model_dir, tmp_path):
    nowhere = tmp_path / "missing" / "kept.sqlite3"
    running = start_service(
        model_dir, tmp_path / "stderr.log", {"CHURN_PREDICTION_LOG": str(nowhere)}
    )
    answers = [running.predict(VALID).status_code for _ in range(20)]
    time.sleep(1.5)
    stop_service(running)

    assert answers == [200] * 20
    assert running.log_text().count("predictions cannot be kept") == 1


def test_an_unknown_kind_of_store_is_refused_at_the_start(model_dir, tmp_path):
    with pytest.raises(RuntimeError, match="CHURN_PREDICTION_LOG begins with mysql://"):
        start_service(model_dir, tmp_path / "stderr.log", {"CHURN_PREDICTION_LOG": "mysql://x/y"})


def test_without_psycopg_a_postgresql_url_is_refused_naming_the_remedy():
    program = """
        sys.modules["psycopg"] = None
        PredictionLog("postgresql://nobody@127.0.0.1/none", on_drop=dropped.append)
    """
    done = run_writer(program)

    assert "requirements-postgres.txt" in done.stderr


@pytest.fixture
def postgres(tmp_path) -> str:
    """The URL of a PostgreSQL of this test's own, stopped at its end."""
    require("postgresql", bool(POSTGRES), "install PostgreSQL, Debian's package is postgresql")
    try:
        import psycopg  # noqa: F401 - the service imports it
    except ImportError:
        require("psycopg", False, "python -m pip install -r solutions/requirements-postgres.txt")
    # PostgreSQL refuses to run as root, so root asks another account to
    as_other = []
    if hasattr(__import__("os"), "geteuid") and __import__("os").geteuid() == 0:
        account = "postgres"
        as_other = ["runuser", "-u", account, "--"]
        tmp_path.chmod(0o755)
    raise NotImplementedError
