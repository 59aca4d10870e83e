"""Grading in this process, as the command does it, with what it printed at hand."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from workbench.grading.command import Wishes, grade_class
from workbench.grading.records import load_record

from .classroom import COURSE


class Class:
    """A class that hands in below `folder` and is graded into `output`."""

    def __init__(self, folder):
        self.folder = folder / "class"
        self.output = folder / "graded"
        self.said = ""

    def grade(self, *exercises: str, course=COURSE, **wishes) -> int:
        chosen = Wishes([self.folder], self.output, list(exercises), "process", jobs=2, seed=7)
        printed = io.StringIO()
        try:
            console = Console(file=printed, width=200)
            return grade_class(course, replace(chosen, **wishes), console)
        finally:
            self.said = printed.getvalue()

    def records(self) -> dict[str, dict]:
        found = map(load_record, (self.output / "submissions").glob("*.json"))
        return {record["submission"]: record for record in found}

    def text(self, name: str) -> str:
        return (self.output / name).read_text(encoding="utf-8-sig")


@pytest.fixture
def graded_class(tmp_path) -> Class:
    return Class(tmp_path)
