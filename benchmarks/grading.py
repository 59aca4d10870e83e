"""What grading costs: submissions per minute, from one worker to two, memory, and one whole course.

Run `.venv/bin/python -m benchmarks.grading` from the repository's folder (some minutes). Three things are
measured, each by the command an instructor types:

- a class of right answers to four cheap exercises, with one worker and with two: processes of this machine
  (`--jobs`), containers where a Docker engine answers, and Dask workers on loopback;
- the most memory that the grading and all its processes had at once (PSS: shared pages counted once);
- one submission of the reference to every exercise that needs no Docker and no promtool, in processes.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from workbench.course.catalog import load_catalog
from workbench.course.place import find_course
from workbench.grading.images import engine_problem

COURSE = find_course()
CHEAP = ("risk-level", "hosting", "features-in-sql", "health-endpoint")
DASK = (sys.executable, "-m", "dask")
EVERY_SECONDS = 1.0  # looking costs time that is measured too


class Memory(threading.Thread):
    """Watches a process and all below it; `most_bytes` is the most PSS seen at once."""

    def __init__(self, pid: int, others: list[int]):
        super().__init__(daemon=True)
        self.pids = [pid, *others]
        self.most_bytes = 0

    def run(self) -> None:
        while psutil.pid_exists(self.pids[0]):
            self.most_bytes = max(self.most_bytes, sum(map(tree_bytes, self.pids)))
            time.sleep(EVERY_SECONDS)


def tree_bytes(pid: int) -> int:
    total = 0
    with contextlib.suppress(psutil.Error):
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                about = process.memory_full_info()
                total += getattr(about, "pss", about.rss)
    return total


def grade(folder: Path, *options: str, exercises=CHEAP, others: list[int] = ()) -> tuple:
    """Grades into a new folder; returns it, the seconds and the most memory in bytes."""
    output = Path(tempfile.mkdtemp(prefix="graded-", dir=folder.parent))
    command = [sys.executable, "-m", "workbench", "grade", str(folder), "--out", str(output)]
    command += ["--seed", "1", *options]
    command += [word for name in exercises for word in ("--exercise", name)]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=COURSE.root, stdout=subprocess.DEVNULL)
    memory = Memory(process.pid, list(others))
    memory.start()
    if process.wait():
        raise SystemExit("grading failed")
    return output, time.monotonic() - began, memory.most_bytes


def hand_in(folder: Path, submissions: int, exercises) -> Path:
    """A class in which everybody hands in the reference."""
    for number in range(submissions):
        for exercise in exercises:
            for path in exercise.files:
                target = folder / f"learner {number:03d}" / path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(COURSE.reference / path, target)
    return folder


@contextlib.contextmanager
def dask_workers(count: int, folder: Path):
    """The address of a scheduler with `count` workers of one thread, and the processes' ids."""
    file = folder / f"scheduler-{count}.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": COURSE.root}
    common = ("--host", "127.0.0.1", "--no-dashboard")
    argv = ("scheduler", *common, "--port", "0", "--scheduler-file", str(file))
    started = [subprocess.Popen([*DASK, *argv], **quiet)]
    try:
        while not file.exists():
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        worker = ("worker", address, *common, "--nthreads", "1", "--local-directory", str(folder))
        started += [subprocess.Popen([*DASK, *worker], **quiet) for _ in range(count)]
        import distributed

        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(count)
        yield address, [process.pid for process in started]
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def measure_class(folder: Path, submissions: int, table: Table) -> None:
    def row(label: str, *options: str, others: list[int] = ()) -> None:
        _, seconds, most = grade(folder, *options, others=others)
        rate = f"{60 * submissions / seconds:.0f}"
        table.add_row(label, f"{seconds:.1f}", rate, f"{most / 2**20:.0f}")

    for jobs in ("1", "2"):
        row(f"processes, --jobs {jobs}", "--isolation", "process", "--jobs", jobs)
    if not engine_problem():
        for jobs in ("1", "2"):
            # the memory of a container is not below this process: what is shown is the grading's own
            row(f"containers, --jobs {jobs}", "--isolation", "docker", "--jobs", jobs)
    for count in (1, 2):
        with dask_workers(count, folder.parent) as (address, pids):
            options = ("--isolation", "process", "--workers", address)
            row(f"Dask, {count} worker{'s' * (count > 1)}", *options, others=pids)


def measure_course(folder: Path, exercises, console: Console) -> None:
    ids = [exercise.id for exercise in exercises]
    for jobs in ("1", "2"):
        options = ("--isolation", "process", "--jobs", jobs)
        output, seconds, most = grade(folder, *options, exercises=ids)
        (record,) = (json.loads(f.read_text()) for f in (output / "submissions").glob("*.json"))
        table = Table("exercise", "seconds", "verdict", title=f"One whole course, --jobs {jobs}")
        for row in sorted(record["exercises"], key=lambda row: -row["result"]["seconds"]):
            result = row["result"]
            table.add_row(result["exercise"], f"{result['seconds']:.1f}", result["verdict"])
        table.add_row("all, from command to report", f"{seconds:.1f}", f"{most / 2**20:.0f} MB PSS")
        console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=24, help="how large the class is")
    submissions = parser.parse_args().submissions
    console = Console()
    console.print(
        f"{date.today()}, {platform.system()}, Python {platform.python_version()}, "
        f"{len(os.sched_getaffinity(0))} cores, load at the start {os.getloadavg()[0]:.1f}"
    )
    catalog = load_catalog(COURSE.catalog_file)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as place:
        cheap = [catalog.exercise(name) for name in CHEAP]
        folder = hand_in(Path(place) / "class", submissions, cheap)
        title = f"{submissions} submissions, right answers to {', '.join(CHEAP)}"
        table = Table("way", "seconds", "submissions a minute", "most memory, MB PSS", title=title)
        measure_class(folder, submissions, table)
        console.print(table)
        whole = [exercise for exercise in catalog.exercises if not exercise.needs]
        measure_course(hand_in(Path(place) / "one", 1, whole), whole, console)


if __name__ == "__main__":
    main()
