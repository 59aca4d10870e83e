"""Every command a page or a lesson tells the reader to run is one the program knows."""

import functools
import re
import subprocess
import sys

import pytest
from typer.main import get_command

from tests.conftest import ROOT
from workbench.cli import app

SPOKEN = re.compile(r"(?:python3?(?:\.\d+)?|py) -m workbench[ ]+([^`\"'|)\n#&;]+)")
# other programs of the course: the folder in which each is run
PROGRAMS = {
    "load_tests": ".",
    "bookstore_model": ".",
    "churn_service": "solutions",
    "pipeline.build_features": "solutions",
    "pipeline.release": "solutions",
    "pipeline.score_batch": "solutions",
    "deploy/smoke_test.py": "solutions",
    "deploy/record_known.py": "solutions",
}
OTHERS = re.compile(
    rf"(?:-m |python )({'|'.join(map(re.escape, PROGRAMS))})(?![\w.])([^`\"|)\n#&;>]*)"
)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
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


@functools.cache
def options_of(program: str, command: str = "") -> set[str]:
    """The options that a program of the course, or a command of it, names in its help."""
    module = [program] if program.endswith(".py") else ["-m", program]
    asked = [sys.executable, *module, *command.split(), "--help"]
    folder = ROOT / PROGRAMS[program]
    answer = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True)
    return set(OPTION.findall(answer.stdout))


def fault_of_other(program: str, rest: str) -> str:
    """What is wrong with the words after another program of the course, or an empty string."""
    command = ""
    if program == "bookstore_model" and (words := rest.split()):
        command = "" if words[0].startswith("-") else words[0]
    return " ".join(sorted(set(OPTION.findall(rest)) - options_of(program, command)))


@pytest.mark.parametrize("page", pages(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_other_program_on_the_page_has_the_options_it_is_given(page):
    text = re.sub(r"\\\n\s*", "", page.read_text("utf-8"))
    for program, rest in OTHERS.findall(text):
        fault = fault_of_other(program, rest)
        assert not fault, f"`{program}{rest}` on this page: the program does not know {fault}"


def test_an_option_that_is_not_real_would_be_noticed():
    [(program, rest)] = OTHERS.findall("`python -m load_tests spike --userz 5`")
    assert fault_of_other(program, rest) == "--userz"


@pytest.mark.parametrize(
    "wrong", ["chek risk-level", "check ID --fast", "dev prove", "start --now"]
)
def test_a_command_that_is_not_real_would_be_noticed(wrong):
    assert fault_of(wrong.split())
