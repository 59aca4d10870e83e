"""What became of each mutant, kept by the content that was judged: a run that was cut off goes on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from workbench.authoring.mutation.edits import Mutant
from workbench.course.catalog import Exercise
from workbench.course.check_files import files_of_check
from workbench.course.place import Course
from workbench.judging.results import ExerciseResult

KILLED = ("failed", "error", "timeout", "not_started")


@dataclass(frozen=True)
class Fate:
    """`verdict` of the mutant with the hash `mutant`, judged by the check with the hash `against`.

    `check` and `message` are of the check that told it apart; both are empty when none did.
    """

    mutant: str
    against: str
    verdict: str
    check: str = ""
    message: str = ""

    @property
    def is_killed(self) -> bool:
        return self.verdict in KILLED


class Fates:
    """The fates of one exercise's mutants: a file of JSON lines, appended to, the last line wins."""

    def __init__(self, folder: Path, course: Course, exercise: Exercise):
        self.file = folder / f"{exercise.id}.jsonl"
        self.against = check_hash(course, exercise)
        self.known: dict[str, Fate] = {}
        if self.file.exists():
            for line in self.file.read_text(encoding="utf-8").splitlines():
                try:
                    fate = Fate(**json.loads(line))
                except (ValueError, TypeError):  # cut off while it was written
                    continue
                self.known[fate.mutant] = fate

    def of(self, mutant: Mutant, *, also_of_older_checks: bool = False) -> Fate | None:
        """The mutant's fate under today's check, if it was judged by that."""
        fate = self.known.get(mutant.key)
        is_current = fate is not None and fate.against == self.against
        if is_current or (fate is not None and also_of_older_checks and fate.is_killed):
            return fate
        return None

    def add(self, mutant: Mutant, result: ExerciseResult) -> Fate:
        problem = result.first_problem
        fate = Fate(mutant.key, self.against, result.verdict)
        if problem:
            fate = replace(fate, check=problem.id, message=problem.message)
        self.known[mutant.key] = fate
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(fate)) + "\n")
        return fate


def check_hash(course: Course, exercise: Exercise) -> str:
    """A hash of the check and of the files beside it that it names."""
    hashed = hashlib.sha256()
    for file in files_of_check(course.checks / exercise.check_file):
        hashed.update(file.read_bytes())
    return hashed.hexdigest()[:16]
