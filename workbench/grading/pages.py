"""The pages of a graded class: one HTML file each, with nothing to fetch, all text escaped."""

from __future__ import annotations

import functools
from pathlib import Path

import jinja2

from workbench.course.catalog import Exercise
from workbench.grading.gradebook import percent, results_of
from workbench.grading.marks import is_counted
from workbench.grading.names import slug_of
from workbench.learning.show import SIGNS
from workbench.setup.layout import spelled

STATUS_WORDS = {
    "graded": "graded",
    "not_started": "not started",
    "unreadable": "could not be read",
    "timeout": "ran out of time",
    "environment": "graded in part",
}
KINDS = {
    "docker": "a container without network, with a read-only root and limits",
    "process": "a process with limits on this machine, no container",
}
DETAILS = {"command": spelled("").rstrip(), "words": STATUS_WORDS, "kinds": KINDS, "signs": SIGNS}


@functools.cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def feedback_page(record: dict, exercises: list[Exercise]) -> str:
    """What a learner gets back: each exercise, its first problem in full, and all of its checks."""
    results = results_of(record)
    seeds = {row["result"]["exercise"]: row["seed"] for row in record["exercises"]}
    rows = [
        {
            "exercise": exercise,
            "result": results[exercise.id],
            "seed": seeds[exercise.id],
            "problem": results[exercise.id].first_problem,
            "checks_passed": sum(c.verdict == "passed" for c in results[exercise.id].checks),
            "is_counted": is_counted(results[exercise.id]),
        }
        for exercise in exercises
        if exercise.id in results
    ]
    return (
        _templates()
        .get_template("feedback.html")
        .render(
            record=record,
            exercises=exercises,
            rows=rows,
            share=percent(record["points"]),
            passed=sum(row["result"].verdict == "passed" for row in rows),
            left_out=[row["exercise"].id for row in rows if not row["is_counted"]],
            **DETAILS,
        )
    )


def class_page(facts: dict, records: list[dict]) -> str:
    """The instructor's report."""
    rows = [
        record | {"slug": slug_of(record["submission"]), "percent": percent(record["points"])}
        for record in records
    ]
    return _templates().get_template("class.html").render(facts=facts, records=rows, **DETAILS)
