"""Writes the learner's project as it stands: their finished files over the reference, in a folder of its own.

`exercises/` runs by itself once every exercise of the service is done. Until then this is the project to
build an image from, or to deploy.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from workbench.course.catalog import Exercise
from workbench.course.overlay import IGNORED, lay_over
from workbench.course.place import Course
from workbench.course.problems import UserError
from workbench.learning.service import finished_exercises

MARK = ".assembled"  # what tells a folder of ours from anybody else's


def assemble(course: Course, target: Path) -> list[Exercise]:
    """Writes the project to `target`; returns the exercises whose files are the learner's.

    What `target` held before is kept in `.workbench/backups/`. Raises UserError when it holds files
    that this command did not write.
    """
    target = target.resolve()
    if target.is_file() or (_holds_files(target) and not (target / MARK).exists()):
        raise UserError(
            f"{target} holds files that this command did not write: choose a new folder."
        )
    finished = finished_exercises(course)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".assembling-", dir=target.parent) as draft:
        project = Path(draft) / "project"
        shutil.copytree(course.reference, project, ignore=IGNORED)
        lay_over(course, project, finished)
        (project / MARK).write_text("written by `workbench assemble`\n", encoding="utf-8")
        if target.exists():
            stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
            kept = course.state / "backups" / stamp / target.name
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(target, kept)
        project.rename(target)
    return finished


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())
