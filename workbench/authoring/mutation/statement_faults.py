"""Faults in what Python does: statements left out, conditions turned round, handling removed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.authoring.mutation.edits import Edit
from workbench.authoring.mutation.python_source import Source, is_docstring


def statement(here: Source, node: ast.stmt) -> Iterator[Edit]:
    """A statement left out."""
    if not is_docstring(node):
        yield here.replaced(node, "pass", "dropped statement")


def assignment(here: Source, node: ast.Assign) -> Iterator[Edit]:
    """Only what stays defined without it: anything else is a NameError, which proves little."""
    if all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
        yield here.replaced(node, "pass", "dropped statement")
    names = {n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    earlier = {
        n.id
        for n in ast.walk(here.tree)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) and n.lineno < node.lineno
    }
    if names and names <= earlier and all(isinstance(t, ast.Name) for t in node.targets):
        yield here.replaced(node, "pass", "dropped statement")


def returned(here: Source, node: ast.Return) -> Iterator[Edit]:
    """None returned in the place of a value."""
    if node.value is None:
        yield here.replaced(node, "pass", "dropped statement")
    elif not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield here.replaced(node.value, "None", "return value")


def condition(here: Source, node: ast.If | ast.While | ast.IfExp) -> Iterator[Edit]:
    """A condition turned round."""
    if isinstance(node.test, ast.UnaryOp | ast.Compare) or (
        isinstance(node.test, ast.NamedExpr) and isinstance(node, ast.While)
    ):
        return  # its own operator turns it round; a loop turned round seldom ends
    yield here.replaced(node.test, f"not ({here.text(node.test)})", "negated condition")


def filtered(here: Source, node: ast.comprehension) -> Iterator[Edit]:
    """A condition of a comprehension left out."""
    for test in node.ifs:
        yield here.replaced(test, "True", "dropped condition")


def handler(here: Source, node: ast.ExceptHandler) -> Iterator[Edit]:
    """An exception raised on in the place of its handling."""
    body = Edit(here.at(node.body[0])[0], here.at(node.body[-1])[1], "raise", "removed handling")
    if here.source[body.start : body.end] != "raise":
        yield body


def context(here: Source, node: ast.With) -> Iterator[Edit]:
    """A `with` left out around its body."""
    if not any(item.optional_vars for item in node.items):
        start, first = here.at(node)[0], here.at(node.body[0])[0]
        colon = here.source.rindex(":", here.at(node.items[-1].context_expr)[1], first)
        yield Edit(start, colon, "if True", "removed context")


def decorated(here: Source, node: ast.FunctionDef | ast.ClassDef) -> Iterator[Edit]:
    """A decorator left out."""
    for decorator in node.decorator_list:
        start, end = here.at(decorator)
        line = here.source.rindex("\n", 0, start) + 1
        yield Edit(line, here.source.index("\n", end) + 1, "", "dropped decorator")
