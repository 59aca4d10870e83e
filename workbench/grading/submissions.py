"""Judges one submission: every exercise in a place of its own kind, within one deadline."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from workbench.catalog import Exercise
from workbench.course import Course
from workbench.grading.intake import Submission
from workbench.grading.marks import is_counted, same_for_all, settled, total
from workbench.grading.places import InContainer, OnThisMachine
from workbench.grading.sessions import DeadlinePassed, Judge, JudgeEnded, Place, Session
from workbench.judging.outcomes import EnvironmentProblem, LearnerTimeout
from workbench.judging.results import ExerciseResult

NO_VERDICT = "This exercise has no verdict of its own"


@dataclass
class Running:
    """The judging processes of this grading, so that all of them can be ended at once."""

    sessions: set[Session] = field(default_factory=set)
    is_stopped: bool = False
    scratch: Path | None = None

    def add(self, session: Session) -> None:
        self.sessions.add(session)
        if self.is_stopped:
            session.close()

    def remove(self, session: Session) -> None:
        self.sessions.discard(session)

    def stop(self) -> None:
        self.is_stopped = True
        for session in list(self.sessions):
            session.close()


@dataclass(frozen=True)
class Terms:
    """How submissions are judged. `image`: the grading image, or "" to judge in processes; `lanes`: how
    many exercises of one submission are judged side by side."""

    seed: int
    deadline_seconds: float
    image: str = ""
    lanes: int = 1


def judge_submission(
    course: Course,
    exercises: list[Exercise],
    submission: Submission,
    terms: Terms,
    running: Running | None = None,
) -> dict:
    """What a record says of the judging: status, points, isolation, seconds, exercises."""
    running = running or Running()
    started = time.monotonic()
    results: dict[str, tuple[str, ExerciseResult]] = {}
    if submission.problem:
        return not_judged(exercises, "unreadable")
    waiting = []
    for exercise in exercises:
        known = settled(course, exercise, submission)
        if known is None:
            waiting.append(exercise)
        else:
            results[exercise.id] = ("not run", known)
    with _on_disk(submission, running.scratch) as folders:
        results |= _judge_all(course, waiting, folders, terms, running)
    rows = [results[exercise.id] for exercise in exercises]
    outside = [r.exercise for place, r in rows if terms.image and place == OnThisMachine.name]
    return {
        "status": _status([result for _, result in rows]),
        "points": total(result for _, result in rows),
        "isolation": isolation_of(terms, outside),
        "seconds": round(time.monotonic() - started, 3),
        "exercises": [{"isolation": where, "result": r.as_json()} for where, r in rows],
    }


def not_judged(exercises: list[Exercise], status: str = "environment") -> dict:
    """What a record says when nothing was judged."""
    return {
        "status": status,
        "points": {"earned": 0, "possible": sum(exercise.points for exercise in exercises)},
        "isolation": {"kind": "not run", "outside": [], "protections": []},
        "seconds": 0.0,
        "exercises": [],
    }


@contextlib.contextmanager
def _on_disk(submission: Submission, scratch: Path | None) -> Iterator[tuple[Path, Path]]:
    """The submission's files in a new folder `exercises`, and a folder for temporary files."""
    folder = Path(tempfile.mkdtemp(prefix="wb-", dir=scratch))  # short: a socket's path has an end
    try:
        folder.chmod(0o755)  # whoever a container runs as may read it
        project = folder / "exercises"
        for path, content in submission.files.items():
            (project / path).parent.mkdir(parents=True, exist_ok=True)
            (project / path).write_bytes(content)
        project.mkdir(exist_ok=True)
        yield project, folder / "t"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _judge_all(course, exercises, folders, terms: Terms, running: Running) -> dict:
    """The results of the exercises that must be run, by id, with the name of the place."""
    until = time.monotonic() + terms.deadline_seconds
    project, scratch = folders
    here = OnThisMachine(course.root, project, scratch)
    contained = InContainer(course.root, project, terms.image) if terms.image else here
    inside = deque(e for e in exercises if not (e.needs and terms.image))
    outside = deque(e for e in exercises if e.needs and terms.image)
    lanes: list[tuple[Place, deque]] = [(contained, inside)] * min(terms.lanes, len(inside))
    lanes += [(here, outside)] * bool(outside)
    if len(lanes) < 2 or terms.lanes == 1:
        parts = [_lane(course, place, todo, until, terms, running) for place, todo in lanes]
    else:
        with ThreadPoolExecutor(len(lanes)) as pool:
            parts = list(pool.map(lambda lane: _lane(course, *lane, until, terms, running), lanes))
    return {name: result for part in parts for name, result in part.items()}


def _lane(course, place: Place, todo: deque, until: float, terms: Terms, running: Running) -> dict:
    """Takes one exercise after the other until none is left; returns their results by id."""
    found = {}
    judge = Judge(place, len(todo), until, running)
    try:
        while True:
            try:
                exercise = todo.popleft()
            except IndexError:
                return found
            found[exercise.id] = (place.name, _one(course, judge, exercise, terms))
            if running.is_stopped:
                raise KeyboardInterrupt
    finally:
        judge.close()


def _one(course: Course, judge: Judge, exercise: Exercise, terms: Terms) -> ExerciseResult:
    started = time.monotonic()
    try:
        if started >= judge.until:
            raise DeadlinePassed
        return judge.result(exercise.id, terms.seed)
    except DeadlinePassed:
        over = f"the {terms.deadline_seconds:g} seconds of a submission were over"
        outcome = LearnerTimeout(
            f"{NO_VERDICT}: {over}",
            expected="a project whose checks all come to an end",
            look="an endless loop, here or in an exercise before it",
        )
    except JudgeEnded:
        outcome = EnvironmentProblem(
            "The judging process ended twice over this exercise, without a verdict",
            look="the submitted file: does it end processes, or use up the memory?",
        )
    return same_for_all(course, exercise, outcome, time.monotonic() - started)


def _status(results: list[ExerciseResult]) -> str:
    if not all(map(is_counted, results)):
        return "environment"
    if any(NO_VERDICT in check.message for result in results for check in result.checks):
        return "timeout"
    if all(result.verdict == "not_started" for result in results):
        return "not_started"
    return "graded"


def isolation_of(terms: Terms, outside: list[str]) -> dict:
    """What stood between the submission and this machine, as the report says it."""
    kind = InContainer.name if terms.image else OnThisMachine.name
    return {"kind": kind, "outside": outside, "protections": active_protections()}


def active_protections() -> list[str]:
    """What the judge itself protects against here, in words; empty when it cannot say."""
    try:
        from workbench.judging import protections
    except ImportError:
        return []
    return [str(line) for line in protections.active()]
