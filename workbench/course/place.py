"""Where things are in a checkout of the course."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_VARIABLE = "WORKBENCH_PROJECT"
AUTHOR_VARIABLE = "WORKBENCH_AUTHOR"


@dataclass(frozen=True)
class Course:
    """A checkout of the course.

    `root` is the repository's folder; `project` is the project that is checked: the learner's own
    (`exercises/`) unless the environment variable WORKBENCH_PROJECT names another folder.
    """

    root: Path
    project: Path

    @property
    def reference(self) -> Path:
        return self.root / "solutions"

    @property
    def exercises(self) -> Path:
        return self.root / "exercises"

    @property
    def catalog_file(self) -> Path:
        return self.exercises / "catalog.toml"

    @property
    def checks(self) -> Path:
        return self.root / "tests" / "checks"

    @property
    def state(self) -> Path:
        return self.root / ".workbench"

    @property
    def model(self) -> Path:
        return self.root / "data" / "model"

    @property
    def is_learners_project(self) -> bool:
        return self.project == self.exercises

    def relative(self, path: Path) -> str:
        """The path as a learner would type it from the repository's folder."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return str(path)


def find_course(project: Path | None = None) -> Course:
    """The course this package belongs to; `project` (default: the environment's) is what is checked."""
    root = Path(__file__).resolve().parents[2]
    named = project or os.environ.get(PROJECT_VARIABLE)
    chosen = (root / named).resolve() if named and not project else named
    return Course(root, Path(chosen).resolve() if chosen else root / "exercises")
