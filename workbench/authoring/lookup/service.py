"""The wire contract and the metrics, from what the reference service says of itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from workbench.authoring.lookup.results import kind
from workbench.authoring.lookup.tables import code, table
from workbench.course.place import Course

SCRIPT = Path(__file__).with_name("describe_service.py")
SAMPLE = re.compile(r"^(?P<name>[a-z_]+)(?:\{(?P<labels>.*)\})? ")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def describe(course: Course) -> dict:
    """`api`, the OpenAPI document, and `metrics`, an exposition, from the reference service."""
    asked = [sys.executable, str(SCRIPT)]
    env = os.environ | {"PYTHONUTF8": "1"}
    answer = subprocess.run(
        asked, cwd=course.reference, env=env, capture_output=True, text=True, check=True
    )
    return json.loads(answer.stdout)


def wire_contract(api: dict) -> str:
    """An OpenAPI document as Markdown: each operation with its body and answers, then each schema."""
    parts = [api["info"]["description"]]
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            parts += [f"### {code(f'{method.upper()} {path}')}", operation["summary"]]
            parts += _request_of(operation, api)
            parts.append(_answers_of(operation, api))
    parts.append("## Schemas")
    for name, schema in api["components"]["schemas"].items():
        parts += [f"### {name}", schema.get("description", ""), _fields_of(schema, api)]
        for example in schema.get("examples", []):
            parts.append(f"```json\n{json.dumps(example, indent=2)}\n```")
    return "\n\n".join(part for part in parts if part)


def _request_of(operation: dict, api: dict) -> list[str]:
    if "requestBody" not in operation:
        return []
    [(media_type, content)] = operation["requestBody"]["content"].items()
    schema = content["schema"]
    if "$ref" in schema:
        return [f"The body is {code(media_type)}: a {kind(schema, api)}."]
    return [f"The body is {code(media_type)}:", _fields_of(schema, api)]


def _answers_of(operation: dict, api: dict) -> str:
    rows = []
    for status, response in operation["responses"].items():
        [(media_type, content)] = response["content"].items()
        body = kind(content["schema"], api)
        rows.append((status, response["description"], f"{body}, as {code(media_type)}"))
    return table(("status", "when", "body"), rows)


def _fields_of(schema: dict, api: dict) -> str:
    rows = []
    for name, rules in schema.get("properties", {}).items():
        asked = "yes" if name in schema.get("required", []) else "no"
        rows.append((code(name), kind(rules, api), asked, rules.get("description", "")))
    return table(("field", "type", "always there", "meaning"), rows)


def metrics_table(exposition: str) -> str:
    """Each metric with its type, labels, the label values seen, and its help, from an exposition."""
    kinds, helps, labels = {}, {}, {}
    for line in exposition.splitlines():
        if line.startswith(("# HELP ", "# TYPE ")):
            _, keyword, name, meaning = line.split(" ", 3)
            (helps if keyword == "HELP" else kinds)[name] = meaning
        elif sample := SAMPLE.match(line):
            name = _family(sample["name"], kinds)
            seen = labels.setdefault(name, {})
            for label, value in LABEL.findall(sample["labels"] or ""):
                if label != "le":
                    seen.setdefault(label, {})[value] = None
    rows = [
        (code(name), kinds[name], _labels(labels[name]), helps[name])
        for name in kinds
        if not name.endswith("_created")
    ]
    return table(("metric", "type", "labels", "what it counts"), rows)


def _family(sample: str, kinds: dict) -> str:
    for name in (sample, re.sub(r"_(bucket|sum|count)$", "", sample)):
        if name in kinds:
            return name
    raise ValueError(f"the sample {sample} belongs to no metric")


def _labels(seen: dict[str, dict]) -> str:
    labels = [f"{code(name)} ({', '.join(values)})" for name, values in seen.items()]
    return "; ".join(labels) or "none"
