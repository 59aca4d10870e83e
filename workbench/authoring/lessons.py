"""Where the source of a lesson is."""

from __future__ import annotations

from pathlib import Path

from workbench.course.catalog import Lesson
from workbench.course.place import Course


def lesson_source(course: Course, lesson: Lesson) -> Path:
    """The reviewed source of a lesson, from which its notebook is made."""
    return course.root / "notebooks" / "src" / lesson.notebook.replace(".ipynb", ".py")
