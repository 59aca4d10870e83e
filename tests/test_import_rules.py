"""Which way things may flow. Every import of every room is read and held against the rule."""

import ast
import sys
from pathlib import Path

import pytest

OURS = {
    "benchmarks",
    "bookstore_model",
    "churn_service",
    "exercises",
    "load_tests",
    "pipeline",
    "solutions",
    "tests",
    "workbench",
}
# what a room may import of ours, and, where the rule names them, the only packages from outside
ROOMS = {
    "workbench": ({"workbench"}, {"pytest", "rich", "typer", "nbformat", "jupytext"}),
    "workbench/setup": ({"workbench"}, set()),
    "tests/checks": ({"workbench"}, {"pytest"}),
    "solutions/pipeline": ({"bookstore_model", "pipeline"}, None),
    "solutions/churn_service": ({"churn_service"}, None),
    "solutions/tests": ({"churn_service", "tests"}, None),
    "solutions/load_tests": ({"load_tests"}, None),
    "exercises/pipeline": ({"bookstore_model", "pipeline"}, None),
    "exercises/churn_service": ({"churn_service"}, None),
    "bookstore_model": ({"bookstore_model"}, None),
    "exercises/load_tests": ({"load_tests"}, None),
    "load_tests": ({"load_tests"}, None),
    "notebooks/src": ({"bookstore_model", "workbench"}, None),
}
# one module each knows a library that the rest of the room does not need
KNOWN_TO_ONE = {
    "workbench/instruments/docker/engine.py": {"docker"},
    "workbench/instruments/documents.py": {"yaml"},
    "workbench/grading/pages.py": {"jinja2"},
    "workbench/grading/cluster.py": {"distributed"},
}
# these run on the learner's side of the boundary, where the project's libraries are at hand
BEYOND_THE_BOUNDARY = {
    "workbench/sandbox/inside/requests.py": {"churn_service", "flask", "werkzeug"},
    "workbench/sandbox/inside/suites.py": {"pytest"},
}


def imported(file: Path) -> set[str]:
    """The top-level names of all modules a file imports, at any depth of the file."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
    return found


def files_of(root: Path, room: str) -> list[Path]:
    files = [f for f in (root / room).rglob("*.py") if "__pycache__" not in f.parts]
    return [f for f in files if "probes" not in f.parts and "broken" not in f.parts]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(root, room):
    ours, outside = ROOMS[room]
    files = files_of(root, room)
    assert files, f"{room} holds no Python files"
    for file in files:
        path = file.relative_to(root).as_posix()
        names = (
            imported(file) - BEYOND_THE_BOUNDARY.get(path, set()) - KNOWN_TO_ONE.get(path, set())
        )
        wrong = (names & OURS) - ours
        if outside is not None:
            wrong |= names - OURS - set(sys.stdlib_module_names) - outside
        assert not wrong, f"{path} imports {', '.join(sorted(wrong))}; {room} may not"


def test_a_forbidden_import_would_be_noticed(tmp_path):
    file = tmp_path / "wrong.py"
    file.write_text("def later():\n    from solutions.churn_service import risk\n")
    assert imported(file) & OURS == {"solutions"}


def test_probes_import_nothing_of_the_judge(root):
    for file in (root / "tests" / "checks" / "probes").rglob("*.py"):
        assert not imported(file) & {"workbench", "tests", "solutions", "exercises"}, file.name
