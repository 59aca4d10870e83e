"""A diagram on a page says what the tests hold the code to, and has words for those who do not see it."""

import re
from pathlib import Path

from ..test_import_rules import ROOMS
from ..test_rooms import ARROWS

NODES = {
    "notebooks": "notebooks/src",
    "workbench": "workbench",
    "bookstore_model": "bookstore_model",
    "checks": "tests/checks",
    "pipeline": "solutions/pipeline",
    "churn_service": "solutions/churn_service",
    "load_tests": "load_tests",
}
ARROW = re.compile(r"^\s*(\w+)(?:\[.*?\])? --> (\w+)", re.MULTILINE)


def test_the_arrows_of_the_house_are_the_rules_of_its_imports(root: Path):
    text = (root / "docs" / "assets" / "diagrams" / "imports.mmd").read_text("utf-8")
    drawn = {(a, b) for a, b in ARROW.findall(text)}
    allowed = {
        (node, target)
        for node, room in NODES.items()
        for target in ROOMS[room][0]
        if target in NODES and target != node
    }
    assert drawn == allowed


def test_a_room_stands_on_what_it_may_import(root: Path):
    """An arrow to a room reaches the rooms below that one too."""
    text = (root / "docs" / "assets" / "diagrams" / "rooms.mmd").read_text("utf-8")
    below = {room: set() for room in ARROWS}
    for room, other in ARROW.findall(text):
        below[room].add(other)
    for _ in below:
        for room, reached in below.items():
            below[room] = reached.union(*(below[other] for other in reached))
    for room, others in ARROWS.items():
        if not room.startswith("__"):
            assert set(others) <= below[room], room
            upwards = {other for other in below[room] if room in ARROWS[other]}
            assert not upwards, room


def test_every_diagram_has_a_title_and_a_description(root: Path):
    sources = {page: page.read_text("utf-8") for page in (root / "docs").rglob("*.md")}
    sources |= {file: file.read_text("utf-8") for file in (root / "docs").rglob("*.mmd")}
    for file, text in sources.items():
        diagrams = (
            [text]
            if file.suffix == ".mmd"
            else re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL)
        )
        for diagram in diagrams:
            if "--8<--" not in diagram:
                assert "accTitle: " in diagram and "accDescr: " in diagram, file
