"""The rooms of `workbench/`: which may import which, that nothing goes round in a circle, and how large a
file may be. `docs/understand/house.md` says what each room is for.
"""

import ast
import functools
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from .conftest import ROOT

WORKBENCH = ROOT / "workbench"
MOST_LINES = 200
GROUND = ("sandbox", "setup")
JUDGED = (*GROUND, "course", "boundary", "instruments", "judging")
# a room may import itself and what stands behind its name; nothing else of the workbench
ARROWS = {
    "sandbox": (),
    "setup": ("sandbox",),
    "course": ("setup",),
    "boundary": GROUND,
    "instruments": (*GROUND, "boundary"),
    "judging": (*GROUND, "course", "boundary", "instruments"),
    "learning": JUDGED,
    "grading": (*JUDGED, "learning"),
    "authoring": (*JUDGED, "learning"),
    "cli": (*JUDGED, "learning", "grading", "authoring"),
    "__main__": (*GROUND, "cli"),
    "__init__": ("learning",),
}


def files() -> list[Path]:
    return sorted(WORKBENCH.rglob("*.py"))


def module_of(file: Path) -> str:
    """The dotted name of a file, `workbench.setup.lock` for instance."""
    name = file.relative_to(WORKBENCH.parent).with_suffix("").as_posix().replace("/", ".")
    return name.removesuffix(".__init__")


def room_of(file: Path) -> str:
    inside = file.relative_to(WORKBENCH)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imported_modules(text: str, known: set[str]) -> set[str]:
    """The modules of ours that a text imports, at any depth and under any condition."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            inside = {f"{node.module}.{alias.name}" for alias in node.names} & known
            # `from package import module` needs the module; the package's own file is none of its names
            found |= inside if len(inside) == len(node.names) else inside | {node.module or ""}
    return found & known


@functools.cache
def imports() -> dict[str, set[str]]:
    """What each module imports of ours."""
    known = {module_of(file) for file in files()}
    return {module_of(f): imported_modules(f.read_text("utf-8"), known) for f in files()}


@pytest.mark.parametrize("room", sorted({room_of(file) for file in files()}))
def test_a_room_imports_only_rooms_below_it(room):
    allowed = {room, *ARROWS[room]}
    where = {module_of(file): room_of(file) for file in files()}
    wrong = [
        f"{module} imports {other}"
        for module, others in imports().items()
        for other in others
        if where[module] == room and where[other] not in allowed
    ]
    assert not wrong, f"{room} may import {', '.join(ARROWS[room]) or 'nothing of ours'}: {wrong}"


def test_grading_and_authoring_know_nothing_of_each_other():
    assert "authoring" not in ARROWS["grading"]
    assert "grading" not in ARROWS["authoring"]


def test_no_import_goes_round_in_a_circle():
    try:
        TopologicalSorter(imports()).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_a_circle_and_an_import_in_a_function_would_be_noticed():
    known = {"workbench.cli", "workbench.setup.lock"}
    text = "def later():\n    from workbench.setup import lock\n    import workbench.cli\n"
    assert imported_modules(text, known) == known
    with pytest.raises(CycleError):
        TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()


def test_no_file_is_longer_than_a_reader_can_hold():
    long = {
        module_of(f): n
        for f in files()
        if (n := len(f.read_text("utf-8").splitlines())) > MOST_LINES
    }
    assert not long, f"over {MOST_LINES} lines, look for the missing concept: {long}"
