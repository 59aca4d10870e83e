"""Keys and types of a file, held against the schema that its tool publishes, by check-jsonschema.

The schemas come with check-jsonschema, so nothing is fetched.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from workbench.boundary.outcomes import EnvironmentProblem, mismatch, shortened
from workbench.boundary.project import Project
from workbench.instruments.linters.run import lint

COMMAND = "check-jsonschema -v --output-format json --builtin-schema"


def require_schema(project: Project, path: str, schema: str) -> None:
    """The file holds no key and no kind of value that its schema does not know."""
    for breach in breaches_of(project, path, schema):
        raise mismatch(
            f"The check held {path} against its schema",
            got=f"{shortened(breach, 500)} (check-jsonschema, {schema})",
            expected="keys and kinds of values that the schema has",
            look="the spelling of that key, and where it stands",
        )


@functools.cache
def breaches_of(project: Project, path: str, schema: str) -> tuple[str, ...]:
    """What the schema does not allow, such as "services.churn: 'memory_limit' was unexpected".

    `schema` is a name of check-jsonschema's, "vendor.compose-spec" for instance. The file must be YAML
    that `read_yaml` takes: here nothing bounds its aliases.
    """
    ended = lint(project, path, f"{COMMAND} {schema}")
    try:
        told = json.loads(ended.output)
    except ValueError:
        raise EnvironmentProblem(
            f"check-jsonschema could not judge {path}", ended.output[-300:]
        ) from None
    return tuple(map(_told, told.get("errors", ()))) or tuple(
        str(e) for e in told.get("parse_errors", ())
    )


def _told(error: dict[str, Any]) -> str:
    """The error at the deepest place; of several at one place, the one about a name."""
    parts = [error, *error.get("sub_errors", [])]
    deepest = max(
        parts, key=lambda part: (part["path"].count("."), "unexpected" in part["message"])
    )
    where = deepest["path"].removeprefix("$").removeprefix(".")
    return f"{where or 'the file'}: {deepest['message']}"
