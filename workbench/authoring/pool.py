"""Judges many cases on several cores: each worker process keeps one warm process for all of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from workbench.authoring.cases import Case, judge, stay_warm
from workbench.course.place import Course
from workbench.judging.results import ExerciseResult

QUEUED_PER_WORKER = 2


def judge_cases(
    course: Course,
    asked: Iterable[tuple[Any, Case, int]],
    *,
    jobs: int,
    stop_at_first: bool = False,
) -> Iterator[tuple[Any, ExerciseResult]]:
    """Judges each `(tag, case, seed)` and yields `(tag, result)` as they finish, in any order.

    Judges in this process when `jobs` is 1.
    """
    if jobs == 1:
        with stay_warm():
            for tag, case, seed in asked:
                yield tag, judge(course, case, seed=seed, stop_at_first=stop_at_first)
        return
    method = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=method, initializer=_begin)
    try:
        yield from _through(pool, jobs, course, iter(asked), stop_at_first)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _through(pool, jobs: int, course: Course, asked: Iterator, stop_at_first: bool) -> Iterator:
    running: dict[Any, Any] = {}
    more = True
    while more or running:
        while more and len(running) < jobs * QUEUED_PER_WORKER:
            following = next(asked, None)
            if following is None:
                more = False
                break
            tag, case, seed = following
            running[pool.submit(judge, course, case, seed=seed, stop_at_first=stop_at_first)] = tag
        done, _ = wait(running, return_when=FIRST_COMPLETED) if running else ((), ())
        for future in done:
            yield running.pop(future), future.result()


def _begin() -> None:
    warm = contextlib.ExitStack()
    warm.enter_context(stay_warm())
    multiprocessing.util.Finalize(None, warm.close, exitpriority=1)


def progress_bar(console) -> Any:
    """A progress bar with a place for what is found on the way."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns: tuple[Callable | Any, ...] = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    return Progress(*columns, console=console)


def folder_of(course: Course, name: str) -> Path:
    """A folder of the state for what a long run has found so far."""
    folder = course.state / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
