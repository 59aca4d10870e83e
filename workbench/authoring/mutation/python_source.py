"""A source in Python, read once for all operators: what stands where, and what is only said."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.authoring.mutation.edits import Edit

# what is said to a person: no contract fixes its words
SPEAKERS = {"debug", "info", "warning", "error", "exception", "print"}


class Source:
    """A source with its syntax tree, and where in the text each node of it stands.

    `spoken` are the nodes of what is said to a person, `hints` those of annotations, by their `id`.
    """

    def __init__(self, source: str):
        self.source = source
        self.tree = ast.parse(source)
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.lines = source.splitlines()
        self.spoken = {
            id(n) for node in ast.walk(self.tree) if _speaks(node) for n in ast.walk(node)
        }
        self.spoken |= {
            id(part)
            for n in ast.walk(self.tree)
            if isinstance(n, ast.JoinedStr)
            for part in n.values
        }
        self.hints = {id(n) for node in ast.walk(self.tree) for n in _hints_of(node)}
        self.spoken |= {id(stmt.value) for stmt in ast.walk(self.tree) if is_docstring(stmt)}

    def at(self, node: ast.AST) -> tuple[int, int]:
        """Where a node's text begins and ends, in characters (the tree counts bytes)."""
        return self.offset(node.lineno, node.col_offset), self.offset(
            node.end_lineno, node.end_col_offset
        )

    def offset(self, line: int, column: int) -> int:
        before = self.lines[line - 1].encode("utf-8")[:column].decode("utf-8")
        return self.starts[line - 1] + len(before)

    def text(self, node: ast.AST) -> str:
        start, end = self.at(node)
        return self.source[start:end]

    def replaced(self, node: ast.AST, text: str, operator: str) -> Edit:
        return Edit(*self.at(node), text, operator)

    def dropped(self, items: list[ast.AST], number: int, operator: str) -> Edit:
        """An item of a list in brackets, with its comma."""
        start, end = self.at(items[number])
        if number + 1 < len(items):
            end = self.at(items[number + 1])[0]
        elif number:
            start = self.at(items[number - 1])[1]
        return Edit(start, end, "", operator)


def _speaks(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise):
        return True
    return isinstance(node, ast.Call) and name_of(node.func) in SPEAKERS


def _hints_of(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of an annotation, which nothing runs."""
    for hint in (getattr(node, "annotation", None), getattr(node, "returns", None)):
        if hint is not None:
            yield from ast.walk(hint)


def name_of(node: ast.AST) -> str:
    """The last part of a name with dots; empty for what has none."""
    return getattr(node, "attr", getattr(node, "id", ""))


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
