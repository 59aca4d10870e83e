"""What a check raises, read from its source: only an outcome is a verdict on a wrong answer.

Anything else, a bare `assert` above all, reaches the learner as "could make nothing of it".
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

CURE = "raise `answer.fails(...)` or `reply.fails(...)`, or `mismatch(...)` where there is neither"
OF_THE_COURSE = "when the course itself is to blame, `EnvironmentProblem(...)`"
PYTEST_ENDS = ("fail", "skip", "xfail", "exit")


def check_complaints(source: str) -> Iterator[str]:
    """A sentence for each place of a check that fails without a verdict: the line, and the cure."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield f"line {error.lineno}: {error.msg}"
        return
    own = _own_exceptions(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield f"line {node.lineno}: an `assert` is no verdict; {CURE}"
        elif isinstance(node, ast.Raise) and (name := _raised(node)) and _is_no_outcome(name, own):
            yield f"line {node.lineno}: {name} is no verdict; {CURE}; {OF_THE_COURSE}"
        elif isinstance(node, ast.Call) and (name := _pytest_end(node)):
            yield f"line {node.lineno}: `{name}` is no verdict; {CURE}"


def is_python(source: str) -> bool:
    """Whether a source can be read as Python at all."""
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _raised(node: ast.Raise) -> str:
    """The plain name of what is raised, called or not; empty for anything else."""
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return raised.id if isinstance(raised, ast.Name) else ""


def _is_no_outcome(name: str, own: set[str]) -> bool:
    return name in own or _is_builtin_exception(name)


def _own_exceptions(tree: ast.Module) -> set[str]:
    """The classes of a source that are built on an exception of Python's own."""
    own: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            if bases & own or any(map(_is_builtin_exception, bases)):
                own.add(node.name)
    return own


def _is_builtin_exception(name: str) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _pytest_end(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(value=ast.Name(id="pytest"), attr=name) if name in PYTEST_ENDS:
            return f"pytest.{name}"
    return ""
