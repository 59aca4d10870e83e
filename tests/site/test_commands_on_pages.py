"""Every command a page or a lesson tells the reader to run is one the program knows."""

import re

import pytest
from typer.main import get_command

from tests.conftest import ROOT
from workbench.cli import app

SPOKEN = re.compile(r"(?:python3?(?:\.\d+)?|py) -m workbench[ ]+([^`\"'|)\n#&;]+)")
# start, test and doctor parse their own arguments, and `test` hands its own to pytest
SET_UP = {
    "start": {"--prepare", "--no-browser", "--port", "--help"},
    "doctor": {"--json", "--help"},
}
PLACEHOLDERS = {"COMMAND"}


def pages() -> list:
    """The hand-written pages, the lessons' sources and the front pages of the repository."""
    written = [p for p in (ROOT / "docs").rglob("*.md") if "learn" not in p.parts]
    lessons = (ROOT / "notebooks" / "src").glob("*.py")
    return sorted([*written, *lessons, ROOT / "README.md", ROOT / "CONTRIBUTING.md"])


def fault_of(words: list[str]) -> str:
    """What is wrong with the words after `-m workbench`, or an empty string."""
    if words[0] == "test" or words[0] in PLACEHOLDERS:
        return ""
    asked = {word.partition("=")[0] for word in words if word.startswith("--")}
    if words[0] in SET_UP:
        return "".join(sorted(asked - SET_UP[words[0]]))
    command = get_command(app)
    for word in words:
        if not hasattr(command, "commands"):
            break
        if word not in command.commands:
            return word
        command = command.commands[word]
    known = {o for parameter in command.params for o in parameter.opts} | {"--help"}
    return " ".join(sorted(asked - known))


@pytest.mark.parametrize("page", pages(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_command_on_the_page_is_real(page):
    for spoken in SPOKEN.findall(page.read_text("utf-8")):
        fault = fault_of(spoken.split())
        assert not fault, f"`{spoken.strip()}` on this page: the program does not know {fault}"


@pytest.mark.parametrize(
    "wrong", ["chek risk-level", "check ID --fast", "dev prove", "start --now"]
)
def test_a_command_that_is_not_real_would_be_noticed(wrong):
    assert fault_of(wrong.split())
