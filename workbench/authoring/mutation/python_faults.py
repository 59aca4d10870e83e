"""Faults that people make in Python, each as an edit of the text at a place the syntax tree names."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from workbench.authoring.mutation.edits import Edit

COMPARISONS = {
    ast.Lt: ("<=", ">="), ast.LtE: ("<", ">"), ast.Gt: (">=", "<="), ast.GtE: (">", "<"),
    ast.Eq: ("!=",), ast.NotEq: ("==",), ast.In: ("not in",), ast.NotIn: ("in",),
    ast.Is: ("is not",), ast.IsNot: ("is",),
}  # fmt: skip
ARITHMETIC = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "/", ast.Mod: "*",
    ast.Pow: "*", ast.BitAnd: "|", ast.BitOr: "&",
}  # fmt: skip
OPPOSITES = {"min": "max", "max": "min", "all": "any", "any": "all", "ceil": "floor"}
WRAPPERS = {"round", "float", "int", "str", "abs", "sorted", "list", "set", "bool", "dict", "tuple"}
# what is said to a person: no contract fixes its words
SPEAKERS = {"debug", "info", "warning", "error", "exception", "print"}
SIMPLE = (ast.Expr, ast.Raise, ast.Assert, ast.Delete, ast.AugAssign, ast.Break, ast.Continue)
COMPOUND = (ast.If, ast.For, ast.While)


def python_edits(source: str) -> Iterator[Edit]:
    """All faults the operators make of a source, those outside its regions too."""
    return _Faults(source).edits()


def python_meaning(source: str) -> str | None:
    """What two sources share when they differ in comments and layout only; None for no Python."""
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:
        return None


class _Faults:
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
        self.spoken |= {id(stmt.value) for stmt in ast.walk(self.tree) if _is_docstring(stmt)}

    def edits(self) -> Iterator[Edit]:
        for node in ast.walk(self.tree):
            for kind, faults in OPERATORS:
                if isinstance(node, kind) and id(node) not in self.hints:
                    yield from faults(self, node)

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
    return isinstance(node, ast.Call) and _name(node.func) in SPEAKERS


def _hints_of(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of an annotation, which nothing runs."""
    for hint in (getattr(node, "annotation", None), getattr(node, "returns", None)):
        if hint is not None:
            yield from ast.walk(hint)


def _name(node: ast.AST) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _comparison(here: _Faults, node: ast.Compare) -> Iterator[Edit]:
    sides = [node.left, *node.comparators]
    for place, operator in enumerate(node.ops):
        start, end = here.at(sides[place])[1], here.at(sides[place + 1])[0]
        between = here.source[start:end]
        for other in COMPARISONS[type(operator)]:
            text = between.replace(between.strip(" ()\n"), other, 1)
            yield Edit(start, end, text, "comparison")


def _constant(here: _Faults, node: ast.Constant) -> Iterator[Edit]:
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


def _statement(here: _Faults, node: ast.stmt) -> Iterator[Edit]:
    if not _is_docstring(node):
        yield here.replaced(node, "pass", "dropped statement")


def _assignment(here: _Faults, node: ast.Assign) -> Iterator[Edit]:
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


def _returned(here: _Faults, node: ast.Return) -> Iterator[Edit]:
    if node.value is None:
        yield here.replaced(node, "pass", "dropped statement")
    elif not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield here.replaced(node.value, "None", "return value")


def _condition(here: _Faults, node: ast.If | ast.While | ast.IfExp) -> Iterator[Edit]:
    if isinstance(node.test, ast.UnaryOp | ast.Compare) or (
        isinstance(node.test, ast.NamedExpr) and isinstance(node, ast.While)
    ):
        return  # its own operator turns it round; a loop turned round seldom ends
    yield here.replaced(node.test, f"not ({here.text(node.test)})", "negated condition")


def _filter(here: _Faults, node: ast.comprehension) -> Iterator[Edit]:
    for test in node.ifs:
        yield here.replaced(test, "True", "dropped condition")


def _either(here: _Faults, node: ast.BoolOp) -> Iterator[Edit]:
    word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for before, after in zip(node.values, node.values[1:], strict=False):
        start, end = here.at(before)[1], here.at(after)[0]
        between = here.source[start:end]
        yield Edit(start, end, between.replace(word, other, 1), "and, or")
    for number in range(len(node.values)):
        kept = [v for place, v in enumerate(node.values) if place != number]
        text = f" {word} ".join(f"({here.text(v)})" for v in kept)
        yield here.replaced(node, f"({text})", "dropped condition")


def _unary(here: _Faults, node: ast.UnaryOp) -> Iterator[Edit]:
    yield here.replaced(node, f"({here.text(node.operand)})", "dropped sign or not")


def _binary(here: _Faults, node: ast.BinOp) -> Iterator[Edit]:
    if type(node.op) in ARITHMETIC:
        start, end = here.at(node.left)[1], here.at(node.right)[0]
        between = here.source[start:end]
        text = between.replace(between.strip(" ()\n"), ARITHMETIC[type(node.op)], 1)
        yield Edit(start, end, text, "arithmetic")


def _increment(here: _Faults, node: ast.AugAssign) -> Iterator[Edit]:
    start, end = here.at(node.target)[1], here.at(node.value)[0]
    yield Edit(start, end, " = ", "arithmetic")


def _call(here: _Faults, node: ast.Call) -> Iterator[Edit]:
    everything = sorted([*node.args, *node.keywords], key=lambda a: (a.lineno, a.col_offset))
    if len(node.args) > 1 and id(node) not in here.spoken and _name(node.func) not in OPPOSITES:
        (a, b), (c, d) = here.at(node.args[0]), here.at(node.args[1])
        source = here.source
        yield Edit(a, d, source[c:d] + source[b:c] + source[a:b], "swapped arguments")
    for number, argument in enumerate(everything):
        if isinstance(argument, ast.keyword) or (len(node.args) > 1 and argument is node.args[-1]):
            yield here.dropped(everything, number, "dropped argument")
    name = _name(node.func)
    if name in OPPOSITES:
        end = here.at(node.func)[1]
        yield Edit(end - len(name), end, OPPOSITES[name], "opposite function")
    if isinstance(node.func, ast.Name) and name in WRAPPERS and node.args:
        yield here.replaced(node, f"({here.text(node.args[0])})", "dropped conversion")
    if isinstance(node.func, ast.Attribute) and isinstance(
        node.func.value, ast.Call | ast.Subscript | ast.Attribute
    ):
        yield here.replaced(node, here.text(node.func.value), "dropped conversion")


def _display(here: _Faults, node: ast.Tuple | ast.List | ast.Set) -> Iterator[Edit]:
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


def _mapping(here: _Faults, node: ast.Dict) -> Iterator[Edit]:
    for number, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
        start = here.at(key)[0] if key else here.at(value)[0] - 2
        end = here.at(value)[1]
        rest = here.source[end:].lstrip()
        if rest.startswith(","):
            end = len(here.source) - len(rest) + 1
        elif number:
            start = here.at(node.values[number - 1])[1]
        yield Edit(start, end, "", "dropped key")


def _handler(here: _Faults, node: ast.ExceptHandler) -> Iterator[Edit]:
    body = Edit(here.at(node.body[0])[0], here.at(node.body[-1])[1], "raise", "removed handling")
    if here.source[body.start : body.end] != "raise":
        yield body


def _context(here: _Faults, node: ast.With) -> Iterator[Edit]:
    if not any(item.optional_vars for item in node.items):
        start, first = here.at(node)[0], here.at(node.body[0])[0]
        colon = here.source.rindex(":", here.at(node.items[-1].context_expr)[1], first)
        yield Edit(start, colon, "if True", "removed context")


def _decorated(here: _Faults, node: ast.FunctionDef | ast.ClassDef) -> Iterator[Edit]:
    for decorator in node.decorator_list:
        start, end = here.at(decorator)
        line = here.source.rindex("\n", 0, start) + 1
        yield Edit(line, here.source.index("\n", end) + 1, "", "dropped decorator")


OPERATORS: list[tuple[type | tuple, Callable[[_Faults, ast.AST], Iterator[Edit]]]] = [
    (ast.Compare, _comparison),
    (ast.Constant, _constant),
    (SIMPLE, _statement),
    (COMPOUND, _statement),
    (ast.Assign, _assignment),
    (ast.Return, _returned),
    ((ast.If, ast.While, ast.IfExp), _condition),
    (ast.comprehension, _filter),
    (ast.BoolOp, _either),
    (ast.UnaryOp, _unary),
    (ast.BinOp, _binary),
    (ast.AugAssign, _increment),
    (ast.Call, _call),
    ((ast.Tuple, ast.List, ast.Set), _display),
    (ast.Dict, _mapping),
    (ast.ExceptHandler, _handler),
    (ast.With, _context),
    ((ast.FunctionDef, ast.ClassDef), _decorated),
]
