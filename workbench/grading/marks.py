"""Results made without running anything, and the points of a whole submission."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable
from pathlib import Path

from workbench.boundary.outcomes import Mismatch, NotStarted, Outcome
from workbench.course.catalog import Exercise
from workbench.course.derive import is_starter
from workbench.course.place import Course
from workbench.grading.intake import Submission
from workbench.judging.check import check_titles
from workbench.judging.results import CheckResult, ExerciseResult, summarise
from workbench.setup.layout import spelled

NOT_RUN = "not run"  # where an exercise was judged that needed no run
NO_VERDICT = "This exercise has no verdict of its own"
_parsing = threading.Lock()


def one_outcome_for_all(
    course: Course, exercise: Exercise, outcome: Outcome, seconds: float = 0.0
) -> ExerciseResult:
    """The result of an exercise whose checks all came to the same, for one reason."""
    titles = _titles(course.checks / exercise.check_file)
    checks = [
        CheckResult(name, title, outcome.verdict, outcome.message, 0.0)
        for name, title in titles.items()
    ]
    return summarise(exercise.id, exercise.points, seconds, checks, exercise.weights)


@functools.cache
def _cached_titles(file: Path) -> dict[str, str]:
    return check_titles(file)


def _titles(file: Path) -> dict[str, str]:
    with _parsing:  # before Python 3.13 two threads that parse at once may fail
        return _cached_titles(file)


def settled(course: Course, exercise: Exercise, submission: Submission) -> ExerciseResult | None:
    """The result of an exercise whose files need not be run: absent, still the starter, or no files."""
    faults = {path: submission.faults[path] for path in exercise.files if path in submission.faults}
    if faults:
        problems = "; ".join(f"exercises/{path} {fault}" for path, fault in faults.items())
        look = "how the submission was packed: the file itself must be in it"
        return one_outcome_for_all(course, exercise, Mismatch(problems, look=look))
    names = " and ".join(f"exercises/{path}" for path in exercise.files)
    if not any(path in submission.files for path in exercise.files):
        return one_outcome_for_all(
            course, exercise, NotStarted(f"{names}: not in what was handed in")
        )
    if all(_is_starter(course, exercise, submission, path) for path in exercise.files):
        look = (
            f"the marked place in the file; `{spelled(f'hint {exercise.id}')}` gives a first nudge"
        )
        return one_outcome_for_all(
            course, exercise, NotStarted(f"{names}: this is still the starter", look=look)
        )
    return None


def _is_starter(course: Course, exercise: Exercise, submission: Submission, path: str) -> bool:
    source = (course.reference / path).read_text(encoding="utf-8")
    try:
        text = submission.files[path].decode("utf-8-sig").replace("\r\n", "\n")
    except (KeyError, UnicodeDecodeError):
        return False
    return is_starter(text, source, exercise.id)


def is_counted(result: ExerciseResult) -> bool:
    """Whether an exercise counts: not when this machine could not judge all of it."""
    return all(check.verdict != "environment" for check in result.checks)


def total(results: Iterable[ExerciseResult]) -> dict[str, int]:
    """The points earned and possible, over the exercises that could be judged."""
    counted = [result for result in results if is_counted(result)]
    return {
        "earned": sum(result.points_earned for result in counted),
        "possible": sum(result.points_possible for result in counted),
    }


def has_verdict(result: ExerciseResult) -> bool:
    """Whether judging came to its end: it did not where the submission's deadline cut it short."""
    return not any(NO_VERDICT in check.message for check in result.checks)


def status_of(results: list[ExerciseResult]) -> str:
    """The status of a submission that could be read."""
    if not all(map(is_counted, results)):
        return "environment"
    if not all(map(has_verdict, results)):
        return "timeout"
    if all(result.verdict == "not_started" for result in results):
        return "not_started"
    return "graded"
