"""Writes everything that a grading hands out, from the records."""

from __future__ import annotations

import json
from pathlib import Path

from workbench.course.catalog import Exercise
from workbench.course.place import Course
from workbench.grading.class_facts import class_facts
from workbench.grading.gradebook import as_csv, as_junit
from workbench.grading.names import slug_of
from workbench.grading.pages import class_page, feedback_page
from workbench.setup.files import write_atomically


def write_reports(
    course: Course, exercises: list[Exercise], records: list[dict], output: Path
) -> None:
    """The gradebook, the JUnit file, the class report and a feedback page per submission.

    They tell of `records` and of nobody else: the page of a submission that is gone is removed.
    """
    facts = class_facts(course, exercises, records)
    # with the sign that tells Excel what the bytes mean
    write_atomically(output / "gradebook.csv", "\ufeff" + as_csv(records, exercises))
    write_atomically(output / "junit.xml", as_junit(records))
    write_atomically(output / "class.json", json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    write_atomically(output / "class.html", class_page(facts, records))
    pages = {f"{slug_of(record['submission'])}.html": record for record in records}
    for name, record in pages.items():
        write_atomically(output / "feedback" / name, feedback_page(record, exercises))
    for page in (output / "feedback").glob("*.html"):
        if page.name not in pages:
            page.unlink()
