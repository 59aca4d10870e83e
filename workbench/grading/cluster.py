"""Grading on several machines: each submission is a task of a Dask cluster that is there already.

A worker has its own checkout of the course and shares no disk with this machine: what was handed in
travels with the task, the record's part comes back. Dask hands out the tasks, and hands one out again
when its worker is lost.
"""

from __future__ import annotations

import contextlib
import functools
import platform
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

from workbench.course.catalog import load_catalog
from workbench.course.place import find_course
from workbench.grading.images import engine_problem, ensure_image
from workbench.grading.intake import Submission
from workbench.grading.lanes import Terms
from workbench.grading.run import GradingProblem, Order
from workbench.grading.submissions import judge_submission
from workbench.grading.versions import course_version
from workbench.setup.layout import spelled

CONNECT_SECONDS = 20
TASKS_PER_THREAD = 2  # one is judged, one waits beside it
START = "python -m dask worker ADDRESS --nthreads 1"
INSTALL = ".venv/bin/python -m pip install 'distributed>=2026.8,<2027'"
_image_lock = threading.Lock()


class OtherCourse(Exception):
    """A worker's course is not the one of the grading."""


@dataclass(frozen=True)
class Task:
    """What travels to a worker."""

    course: str
    exercises: tuple[str, ...]
    submission: Submission
    terms: Terms
    isolation: str


@contextlib.contextmanager
def over_workers(order: Order, address: str, isolation: str) -> Iterator[Order]:
    """The order, with its judging done by the workers of the Dask scheduler at `address`.

    Raises GradingProblem when there is no scheduler, no worker, or a worker with another course.
    """
    try:
        import distributed
    except ImportError:
        raise GradingProblem(f"--workers needs Dask, which is not installed: {INSTALL}") from None
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise GradingProblem(
            f"No Dask scheduler answered at {address} ({type(error).__name__}). "
            "`python -m dask scheduler` starts one and prints its address."
        ) from None
    with client:
        version = course_version(order.course.root)
        threads = _threads(client, version)

        def judge(course, exercises, submission, terms, running) -> dict:
            ids = tuple(exercise.id for exercise in exercises)
            task = Task(version, ids, submission, terms, isolation)
            return _answer(client.submit(judge_here, task, pure=False), running)

        yield replace(order, judge=judge, at_once=TASKS_PER_THREAD * threads)


def _threads(client, version: str) -> int:
    """How many tasks the workers take at once. Raises GradingProblem unless all have this course."""
    threads = sum(
        worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values()
    )
    if not threads:
        raise GradingProblem(f"The scheduler has no workers. In the course's folder: `{START}`")
    try:
        courses = client.run(about_this_worker)
    except Exception as error:
        raise GradingProblem(
            f"A worker cannot grade ({type(error).__name__}: {error}). Start each in the folder of its "
            f"checkout, with the interpreter of its .venv, after `{spelled('start --prepare')}`: `{START}`"
        ) from None
    for worker, (course, python) in sorted(courses.items()):
        if course != version:
            raise GradingProblem(
                f"The worker {worker} has course {course} (Python {python}), this machine has {version}. "
                "Bring both to the same commit, start the worker again, and grade again."
            )
    return threads


def _answer(future, running) -> dict:
    """What a task came to. Raises KeyboardInterrupt, having cancelled it, when the grading stops."""
    is_done = threading.Event()
    future.add_done_callback(lambda _: is_done.set())
    while not is_done.wait(timeout=0.5):
        if running.is_stopped:
            future.cancel()
            raise KeyboardInterrupt
    try:
        return future.result()
    except OtherCourse as problem:
        raise GradingProblem(str(problem)) from None


def about_this_worker() -> tuple[str, str]:
    """The version of the worker's course, and of its Python."""
    return course_version(find_course().root), platform.python_version()


def judge_here(task: Task) -> dict:
    """Runs on a worker: judges one submission with the worker's own course."""
    course = find_course()
    here = course_version(course.root)
    if here != task.course:
        raise OtherCourse(
            f"A worker on {platform.node()} has course {here}, the grading has {task.course}. "
            "Bring both to the same commit and start the worker again."
        )
    catalog = load_catalog(course.catalog_file)
    exercises = [catalog.exercise(name) for name in task.exercises]
    terms = replace(task.terms, image=_worker_image(task.isolation), lanes=1)
    return judge_submission(course, exercises, task.submission, terms)


@functools.cache
def _worker_image(isolation: str) -> str:
    """The grading image of this worker's machine; "" when it judges in processes."""
    with _image_lock:
        if isolation == "process" or (isolation == "auto" and engine_problem()):
            return ""
        return ensure_image(find_course().root)
