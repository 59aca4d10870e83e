"""`workbench grade`: puts an order together, shows how far it is, and writes the reports."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from workbench.course.catalog import Exercise, load_catalog
from workbench.course.place import Course
from workbench.course.problems import UserError
from workbench.grading.images import NoImage, engine_problem, ensure_image, is_built
from workbench.grading.lanes import Terms
from workbench.grading.records import record_file, row_id
from workbench.grading.reports import write_reports
from workbench.grading.run import GradingProblem, Order, claimed, grade, seed_for
from workbench.grading.sources import find_sources
from workbench.grading.summary import save_summary
from workbench.setup.layout import spelled
from workbench.setup.machine import cores

ISOLATIONS = ("auto", "docker", "process")
INTERRUPTED = 130
NAMED = 5
COLUMNS = (
    BarColumn(),
    MofNCompleteColumn(),
    TimeElapsedColumn(),
    TextColumn("{task.fields[rate]}, left"),
    TimeRemainingColumn(),
)


@dataclass(frozen=True)
class Wishes:
    """What was asked for on the command line."""

    submissions: list[Path]
    output: Path
    exercises: list[str]
    isolation: str = "auto"
    jobs: int | None = None
    deadline_seconds: float = 1800.0
    seed: int | None = None
    retry: bool = False
    workers: str | None = None
    summary: Path | None = None


def grade_class(course: Course, wishes: Wishes, console: Console) -> int:
    """Grades what is asked and returns the exit status. Raises UserError for what cannot begin."""
    catalog = load_catalog(course.catalog_file)
    exercises = [catalog.exercise(name) for name in dict.fromkeys(wishes.exercises)]
    exercises = exercises or list(catalog.exercises)
    declared = [path for exercise in exercises for path in exercise.files]
    try:
        sources = find_sources(wishes.submissions, declared, wishes.output)
        if not sources:
            raise GradingProblem("There is no submission in what was given.")
        seed = seed_for(wishes.output, wishes.seed)
        with claimed(wishes.output, seed) as scratch, contextlib.ExitStack() as stack:
            jobs = wishes.jobs or cores()
            lanes = max(1, jobs // len(sources))
            image = "" if wishes.workers else choose_image(course, wishes.isolation, console)
            terms = Terms(seed, wishes.deadline_seconds, image, lanes)
            order = Order(
                course,
                exercises,
                catalog.exercises,
                sources,
                wishes.output,
                terms,
                jobs,
                wishes.retry,
            )
            if wishes.workers:
                from workbench.grading.cluster import over_workers

                order = stack.enter_context(over_workers(order, wishes.workers, wishes.isolation))
            records = run_with_progress(order, scratch, console)
            if records is None:
                return INTERRUPTED
            reported = reported_exercises(catalog.exercises, exercises, records)
            write_reports(course, reported, records, wishes.output)
    except (GradingProblem, NoImage, OSError) as problem:
        raise UserError(str(problem)) from None
    for line in left_out(records, reported, exercises, wishes.output):
        console.print(line, markup=False, soft_wrap=True)
    if wishes.summary:
        save_summary(wishes.summary, records)
    console.print(f"Gradebook: {wishes.output / 'gradebook.csv'}", markup=False, soft_wrap=True)
    console.print(f"Report: {wishes.output / 'class.html'}", markup=False, soft_wrap=True)
    return 0


def reported_exercises(
    catalogue: Iterable[Exercise], asked: list[Exercise], records: list[dict]
) -> list[Exercise]:
    """The exercises that were asked for, and those that somebody has a verdict of already."""
    known = {row_id(row) for record in records for row in record["exercises"]}
    return [exercise for exercise in catalogue if exercise in asked or exercise.id in known]


def left_out(
    records: list[dict], reported: list[Exercise], asked: list[Exercise], output: Path
) -> Iterator[str]:
    """What the reports hold that was not judged now, and what is kept that they do not tell of."""
    if others := len(reported) - len(asked):
        yield f"{others} other exercises keep the verdicts they had: the reports hold these too."
    kept = {record_file(output, record["submission"]).name for record in records}
    gone = sorted(f.name for f in (output / "submissions").glob("*.json") if f.name not in kept)
    if gone:
        yield (
            f"{len(gone)} records are of nobody named now, and in no report: {', '.join(gone[:NAMED])}"
            f"{', ...' if len(gone) > NAMED else ''}. Remove them where nobody is to come back."
        )


def choose_image(course: Course, isolation: str, console: Console) -> str:
    """The image to judge in, or "" for processes; says which, and why.

    Raises NoImage when a container is asked for and there can be none.
    """
    if isolation == "process":
        console.print("Isolation: a process with limits for each submission, no container.")
        return ""
    problem = engine_problem()
    if problem and isolation == "docker":
        raise NoImage(f"--isolation docker: no Docker engine can be used here: {problem}")
    if problem:
        console.print(f"Isolation: a process with limits. No Docker: {problem}", markup=False)
        return ""
    if not is_built(course.root):
        console.print("Building the grading image, once for these requirements: some minutes.")
    began = time.monotonic()
    try:
        image = ensure_image(course.root)
    except NoImage as failure:
        if isolation == "docker":
            raise
        console.print(f"Isolation: a process with limits. {failure}", markup=False)
        return ""
    took = time.monotonic() - began
    made = f", built in {took:.0f} s" if took > 5 else ""
    console.print(f"Isolation: a container without network ({image}{made}).", markup=False)
    return image


def run_with_progress(order: Order, scratch: Path, console: Console) -> list[dict] | None:
    """The records in the order of the submissions; None when it was interrupted, having said so."""
    records: dict[str, dict] = {}
    kept, total = 0, len(order.sources)
    try:
        with (
            Progress(*COLUMNS, console=console) as progress,
            contextlib.closing(grade(order, scratch)) as stream,
        ):
            task = progress.add_task("", total=total, rate="")
            began = time.monotonic()
            for graded in stream:
                records[graded.record["submission"]] = graded.record
                kept += graded.is_kept
                minutes = (time.monotonic() - began) / 60
                rate = f"{(len(records) - kept) / minutes:.0f}/min" if minutes else ""
                progress.update(task, advance=1, rate=rate)
    except KeyboardInterrupt:
        message = (
            f"Stopped: {len(records)} of {total} are graded and kept in {order.output}. "
            f"The same command (`{spelled('grade ... --out')} {order.output}`) goes on from there."
        )
        console.print(message, markup=False, soft_wrap=True)
        return None
    plural = "s" if total != 1 else ""
    message = f"{total} submission{plural}: {total - kept} graded now, {kept} were finished before."
    console.print(message)
    for fault in sorted(order.running.faults):
        console.print(f"A judging process ended by itself. Its last words: {fault}", markup=False)
    return [records[source.name] for source in order.sources]
