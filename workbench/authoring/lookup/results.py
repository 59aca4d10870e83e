"""The result of a check: its JSON Schema as tables, and one real result."""

from __future__ import annotations

import json

from workbench.authoring.lookup.tables import code, table
from workbench.course.place import Course

EXAMPLE = "risk-level"
RESULT = "result.schema.json"


def schema_tables(schema: dict) -> str:
    """A table for each object of a JSON Schema, the outermost first; types are linked by name."""
    waiting = [(schema.get("title", "Result"), schema)]
    parts = []
    while waiting:
        title, described = waiting.pop(0)
        rows = []
        for name, rules in described.get("properties", {}).items():
            inner = rules.get("items", rules)
            if inner.get("type") == "object" and "properties" in inner:
                waiting.append((code(name), inner))
            asked = "yes" if name in described.get("required", []) else "no"
            rows.append((code(name), kind(rules, schema), asked, rules.get("description", "")))
        meaning = described.get("description", "")
        columns = ("field", "type", "always there", "meaning")
        parts += [f"### {title}", meaning, table(columns, rows)]
    return "\n\n".join(part for part in parts if part)


def kind(rules: dict, schema: dict) -> str:
    """The type of a value in words, with its limits."""
    if rules.get("$ref", "#").startswith(RESULT):
        return "[result of a check](result.md)"
    if "$ref" in rules:
        name = rules["$ref"].rpartition("/")[2]
        target = _resolved(rules["$ref"], schema)
        return kind(target, schema) if "enum" in target else f"[{name}](#{name.lower()})"
    if "const" in rules:
        return f"always {code(json.dumps(rules['const']))}"
    if "enum" in rules:
        return "one of " + ", ".join(code(json.dumps(value)) for value in rules["enum"])
    if "anyOf" in rules:
        return " or ".join(kind(each, schema) for each in rules["anyOf"])
    if rules.get("type") == "array":
        named = f"list of {kind(rules['items'], schema)}" if rules.get("items") else "list"
        return ", ".join([named, *limits(rules)])
    types = rules.get("type", "any")
    named = " or ".join(types) if isinstance(types, list) else types
    return named + "".join(f", {limit}" for limit in limits(rules))


def limits(rules: dict) -> list[str]:
    """The limits of a value in words."""
    words = {
        "minimum": "from {}",
        "maximum": "to {}",
        "minLength": "at least {} characters",
        "maxLength": "at most {} characters",
        "minItems": "at least {}",
        "maxItems": "at most {}",
    }
    sentences = [
        template.format(f"{rules[key]:,.12g}") for key, template in words.items() if key in rules
    ]
    if "pattern" in rules:
        sentences.append(f"pattern {code(rules['pattern'])}")
    return sentences


def _resolved(reference: str, schema: dict) -> dict:
    for step in reference.lstrip("#/").split("/"):
        schema = schema[step]
    return schema


def example(course: Course) -> tuple[str, str]:
    """The result of a stored mistake, checked while the page is made, and its first message."""
    from workbench.authoring.cases import cases_of, judge
    from workbench.course.catalog import load_catalog

    exercise = load_catalog(course.catalog_file).exercise(EXAMPLE)
    mistake = next(case for case in cases_of(course, exercise) if case.kind == "mistake")
    result = judge(course, mistake, seed=1)
    shown = json.dumps(result.as_json(), indent=2, ensure_ascii=False)
    return f"```json\n{shown}\n```", f"```text\n{result.first_problem.message}\n```"
