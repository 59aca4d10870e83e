"""The format of the catalogue, from the classes that read it."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import get_args, get_type_hints

from workbench.authoring.lookup.tables import code, table
from workbench.course.catalog import Exercise, Lesson

SPOKEN = {"str": "string", "int": "whole number", "tuple[str, ...]": "list of strings"}


def fields_table() -> str:
    """A table of fields for a lesson's row and one for an exercise's."""
    parts = []
    for table_name, kind in (("lesson", Lesson), ("exercise", Exercise)):
        hints = get_type_hints(kind, include_extras=True)
        rows = []
        for field in fields(kind):
            plain, meaning = get_args(hints[field.name])
            named = SPOKEN.get(getattr(plain, "__name__", ""), "") if plain in (str, int) else ""
            needed = field.default is MISSING and field.default_factory is MISSING
            named = named or SPOKEN.get(str(plain), "table")
            rows.append((code(field.name), named, "yes" if needed else "no", meaning))
        parts += [f"### `[[{table_name}]]`", table(("field", "type", "needed", "meaning"), rows)]
    return "\n\n".join(parts)
