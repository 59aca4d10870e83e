"""Which files a check is made of: its own, and those beside it that it names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def files_of_check(check: Path) -> list[Path]:
    """The check file, and every file that it names as `Path(__file__).parent / "folder" / "name"`.

    A folder that is named stands for all files in it. What does not exist is left out.
    """
    files = {check}
    for node in ast.walk(ast.parse(check.read_text(encoding="utf-8"))):
        if parts := _below_the_checks(node):
            named = check.parent.joinpath(*parts)
            files |= {named} if named.is_file() else set(named.rglob("*"))
    return sorted(f for f in files if f.is_file() and "__pycache__" not in f.parts)


def _below_the_checks(node: ast.AST) -> list[str]:
    """The names in a path below the folder of the checks, in order; none for anything else."""
    names = list(_names(node))
    return names if names and all(names) else []


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant(value=str(name))):
            yield from _names(left)
            yield name
        case ast.Attribute(attr="parent") if "__file__" in ast.unparse(node):
            return
        case _:
            yield ""  # something else than the folder of the checks
