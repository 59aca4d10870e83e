"""The process that judges one submission: `python -m workbench.grading.judge`, here or in a container.

The first line on standard input is an object with `key` (hexadecimal) and `project` (the folder with the
submission's files); each further line asks for one exercise. Every answer is one line: a signature made
with the key, a space, and the object that `result.schema.json` describes. The first answer is the list of
the protections that hold where the judge runs.
When standard input closes, because all is done or because the grading was killed, the process ends and
takes its children along.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import queue
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from workbench.boundary.outcomes import EnvironmentProblem, Mismatch
from workbench.course.catalog import load_catalog
from workbench.course.derive import MarkerError
from workbench.course.place import Course, find_course
from workbench.grading.marks import one_outcome_for_all
from workbench.judging.check import check_exercise
from workbench.judging.results import ExerciseResult
from workbench.sandbox.warm_process import LIBRARIES, SLOW_LIBRARIES, kept_warm

MANY_EXERCISES = 6  # from here on the slow libraries are worth importing once, for all of them


def signature(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def judged(course: Course, exercise_id: str, seed: int) -> ExerciseResult:
    """The result of one exercise, with no path of this machine in its messages. Never raises."""
    exercise = load_catalog(course.catalog_file).exercise(exercise_id)
    started = time.monotonic()
    try:
        result = check_exercise(course, exercise, seed=seed)
    except MarkerError as problem:
        wrong = Mismatch(f"The markers in {', '.join(exercise.files)} do not pair up", str(problem))
        result = one_outcome_for_all(course, exercise, wrong, time.monotonic() - started)
    except Exception as error:
        raised = f"{type(error).__name__}: {error}"
        fault = EnvironmentProblem(
            "The check itself could not run; the answer is not to blame", raised
        )
        result = one_outcome_for_all(course, exercise, fault, time.monotonic() - started)
    checks = tuple(replace(c, message=without_paths(c.message, course)) for c in result.checks)
    return replace(result, checks=checks)


def without_paths(message: str, course: Course) -> str:
    """The message with the folders of this machine named as a learner knows them."""
    for folder, name in (
        (course.project, course.project.name),
        (course.root, "the course"),
        (Path(tempfile.gettempdir()), "the check's folder"),
    ):
        message = message.replace(str(folder), name)
    return message


def main() -> None:
    asked: queue.Queue[str] = queue.Queue()
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):  # what is started from here cannot read the key or answer for us
        os.dup2(nothing, descriptor)
    keep_memory_private()
    threading.Thread(target=listen, args=(requests, asked), daemon=True).start()
    settings = json.loads(asked.get())
    course = replace(find_course(), project=Path(settings["project"]))
    key = bytes.fromhex(settings["key"])
    slow = SLOW_LIBRARIES if settings["exercises"] >= MANY_EXERCISES else ()
    with kept_warm(*LIBRARIES, *slow):
        say(answers, key, json.dumps(active_protections()))
        while True:
            request = json.loads(asked.get())
            result = judged(course, request["exercise"], request["seed"])
            say(answers, key, json.dumps(result.as_json()))


def active_protections() -> list[str]:
    """What the judge itself protects against here, in words; empty when it cannot say."""
    try:
        from workbench.sandbox import protections
    except ImportError:
        return []
    return [str(line) for line in protections.active()]


def say(answers: TextIO, key: bytes, text: str) -> None:
    answers.write(f"{signature(key, text)} {text}\n")
    answers.flush()


def listen(requests: TextIO, asked: queue.Queue[str]) -> None:
    """Hands on the lines of the grading process; ends this process when there are no more.

    The warm process ends with this one, and ends its children.
    """
    for line in requests:
        asked.put(line)
    os._exit(0)


def keep_memory_private() -> None:
    """Closes this process's memory and files to others of the same user, where Linux can do that."""
    if sys.platform == "linux":
        import ctypes

        pr_set_dumpable = 4
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(pr_set_dumpable, 0, 0, 0, 0)


if __name__ == "__main__":
    main()
