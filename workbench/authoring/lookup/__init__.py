"""The parts of the look-up pages that are generated: what the program itself says of itself."""

from __future__ import annotations

import json
from pathlib import Path

from workbench.authoring.lookup import (
    catalogue,
    checks,
    commands,
    messages,
    results,
    rooms,
    scaffolds,
    service,
)
from workbench.course.place import Course

PARTS = Path(".workbench", "pages")  # where the site's pages include them from


def write_parts(course: Course, program) -> None:
    """Writes every generated part afresh; `program` is the parser of the command line.

    A page that includes a part that is not written fails to build.
    """
    described = service.describe(course)
    grading_schema = course.root / "workbench" / "grading" / "grading.schema.json"
    result_schema = course.root / "workbench" / "judging" / "result.schema.json"
    example, message = results.example(course)
    parts = {
        "commands": commands.workbench_commands(program),
        "programs": commands.other_programs(course),
        "result": results.schema_tables(json.loads(result_schema.read_text("utf-8"))),
        "grading": results.schema_tables(json.loads(grading_schema.read_text("utf-8"))),
        "result-example": example,
        "message-example": message,
        "wire": service.wire_contract(described["api"]),
        "metrics": service.metrics_table(described["metrics"]),
        "catalogue": catalogue.fields_table(),
        "fixtures": checks.fixtures_table(course.root),
        "given": checks.given_tables(course.root),
        "outcomes": checks.outcomes_table(course.root),
        "functions": checks.functions_table(course.root),
        "instruments": checks.instruments_tables(course.root),
        "class-solution": scaffolds.class_example(course, "solution"),
        "class-probe": scaffolds.class_example(course, "probe"),
        "class-check": scaffolds.class_example(course, "check"),
        "rooms": rooms.rooms(course.root / "workbench"),
        "messages": messages.catalogue(course.root, described["api"]),
    }
    folder = course.root / PARTS
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in parts.items():
        (folder / f"{name}.md").write_text(text.strip() + "\n", encoding="utf-8", newline="\n")
