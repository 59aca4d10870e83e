"""Faults in what Python hands on: the arguments of a call, the items of a list, the keys of a mapping."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.authoring.mutation.edits import Edit
from workbench.authoring.mutation.python_source import Source, name_of

OPPOSITES = {"min": "max", "max": "min", "all": "any", "any": "all", "ceil": "floor"}
WRAPPERS = {"round", "float", "int", "str", "abs", "sorted", "list", "set", "bool", "dict", "tuple"}


def call(here: Source, node: ast.Call) -> Iterator[Edit]:
    """Arguments swapped or left out, the opposite function, a conversion left out."""
    everything = sorted([*node.args, *node.keywords], key=lambda a: (a.lineno, a.col_offset))
    if len(node.args) > 1 and id(node) not in here.spoken and name_of(node.func) not in OPPOSITES:
        (a, b), (c, d) = here.at(node.args[0]), here.at(node.args[1])
        source = here.source
        yield Edit(a, d, source[c:d] + source[b:c] + source[a:b], "swapped arguments")
    for number, argument in enumerate(everything):
        if isinstance(argument, ast.keyword) or (len(node.args) > 1 and argument is node.args[-1]):
            yield here.dropped(everything, number, "dropped argument")
    name = name_of(node.func)
    if name in OPPOSITES:
        end = here.at(node.func)[1]
        yield Edit(end - len(name), end, OPPOSITES[name], "opposite function")
    if isinstance(node.func, ast.Name) and name in WRAPPERS and node.args:
        yield here.replaced(node, f"({here.text(node.args[0])})", "dropped conversion")
    if isinstance(node.func, ast.Attribute) and isinstance(
        node.func.value, ast.Call | ast.Subscript | ast.Attribute
    ):
        yield here.replaced(node, here.text(node.func.value), "dropped conversion")


def display(here: Source, node: ast.Tuple | ast.List | ast.Set) -> Iterator[Edit]:
    """An item of a list, a tuple or a set left out."""
    if len(node.elts) > 1 and isinstance(
        node.ctx if hasattr(node, "ctx") else ast.Load(), ast.Load
    ):
        for number in range(len(node.elts)):
            start, end = here.at(node.elts[number])
            rest = here.source[end:].lstrip()
            if rest.startswith(","):
                end = len(here.source) - len(rest) + 1
                if len(node.elts) == 2 and isinstance(node, ast.Tuple):
                    end -= 1  # one that stays alone needs its comma: (, b) is none
                    start = end if number else start
            elif number:
                start = here.at(node.elts[number - 1])[1]
                if len(node.elts) == 2 and isinstance(node, ast.Tuple):
                    start += 1
            if len(node.elts) == 2 and isinstance(node, ast.Tuple):
                kept = here.text(node.elts[1 - number])
                yield here.replaced(node, f"({kept},)", "dropped item")
            else:
                yield Edit(start, end, "", "dropped item")


def mapping(here: Source, node: ast.Dict) -> Iterator[Edit]:
    """A key left out."""
    for number, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
        start = here.at(key)[0] if key else here.at(value)[0] - 2
        end = here.at(value)[1]
        rest = here.source[end:].lstrip()
        if rest.startswith(","):
            end = len(here.source) - len(rest) + 1
        elif number:
            start = here.at(node.values[number - 1])[1]
        yield Edit(start, end, "", "dropped key")
