"""Set-up runs before anything is installed, on whatever Python the learner has."""

import ast
import sys

import pytest

from .conftest import ROOT

SETUP = sorted((ROOT / "workbench/setup").glob("*.py"))
PROTECTIONS = "workbench.sandbox.protections"  # what doctor asks; as bare as set-up itself
SANDBOX = sorted((ROOT / "workbench/sandbox/kernel").glob("*.py"))
FIRST = [ROOT / "workbench/__init__.py", ROOT / "workbench/__main__.py"]


@pytest.mark.parametrize("path", FIRST, ids=lambda path: path.name)
def test_an_old_python_can_read_the_way_in(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))


def imported_by(path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", SETUP, ids=lambda path: path.name)
def test_set_up_imports_only_the_standard_library_and_itself(path):
    foreign = {
        name
        for name in imported_by(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith("workbench.setup")
    }
    assert foreign <= {PROTECTIONS}


@pytest.mark.parametrize("path", SANDBOX, ids=lambda path: path.name)
def test_the_sandbox_imports_only_the_standard_library_and_itself(path):
    tree = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    imports = [node for node in tree if isinstance(node, ast.Import)]
    others = [node for node in tree if isinstance(node, ast.ImportFrom) and node.level == 0]
    names = {alias.name for node in imports for alias in node.names} | {o.module for o in others}
    assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names)
