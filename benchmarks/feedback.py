"""How long a learner waits: the seconds of `check`, per exercise, from the command line and a notebook.

Run `python -m benchmarks.feedback` from the repository's folder. Each exercise's reference answer is
checked REPEATS times each way, taking turns; the table gives medians, its last rows the median and
the worst over all exercises. The figures are seconds of wall time on this machine, in this run.
"""

import os
import statistics
import subprocess
import sys
import time

from rich.console import Console
from rich.progress import track
from rich.table import Table

REPEATS = 3
WAYS = ("command line", "notebook")


def seconds_of(action) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def check_from_command_line(exercise_id: str) -> None:
    command = [sys.executable, "-m", "workbench", "check", exercise_id, "--json"]
    subprocess.run([*command, "--project", "solutions"], check=True, stdout=subprocess.DEVNULL)


def measure() -> dict[str, dict[str, float]]:
    """Median seconds by exercise and way."""
    os.environ["WORKBENCH_PROJECT"] = "solutions"
    from workbench.course.catalog import load_catalog
    from workbench.course.place import find_course
    from workbench.learning import notebook

    ids = [e.id for e in load_catalog(find_course().catalog_file).exercises]
    notebook.check(ids[0])  # a learner's first cell starts the warm processes; this is that cell
    time.sleep(5)
    ways = dict(zip(WAYS, (check_from_command_line, notebook.check), strict=True))
    taken = {name: {way: [] for way in WAYS} for name in ids}
    for _ in track(range(REPEATS), description="checking"):
        for name in ids:
            for way, check in ways.items():
                taken[name][way].append(seconds_of(lambda check=check, name=name: check(name)))
    return {n: {w: statistics.median(s) for w, s in by_way.items()} for n, by_way in taken.items()}


def main() -> None:
    medians = measure()
    table = Table("exercise", *WAYS, title="Seconds until a verdict")
    for name, by_way in medians.items():
        table.add_row(name, *(f"{by_way[way]:.2f}" for way in WAYS))
    for label, summary in (("median", statistics.median), ("worst", max)):
        table.add_row(
            label, *(f"{summary(row[way] for row in medians.values()):.2f}" for way in WAYS)
        )
    Console().print(table)


if __name__ == "__main__":
    main()
