"""The prediction log on real stores that are killed, full, shared, or a PostgreSQL."""

import contextlib
import importlib.util
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
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


def test_a_service_that_is_asked_to_stop_writes_what_waits(model_dir, tmp_path):
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


class Postgres:
    """A PostgreSQL of its own on a free port; run by the account postgres when we are root."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.url = f"postgresql://churn@127.0.0.1:{self.port}/postgres"
        if is_root():
            shutil.chown(folder, "postgres")
        self.run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "churn")

    def run(self, command: str, *arguments: str) -> None:
        other = ["runuser", "-u", "postgres", "--"] if is_root() else []
        argv = [*other, str(POSTGRES[-1] / command), *arguments]
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, timeout=60)

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")

    def rows(self) -> list[tuple]:
        import psycopg

        with psycopg.connect(self.url) as connection:
            return connection.execute("SELECT * FROM predictions ORDER BY total_orders").fetchall()


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture
def postgres():
    """A running PostgreSQL, stopped and removed at the end of the test."""
    require("postgresql", bool(POSTGRES), "install PostgreSQL, Debian's package is postgresql")
    here = importlib.util.find_spec("psycopg") is not None
    require("psycopg", here, "pip install -r solutions/requirements-postgres.txt")
    folder = Path(tempfile.mkdtemp(prefix="churn-postgres-"))
    server = Postgres(folder)
    server.start()
    yield server
    with contextlib.suppress(subprocess.CalledProcessError):
        server.stop()
    shutil.rmtree(folder)


def test_a_postgresql_keeps_the_same_rows(postgres):
    program = """
        log = PredictionLog(sys.argv[1], on_drop=dropped.append, flush_rows=20, flush_seconds=0.05)
        for number in range(100):
            log.record(row(number))
        log.close()
        print(sum(dropped))
    """
    done = run_writer(program, postgres.url)

    assert (done.returncode, done.stdout.strip()) == (0, "0"), done.stderr
    rows = postgres.rows()
    assert [row[3] for row in rows] == list(range(100))
    assert rows[0][1:3] + rows[0][4:] == ("v1", 1.0, 2.0, 0.5, 0.25, 0.001, "p")


def test_a_postgresql_that_is_gone_for_a_while_gets_its_rows_later(postgres):
    program = """
        log = PredictionLog(sys.argv[1], on_drop=dropped.append, flush_rows=20, flush_seconds=0.05)
        for number in range(100):
            log.record(row(number))
            if number in (30, 60):
                time.sleep(0.5)
                print(number, flush=True)
                sys.stdin.readline()
        time.sleep(1)
        log.close()
        print(sum(dropped))
    """
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER + textwrap.dedent(program), postgres.url],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "30\n"
    postgres.stop()
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "60\n"
    postgres.start()
    out, errors = process.communicate("\n", timeout=60)

    assert (process.returncode, out) == (0, "0\n"), errors
    assert [row[3] for row in postgres.rows()] == list(range(100))
    assert errors.count("predictions cannot be kept") == 1
