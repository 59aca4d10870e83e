"""Grades a class: what is finished is kept, the rest is judged side by side, and a kill loses nothing."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from workbench.course.catalog import Exercise
from workbench.course.place import Course
from workbench.grading.due import due_exercises
from workbench.grading.intake import Submission, take_in
from workbench.grading.lanes import Running, Terms
from workbench.grading.names import one_line
from workbench.grading.records import (
    about,
    key_of,
    load_record,
    record_file,
    record_of,
    save_record,
    settled_record,
)
from workbench.grading.sources import Source
from workbench.grading.submissions import judge_submission, not_judged
from workbench.grading.versions import exercise_version
from workbench.setup.files import write_atomically
from workbench.setup.lock import held_by, only_one

SETTINGS = "grading.json"
SCRATCH = "workbench-class-"


class GradingProblem(Exception):
    """Grading cannot begin, or not go on. The message says why and what to do."""


@dataclass(frozen=True)
class Order:
    """What is to be graded and how. `judge` does the judging: here, or on another machine.

    `exercises` are judged where they are due; `catalogue` are all there are, whose verdicts are kept.
    """

    course: Course
    exercises: list[Exercise]
    catalogue: tuple[Exercise, ...]
    sources: list[Source]
    output: Path
    terms: Terms
    at_once: int
    retry: bool = False
    judge: Callable[..., dict] = judge_submission
    running: Running = field(default_factory=Running)


@dataclass(frozen=True)
class Graded:
    """One submission's record, and whether it was finished before."""

    record: dict
    is_kept: bool


def settings_of(output: Path) -> dict:
    """What an earlier grading into this folder has written down; empty when there was none."""
    try:
        settings = json.loads((output / SETTINGS).read_text(encoding="utf-8"))
        return settings if isinstance(settings, dict) else {}
    except (OSError, ValueError):
        return {}


def seed_for(output: Path, asked: int | None) -> int:
    """The seed of this grading: the one asked for, else the one of before, else a new one."""
    kept = settings_of(output).get("seed")
    if asked is not None:
        return asked
    return kept if type(kept) is int else secrets.randbits(32)


@contextmanager
def claimed(output: Path, seed: int) -> Iterator[Path]:
    """Holds the output folder for this grading and yields a folder for temporary files.

    What an earlier grading that was killed has left in its temporary folder is removed. Raises
    GradingProblem while another grading holds the folder.
    """
    output.mkdir(parents=True, exist_ok=True)
    lock = output / ".lock"
    holder = held_by(lock)
    if holder:
        raise GradingProblem(
            f"{output} is in use by another grading ({holder}). Wait for it to end."
        )
    with only_one(lock, waiting=lambda holder: None):
        left = Path(settings_of(output).get("scratch") or "-")
        if left.name.startswith(SCRATCH) and left.parent == Path(tempfile.gettempdir()):
            shutil.rmtree(left, ignore_errors=True)
        scratch = Path(tempfile.mkdtemp(prefix=SCRATCH))
        settings = {"schema": 1, "seed": seed, "scratch": str(scratch)}
        write_atomically(output / SETTINGS, json.dumps(settings, indent=1) + "\n")
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def grade(order: Order, scratch: Path) -> Iterator[Graded]:
    """Yields the submissions as they are done; stops all judging when it is closed or interrupted."""
    for exercise in order.exercises:  # this parses: before Python 3.13 not in two threads at once
        exercise_version(order.course.root, exercise)
    pool = ThreadPoolExecutor(order.at_once)
    order.running.scratch = scratch
    try:
        waiting = iter(order.sources)
        futures = set()
        while True:
            # no more than are worked on: the rest of a large class is not read yet
            while len(futures) < order.at_once and (source := next(waiting, None)):
                futures.add(pool.submit(_graded, order, source, scratch))
            if not futures:
                return
            done, futures = wait(futures, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        order.running.stop()
        pool.shutdown(wait=True, cancel_futures=True)


def _graded(order: Order, source: Source, scratch: Path) -> Graded:
    """One submission, from what was handed in to its record on disk.

    A fault of ours in it becomes a record that is not kept, so the next run tries again.
    """
    submission = Submission(source.name, note=source.note)
    try:
        submission = _taken_in(order, source, scratch)
        known = load_record(record_file(order.output, submission.name))
        keys = {
            e.id: key_of(submission, e, order.terms.seed, order.course) for e in order.exercises
        }
        due = due_exercises(order.exercises, submission, known, keys, retry=order.retry)
        if known and not due:
            return Graded(_up_to_date(order, submission, known), is_kept=True)
        judged = order.judge(order.course, due, submission, order.terms, order.running)
        record = _record(order, submission, known, judged, keys)
    except GradingProblem:
        raise
    except Exception as error:
        problem = (
            f"The grading itself failed here ({type(error).__name__}: {error}); grade it again."
        )
        submission = replace(submission, problem=one_line(problem))
        judged = not_judged(order.exercises)
        return Graded(_record(order, submission, None, judged, {}), is_kept=False)
    if order.running.is_stopped:
        raise KeyboardInterrupt
    save_record(order.output, record)
    return Graded(record, is_kept=False)


def _taken_in(order: Order, source: Source, scratch: Path) -> Submission:
    folder = Path(tempfile.mkdtemp(prefix="in-", dir=scratch))
    try:
        declared = [path for exercise in order.exercises for path in exercise.files]
        return take_in(source, declared, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _record(
    order: Order, submission: Submission, known: dict | None, judged: dict, keys: dict[str, str]
) -> dict:
    return record_of(
        submission,
        known=known,
        judged=judged,
        keys=keys,
        seed=order.terms.seed,
        course=order.course,
        exercises=order.catalogue,
    )


def _up_to_date(order: Order, submission: Submission, known: dict) -> dict:
    """The record with what may have changed without a new verdict: the hand-in, and today's points."""
    fresh = settled_record(known | about(submission), order.catalogue)
    if fresh != known:
        save_record(order.output, fresh)
    return fresh
