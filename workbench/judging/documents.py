"""Files that are data: parsed for the judge, with what is wrong said in the learner's words."""

from __future__ import annotations

import json
from typing import Any

from workbench.judging.boundary import Project
from workbench.judging.outcomes import mismatch


def read_yaml(project: Project, path: str) -> dict:
    """The mapping in a YAML file of the project. Raises Mismatch when it is none.

    YAML 1.1 as most tools read it: `on`, `off`, `yes` and `no` without quotes are booleans.
    """
    import yaml

    text = (project.folder / path).read_text(encoding="utf-8")
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _unreadable(path, "YAML", " ".join(str(error).split())[:300]) from None
    return _mapping(path, found, "YAML")


def parse_yaml(text: str) -> Any:
    """What a YAML (or JSON) text holds. Raises ValueError when it is none."""
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def yaml_nodes(text: str) -> Any:
    """The root of the text's nodes, each with its kind (`id`), its value and the place of both ends."""
    import yaml

    return yaml.compose(text, yaml.SafeLoader)


def read_json(project: Project, path: str) -> dict:
    """The object in a JSON file of the project. Raises Mismatch when it is none."""
    try:
        found = json.loads((project.folder / path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise _unreadable(path, "JSON", str(error)) from None
    return _mapping(path, found, "JSON")


def _mapping(path: str, found: Any, kind: str) -> dict:
    if isinstance(found, dict) and found:
        return found
    seen = "It holds nothing but comments" if found is None else f"It holds {str(found)[:100]!r}"
    raise mismatch(
        f"The check read {path}",
        got=seen,
        expected=f"{kind} with names and values at its top level",
        look="the comment at the top of the file says what must be in it",
    )


def _unreadable(path: str, kind: str, error: str) -> Exception:
    return mismatch(
        f"The check read {path}",
        got=f"It is no valid {kind}: {error}",
        expected=f"valid {kind}",
        look="the line that is named; in YAML, most often the indentation",
    )
