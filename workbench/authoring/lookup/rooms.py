"""Every file of the workbench by its room, with the sentence that its docstring begins with."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from workbench.authoring.lookup.tables import code, table

SENTENCE = re.compile(r".+?(?=[.?!:]?(?:\n\n|$)|[.?!]\s)", re.DOTALL)


def rooms(workbench: Path) -> str:
    """A section for each room, a row for each of its files. `workbench` is the package's folder."""
    parts = []
    for room in sorted(place for place in workbench.iterdir() if (place / "__init__.py").exists()):
        about = first_sentence(room / "__init__.py")
        files = sorted(f for f in room.rglob("*.py") if f.name != "__init__.py")
        rows = [(code(f.relative_to(room).as_posix()), first_sentence(f)) for f in files]
        parts += [f"### `{room.name}/`", about, table(("file", "what it is for"), rows)]
    return "\n\n".join(parts)


def first_sentence(file: Path) -> str:
    """The first sentence of a file's docstring."""
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    found = SENTENCE.match(docstring)
    return (found[0].replace("``", "`") if found else "") + "."
