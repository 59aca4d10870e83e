"""Judges the exercises of one submission, one after the other or side by side, within one deadline."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from workbench.boundary.outcomes import EnvironmentProblem, LearnerError, LearnerTimeout, Outcome
from workbench.course.catalog import Exercise
from workbench.course.place import Course
from workbench.grading.marks import NO_VERDICT, one_outcome_for_all
from workbench.grading.places import InContainer, OnThisMachine
from workbench.grading.sessions import DeadlinePassed, Judge, JudgeEnded, Place, Session
from workbench.judging.results import ExerciseResult


@dataclass
class Running:
    """The judging processes of this grading, so that all of them can be ended at once."""

    sessions: set[Session] = field(default_factory=set)
    is_stopped: bool = False
    scratch: Path | None = None
    faults: set[str] = field(default_factory=set)

    def add(self, session: Session) -> None:
        self.sessions.add(session)
        if self.is_stopped:
            session.close()

    def remove(self, session: Session) -> None:
        self.sessions.discard(session)

    def note_fault(self, last_words: str) -> None:
        """Keeps what a judging process wrote that ended by itself, for the instructor."""
        if last_words and not self.is_stopped:
            self.faults.add(last_words)

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


def judge_exercises(
    course: Course,
    exercises: list[Exercise],
    folders: tuple[Path, Path],
    terms: Terms,
    running: Running,
) -> tuple[dict[str, tuple[str, ExerciseResult]], list[str]]:
    """The results by exercise, each with the name of its place; and the protections that held there.

    `folders` are the submission's project and a folder for temporary files.
    """
    until = time.monotonic() + terms.deadline_seconds
    project, scratch = folders
    here = OnThisMachine(course.root, project, scratch)
    contained = InContainer(course.root, project, terms.image) if terms.image else here
    inside = deque(e for e in exercises if not (e.needs and terms.image))
    outside = deque(e for e in exercises if e.needs and terms.image)
    lanes: list[tuple[Place, deque]] = [(contained, inside)] * min(terms.lanes, len(inside))
    if outside:
        lanes.append((here, outside))
    if len(lanes) < 2 or terms.lanes == 1:
        parts = [_lane(course, place, todo, until, terms, running) for place, todo in lanes]
    else:
        with ThreadPoolExecutor(len(lanes)) as pool:
            parts = list(pool.map(lambda lane: _lane(course, *lane, until, terms, running), lanes))
    results = {name: result for part in parts for name, result in part.items()}
    return results, contained.protections


def _lane(course, place: Place, todo: deque, until: float, terms: Terms, running: Running) -> dict:
    """Takes one exercise after the other until none is left; returns their results by id."""
    results = {}
    judge = Judge(place, len(todo), until, running)
    try:
        while True:
            try:
                exercise = todo.popleft()
            except IndexError:
                return results
            results[exercise.id] = (place.name, _one(course, judge, exercise, terms))
            if running.is_stopped:
                raise KeyboardInterrupt
    finally:
        judge.close()


def _one(course: Course, judge: Judge, exercise: Exercise, terms: Terms) -> ExerciseResult:
    started = time.monotonic()
    try:
        if started >= judge.until:
            raise DeadlinePassed
        return _twice_if_slow(judge, exercise, terms)
    except DeadlinePassed:
        over = f"the {terms.deadline_seconds:g} seconds of a submission were over"
        outcome = LearnerTimeout(
            f"{NO_VERDICT}: {over}",
            expected="a project whose checks all come to an end",
            look="an endless loop, here or in an exercise before it",
        )
    except JudgeEnded as end:
        outcome = _ended(end)
    return one_outcome_for_all(course, exercise, outcome, time.monotonic() - started)


def _ended(end: JudgeEnded) -> Outcome:
    """The outcome when the judging process ended twice over one exercise.

    Before it was ready, nothing of the submission had run: that is this machine's trouble. After that, the
    other exercises do not end it, so this one does.
    """
    if not end.was_ready:
        return EnvironmentProblem(
            "The judging process could not start, twice", look="your instructor"
        )
    return LearnerError(
        "The judging process ended twice over this exercise, without a verdict",
        expected="code that leaves other processes alone and stays within its memory",
        look="what ends processes or fills the memory",
    )


def _twice_if_slow(judge: Judge, exercise: Exercise, terms: Terms) -> ExerciseResult:
    """The result; of a check that ran out of time the second one, in a new process, counts too.

    A busy machine must not cost marks, and an endless loop is as endless the second time.
    """
    first = judge.result(exercise.id, terms.seed)
    if all(check.verdict != "timeout" for check in first.checks):
        return first
    judge.close()
    try:
        second = judge.result(exercise.id, terms.seed)
    except (DeadlinePassed, JudgeEnded):
        return first
    return max(second, first, key=lambda result: result.points_earned)
