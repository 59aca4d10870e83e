"""Files that are data: parsed for the judge, with what is wrong said in the learner's words."""

from __future__ import annotations

import functools
import json
from typing import Any

from workbench.boundary.made_files import read_made
from workbench.boundary.outcomes import mismatch
from workbench.boundary.project import Project

LONGEST_DOCUMENT = 100_000
MOST_NODES = 20_000
DEEPEST = 60


def read_yaml(project: Project, path: str) -> dict:
    """The mapping in a YAML file of the project. Raises Mismatch when it is none.

    YAML 1.1 as most tools read it: `on`, `off`, `yes` and `no` without quotes are booleans.
    """
    import yaml

    text = _text_of(project, path, "YAML")
    try:
        document = yaml.load(text, _bounded(yaml))
    except (
        yaml.YAMLError,
        ValueError,
        TypeError,
        RecursionError,
    ) as error:  # a date, a key, a depth
        raise _unreadable(path, "YAML", " ".join(str(error).split())[:300]) from None
    return _mapping(path, document, "YAML")


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
        document = json.loads(_text_of(project, path, "JSON"))
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, "JSON", str(error)) from None
    return _mapping(path, document, "JSON")


def _text_of(project: Project, path: str, kind: str) -> str:
    text = read_made(project.folder / path)
    if len(text) > LONGEST_DOCUMENT:
        raise _unreadable(path, kind, f"it has {len(text):,} characters, of {LONGEST_DOCUMENT:,}")
    return text


@functools.cache
def _bounded(yaml: Any) -> type:
    """PyYAML's safe loader, which stops at what grows without end: aliases of aliases, and depth."""

    class Bounded(yaml.SafeLoader):
        depth = 0
        sizes: dict  # of each node with all that is in it, aliases counted in full

        def compose_node(self, parent, index):
            self.sizes = getattr(self, "sizes", {})
            is_alias = self.check_event(yaml.AliasEvent)
            self.depth += 1
            if self.depth > DEEPEST:
                raise yaml.YAMLError(f"it is nested more than {DEEPEST} levels deep")
            node = super().compose_node(parent, index)
            self.depth -= 1
            if is_alias and id(node) not in self.sizes:
                raise yaml.YAMLError("an alias stands inside of what it stands for")
            parts = node.value if isinstance(node.value, list) else []
            inner = (n for part in parts for n in (part if isinstance(part, tuple) else (part,)))
            self.sizes[id(node)] = 1 + sum(self.sizes.get(id(n), MOST_NODES) for n in inner)
            if self.sizes[id(node)] > MOST_NODES:
                raise yaml.YAMLError(f"with its aliases it holds more than {MOST_NODES:,} values")
            return node

    return Bounded


def _mapping(path: str, document: Any, kind: str) -> dict:
    if isinstance(document, dict) and document:
        return document
    seen = (
        "It holds nothing but comments" if document is None else f"It holds {str(document)[:100]!r}"
    )
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
