"""What a check may use, read from the docstrings of the plugin, the boundary and the instruments."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from pathlib import Path

from workbench.authoring.lookup.tables import code, table

PLUGIN = "workbench/judging/plugin.py"
# what the fixtures give, in the order in which an author meets it
GIVEN = (
    ("workbench/boundary/expect.py", ("Answer", "Reply")),
    ("workbench/boundary/project.py", ("Project",)),
    ("workbench/boundary/services.py", ("Service", "ScriptedService")),
)
OUTCOMES = "workbench/boundary/outcomes.py"
BESIDE = (
    ("workbench/boundary/expect.py", ("same", "shown", "difference")),
    ("workbench/boundary/raised.py", ("raised_outcome",)),
    ("workbench/boundary/attempts.py", ("attempt", "Attempt")),
    (OUTCOMES, ("Outcome", "shortened", "last_words")),
    ("workbench/sandbox/commands.py", ("run_python",)),
)
INSTRUMENTS = "workbench/instruments"
HEADS = ("name", "what it is")

Definition = ast.FunctionDef | ast.ClassDef
Row = tuple[str, str]


def fixtures_table(root: Path) -> str:
    """Each fixture of the plugin, by the name under which a check asks for it."""
    (plugin,) = (n for n in _definitions(root / PLUGIN) if isinstance(n, ast.ClassDef))
    fixtures = [n for n in plugin.body if isinstance(n, ast.FunctionDef) and _is_fixture(n)]
    return table(("fixture", "what it gives"), [(code(f.name), _said(f)) for f in fixtures])


def given_tables(root: Path) -> str:
    """A section for each class whose objects the fixtures give."""
    parts = []
    for path, names in GIVEN:
        for node in _named(root / path, names):
            members = table(HEADS, list(_members(node)))
            parts += [f"### {node.name}", _said(node), members]
    return "\n\n".join(parts)


def outcomes_table(root: Path) -> str:
    """Each outcome with its verdict; `mismatch` comes first, which is the one to raise."""
    rows = [("failed", *_row(node)) for node in _named(root / OUTCOMES, ("mismatch",))]
    for node in _definitions(root / OUTCOMES):
        verdict = isinstance(node, ast.ClassDef) and _verdict(node)
        if verdict and verdict != "failed":  # that is what `mismatch` is for
            rows.append((verdict, code(node.name), _said(node)))
    return table(
        ("verdict", "raise", "when"), [(code(v), name, meaning) for v, name, meaning in rows]
    )


def functions_table(root: Path) -> str:
    """The functions beside the fixtures, each with the module it is imported from."""
    rows = []
    for path, names in BESIDE:
        for node in _named(root / path, names):
            rows += [(code(_module(path)), *row) for row in _rows(node)]
    return table(("from", *HEADS), rows)


def instruments_tables(root: Path) -> str:
    """A section for each module of the instruments: what it is for, and what it offers."""
    parts = []
    for file in sorted((root / INSTRUMENTS).rglob("*.py")):
        rows = [row for node in _definitions(file) for row in _rows(node)]
        if rows:
            head = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            path = file.relative_to(root).as_posix()
            parts += [f"### {code(_module(path))}", head, table(HEADS, rows)]
    return "\n\n".join(parts)


def _definitions(file: Path) -> Iterator[Definition]:
    """The public functions and classes of a module that say what they are."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, Definition) and _is_public(node):
            yield node


def _named(file: Path, names: tuple[str, ...]) -> list[Definition]:
    definitions = {node.name: node for node in _definitions(file)}
    return [definitions[name] for name in names]


def _is_public(node: Definition) -> bool:
    return not node.name.startswith("_") and ast.get_docstring(node) is not None


def _is_fixture(node: ast.FunctionDef) -> bool:
    return any("pytest.fixture" in ast.unparse(decorator) for decorator in node.decorator_list)


def _rows(node: Definition) -> Iterator[Row]:
    """A definition and, of a class, what can be asked of its objects."""
    yield _row(node)
    if isinstance(node, ast.ClassDef):
        yield from _members(node)


def _members(node: ast.ClassDef) -> Iterator[Row]:
    for member in node.body:
        if isinstance(member, ast.FunctionDef) and _is_public(member):
            yield _row(member, f"{node.name}.")


def _row(node: Definition, owner: str = "") -> Row:
    return code(f"{owner}{node.name}{_signature(node)}"), _said(node)


def _signature(node: Definition) -> str:
    """The names and defaults in brackets; nothing for what is used without any."""
    if isinstance(node, ast.ClassDef):
        return ""
    if any(getattr(d, "id", "") == "property" for d in node.decorator_list):
        return ""
    arguments = copy.deepcopy(node.args)
    for argument in ast.walk(arguments):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    arguments.args = [a for a in arguments.args if a.arg != "self"]
    return f"({ast.unparse(arguments)})"


def _verdict(node: ast.ClassDef) -> str:
    """The verdict that an outcome stands for; empty where it has none of its own."""
    for line in node.body:
        if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "verdict":
            return ast.literal_eval(line.value)
    return ""


def _said(node: Definition) -> str:
    return ast.get_docstring(node) or ""


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")
