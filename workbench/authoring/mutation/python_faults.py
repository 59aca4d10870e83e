"""Faults that people make in Python, each as an edit of the text at a place the syntax tree names."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from workbench.authoring.mutation import call_faults as calls
from workbench.authoring.mutation import statement_faults as statements
from workbench.authoring.mutation import value_faults as values
from workbench.authoring.mutation.edits import Edit
from workbench.authoring.mutation.python_source import Source

SIMPLE = (ast.Expr, ast.Raise, ast.Assert, ast.Delete, ast.AugAssign, ast.Break, ast.Continue)
COMPOUND = (ast.If, ast.For, ast.While)
OPERATORS: list[tuple[type | tuple, Callable[[Source, ast.AST], Iterator[Edit]]]] = [
    (ast.Compare, values.comparison),
    (ast.Constant, values.constant),
    (SIMPLE, statements.statement),
    (COMPOUND, statements.statement),
    (ast.Assign, statements.assignment),
    (ast.Return, statements.returned),
    ((ast.If, ast.While, ast.IfExp), statements.condition),
    (ast.comprehension, statements.filtered),
    (ast.BoolOp, values.either),
    (ast.UnaryOp, values.unary),
    (ast.BinOp, values.binary),
    (ast.AugAssign, values.increment),
    (ast.Call, calls.call),
    ((ast.Tuple, ast.List, ast.Set), calls.display),
    (ast.Dict, calls.mapping),
    (ast.ExceptHandler, statements.handler),
    (ast.With, statements.context),
    ((ast.FunctionDef, ast.ClassDef), statements.decorated),
]


def python_edits(source: str) -> Iterator[Edit]:
    """All faults the operators make of a source, those outside its regions too."""
    read = Source(source)
    for node in ast.walk(read.tree):
        for kind, faults in OPERATORS:
            if isinstance(node, kind) and id(node) not in read.hints:
                yield from faults(read, node)


def python_meaning(source: str) -> str | None:
    """What two sources share when they differ in comments and layout only; None for no Python."""
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:
        return None
