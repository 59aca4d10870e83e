"""The examples of `dev new` as code on a page."""

from __future__ import annotations

from workbench.authoring.scaffold import example
from workbench.course.place import Course

EXERCISE, FILE = "rate-limit", "churn_service/rate_limit.py"


def class_example(course: Course, part: str) -> str:
    """A part (`solution`, `probe`, `check`) of what `dev new --kind class` makes, fenced as Python."""
    return f"```python\n{example(course, EXERCISE, FILE, f'class/{part}').rstrip()}\n```"
