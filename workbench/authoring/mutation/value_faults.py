"""Faults in what a Python expression is worth: comparisons, constants, logic and arithmetic."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.authoring.mutation.edits import Edit
from workbench.authoring.mutation.python_source import Source

COMPARISONS = {
    ast.Lt: ("<=", ">="),
    ast.LtE: ("<", ">"),
    ast.Gt: (">=", "<="),
    ast.GtE: (">", "<"),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
}
ARITHMETIC = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "/",
    ast.Mod: "*",
    ast.Pow: "*",
    ast.BitAnd: "|",
    ast.BitOr: "&",
}


def comparison(here: Source, node: ast.Compare) -> Iterator[Edit]:
    """A boundary moved, or a comparison turned round."""
    sides = [node.left, *node.comparators]
    for place, operator in enumerate(node.ops):
        start, end = here.at(sides[place])[1], here.at(sides[place + 1])[0]
        between = here.source[start:end]
        for other in COMPARISONS[type(operator)]:
            text = between.replace(between.strip(" ()\n"), other, 1)
            yield Edit(start, end, text, "comparison")


def constant(here: Source, node: ast.Constant) -> Iterator[Edit]:
    """A number one off or another, a truth turned round, a text with a sign too many."""
    value = node.value
    if isinstance(value, bool):
        yield here.replaced(node, repr(not value), "constant")
    elif isinstance(value, int):
        yield here.replaced(node, str(value + 1), "off by one")
        if value > 1:
            yield here.replaced(node, str(value - 1), "off by one")
    elif isinstance(value, float):
        for other in (value * 2, value / 2) if value else (1.0,):
            yield here.replaced(node, repr(other), "constant")
    elif isinstance(value, str | bytes) and id(node) not in here.spoken:
        mark = "X" if isinstance(value, str) else b"X"
        yield here.replaced(node, repr(value + mark), "string")


def either(here: Source, node: ast.BoolOp) -> Iterator[Edit]:
    """`and` for `or` and the other way round; a condition left out."""
    word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for before, after in zip(node.values, node.values[1:], strict=False):
        start, end = here.at(before)[1], here.at(after)[0]
        between = here.source[start:end]
        yield Edit(start, end, between.replace(word, other, 1), "and, or")
    for number in range(len(node.values)):
        kept = [v for place, v in enumerate(node.values) if place != number]
        text = f" {word} ".join(f"({here.text(v)})" for v in kept)
        yield here.replaced(node, f"({text})", "dropped condition")


def unary(here: Source, node: ast.UnaryOp) -> Iterator[Edit]:
    """A sign or a `not` left out."""
    yield here.replaced(node, f"({here.text(node.operand)})", "dropped sign or not")


def binary(here: Source, node: ast.BinOp) -> Iterator[Edit]:
    """Another sign of arithmetic."""
    if type(node.op) in ARITHMETIC:
        start, end = here.at(node.left)[1], here.at(node.right)[0]
        between = here.source[start:end]
        text = between.replace(between.strip(" ()\n"), ARITHMETIC[type(node.op)], 1)
        yield Edit(start, end, text, "arithmetic")


def increment(here: Source, node: ast.AugAssign) -> Iterator[Edit]:
    """An assignment in the place of an increment."""
    start, end = here.at(node.target)[1], here.at(node.value)[0]
    yield Edit(start, end, " = ", "arithmetic")
