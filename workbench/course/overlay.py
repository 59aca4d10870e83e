"""The tree a check judges: the reference project with the learner's files of one exercise on top."""

from __future__ import annotations

import compileall
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.course.catalog import Exercise
from workbench.course.derive import MarkerError, is_starter, solution_from
from workbench.course.place import Course
from workbench.setup.layout import spelled

LARGEST_FILE_BYTES = 1_000_000
NOT_OF_A_PROJECT = (".pytest_cache", ".git", "*.sqlite3*", ".model.lock")
IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", *NOT_OF_A_PROJECT)
IGNORED_BY_TREES = shutil.ignore_patterns(*NOT_OF_A_PROJECT)
COMPILED = ("churn_service", "pipeline")


class SubmissionProblem(Exception):
    """A learner's file cannot be taken. The message says which, why, and what to do."""


def read_submission(project: Path, path: str) -> str:
    """The text of one of the learner's files. Raises SubmissionProblem when it cannot be taken."""
    file = project / path
    restore = f"`{spelled('reset')}` for this exercise brings the starter back."
    if not file.exists():
        raise SubmissionProblem(f"{path} is missing from {project.name}/. {restore}")
    if not file.resolve().is_relative_to(project.resolve()) or not file.is_file():
        raise SubmissionProblem(f"{path} must be a plain file inside {project.name}/. {restore}")
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE_BYTES + 1)
    except PermissionError:
        raise SubmissionProblem(
            f"{path} may not be read. Look at the file's permissions."
        ) from None
    if len(content) > LARGEST_FILE_BYTES:
        raise SubmissionProblem(
            f"{path} holds {file.stat().st_size:,} bytes; a check takes at most "
            f"{LARGEST_FILE_BYTES:,}. Look for data or output pasted into the file."
        )
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise SubmissionProblem(
            f"{path} is not UTF-8 text (byte {error.start} is {error.object[error.start]:#04x}). "
            "Save it as UTF-8 in your editor."
        ) from None


def is_not_started(course: Course, exercise: Exercise) -> bool:
    """Whether every file of the exercise is still its starter."""
    return all(
        is_starter(
            read_submission(course.project, path),
            (course.reference / path).read_text(encoding="utf-8"),
            exercise.id,
        )
        for path in exercise.files
    )


def copy_reference(course: Course, folder: Path) -> Path:
    """Copies the finished project to `folder/project` and the handover beside it; returns the former.

    Its modules come compiled: many processes of a check import them, and none of them may keep what it
    compiles.
    """
    project = folder / "project"
    for name in COMPILED:  # what is compiled already, is passed over
        compileall.compile_dir(course.reference / name, quiet=2)
    shutil.copytree(course.reference, project, ignore=IGNORED_BY_TREES)
    shutil.copytree(
        course.root / "bookstore_model", folder / "handover" / "bookstore_model", ignore=IGNORED
    )
    return project


def lay_over(course: Course, project: Path, exercises: Iterable[Exercise]) -> None:
    """Puts the learner's files of `exercises` over a copied reference project.

    What was compiled of a file goes with it: it holds the answer.
    """
    for exercise in exercises:
        for path in exercise.files:
            text = read_submission(course.project, path)
            try:
                answer = solution_from(text)
            except MarkerError as error:
                raise SubmissionProblem(
                    f"{path}: {error} Such lines mark answers for the authors; take yours out."
                ) from None
            file = project / path
            file.parent.mkdir(parents=True, exist_ok=True)
            for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
                compiled.unlink()
            file.write_text(answer, encoding="utf-8", newline="\n")


@contextmanager
def overlay(course: Course, exercises: Iterable[Exercise]) -> Iterator[Path]:
    """A temporary project: the reference with the learner's files of `exercises`; removed at the end."""
    with tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True) as folder:
        project = copy_reference(course, Path(folder))
        lay_over(course, project, exercises)
        yield project
