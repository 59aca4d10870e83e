"""The gradebook as a spreadsheet reads it (CSV) and as a build server reads it (JUnit XML)."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

from workbench.course.catalog import Exercise
from workbench.grading.marks import is_counted
from workbench.grading.names import csv_cell, printable
from workbench.judging.results import ExerciseResult, result_from_json

COLUMNS = ("name", "points", "possible", "percent", "status", "handed_in", "handed_in_is")
LAST_COLUMNS = ("isolation", "seed", "note")


def results_of(record: dict) -> dict[str, ExerciseResult]:
    """The results in a record, by exercise; none of a hand-in that could not be read."""
    if record["status"] == "unreadable":
        return {}
    results = (result_from_json(row["result"]) for row in record["exercises"])
    return {result.exercise: result for result in results}


def percent(points: dict) -> float:
    return round(100 * points["earned"] / points["possible"], 1) if points["possible"] else 0.0


def as_csv(records: list[dict], exercises: list[Exercise]) -> str:
    """One row per submission. An empty cell is an exercise that this machine could not judge."""
    file = io.StringIO()
    writer = csv.writer(file)  # line ends as RFC 4180 has them
    writer.writerow([*COLUMNS, *(exercise.id for exercise in exercises), *LAST_COLUMNS])
    for record in records:
        results = results_of(record)
        points = record["points"]
        about = [
            csv_cell(record["submission"]),
            points["earned"],
            points["possible"],
            percent(points),
            record["status"],
            record["handed_in"] or "",
            record["handed_in_is"],
        ]
        cells = [_points(results.get(exercise.id), record) for exercise in exercises]
        note = csv_cell(record["problem"] or record["note"])
        writer.writerow([*about, *cells, record["isolation"]["kind"], record["seed"], note])
    return file.getvalue()


def _points(result: ExerciseResult | None, record: dict) -> int | str:
    if result is None:
        return 0 if record["status"] == "unreadable" else ""
    return result.points_earned if is_counted(result) else ""


def as_junit(records: list[dict]) -> str:
    """One suite per submission, one test case per check; one that was not read is a suite with an error."""
    root = ElementTree.Element("testsuites", name="grading")
    for record in records:
        suite = ElementTree.SubElement(root, "testsuite", name=_xml(record["submission"]))
        counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
        for result in results_of(record).values():
            for check in result.checks:
                case = ElementTree.SubElement(
                    suite,
                    "testcase",
                    classname=result.exercise,
                    name=check.id,
                    time=f"{check.seconds:.3f}",
                )
                _judge(case, check.verdict, check.message, counts)
        if record["problem"]:
            case = ElementTree.SubElement(suite, "testcase", classname="submission", name="take in")
            _judge(case, "error", record["problem"], counts)
        suite.attrib |= {name: str(number) for name, number in counts.items()}
        suite.set("time", f"{record['seconds']:.3f}")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def _judge(case: ElementTree.Element, verdict: str, message: str, counts: dict[str, int]) -> None:
    counts["tests"] += 1
    kinds = {"failed": "failure", "error": "error", "timeout": "error"}
    if verdict == "passed":
        return
    kind = kinds.get(verdict, "skipped")
    counts[{"failure": "failures", "error": "errors", "skipped": "skipped"}[kind]] += 1
    first = _xml(message.partition("\n")[0])
    element = ElementTree.SubElement(case, kind, message=first)
    if kind != "skipped":
        element.set("type", verdict)
    element.text = _xml(message)


def _xml(text: str) -> str:
    return printable(text)
