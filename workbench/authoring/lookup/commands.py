"""The command page: every command and option, read from the parsers that parse them."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from workbench.authoring.lookup.tables import code, table
from workbench.course.place import Course

# module or file, the folder it is run in, and the folder that is told to Python
PROGRAMS = (
    ("-m load_tests", ".", "the load lab"),
    ("-m bookstore_model", ".", "the data scientist's model"),
    ("-m churn_service", "solutions", "the service"),
    ("-m pipeline.build_features", "solutions", "features from the order log"),
    ("-m pipeline.release", "solutions", "the model that is shipped"),
    ("-m pipeline.score_batch", "solutions", "every customer of a file, scored"),
    ("deploy/record_known.py", "solutions", "what a release answers"),
    ("deploy/smoke_test.py", "solutions", "the proof of a deployment"),
)
COLUMNS = "100"
IN_PROJECT = "in the project's folder, `exercises/`"


def workbench_commands(program) -> str:
    """All commands of `python3 -m workbench`: what they do, their arguments, options and defaults.

    `program` is the command line's own parser, as click knows it.
    """
    from workbench.setup.command import TEST_HELP, start_parser
    from workbench.setup.doctor import doctor_parser

    set_up = [_from_argparse("start", start_parser()), _from_argparse("doctor", doctor_parser())]
    about_tests = TEST_HELP.partition("\n\n")[2].replace("\n", " ")
    tests = f"### test\n\n{_usage('test [PYTEST ARGUMENTS...]')}\n\n{about_tests}"
    return "\n\n".join([*set_up, tests, *_from_click("", program)])


def _usage(line: str) -> str:
    return f"```text\npython3 -m workbench {line}\n```"


def _from_argparse(name: str, parser: argparse.ArgumentParser) -> str:
    actions = [a for a in parser._actions if a.dest != "help"]
    rows = [(code(_shown(action)), action.help or "") for action in actions]
    options = " ".join(f"[{_shown(action)}]" for action in actions)
    parts = [f"### {name}", _usage(f"{name} {options}"), parser.description or ""]
    return "\n\n".join([*parts, table(("option", "what it does"), rows)])


def _shown(action: argparse.Action) -> str:
    value = f" {action.metavar or action.dest.upper()}" if action.nargs != 0 else ""
    return action.option_strings[-1] + value


def _from_click(path: str, command) -> list[str]:
    """The sections of a command, or of every command of a group, in the order the program lists them."""
    if hasattr(command, "commands"):
        return [
            section
            for name, below in command.commands.items()
            for section in _from_click(f"{path} {name}".strip(), below)
        ]
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    words = [_argument(p) for p in arguments]
    usage = [path, *words]
    if options:
        usage.append("[OPTIONS]")
    meaning = " ".join((command.help or "").split())
    parts = [f"### {path}", _usage(" ".join(usage)), meaning]
    rows = [(code(word), p.help or "") for word, p in zip(words, arguments, strict=True)]
    rows += [(code(_option(p)), _meaning(p)) for p in options]
    if rows:
        parts.append(table(("argument or option", "what it does"), rows))
    return ["\n\n".join(parts)]


def _argument(parameter) -> str:
    name = parameter.metavar or parameter.name.upper()
    if parameter.nargs == 1:
        return name
    return f"{name}..." if parameter.required else f"[{name}...]"


def _option(parameter) -> str:
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    return ", ".join(parameter.opts) + value


def _meaning(parameter) -> str:
    default = parameter.default
    default_text = "" if parameter.is_flag or default is None else f" (default {default})"
    return (parameter.help or "") + default_text


def other_programs(course: Course) -> str:
    """What each other program of the course says when it is asked for `--help`."""
    sections = []
    for program, folder, title in PROGRAMS:
        path = [str(course.root / folder), str(course.root)]
        env = os.environ | {"COLUMNS": COLUMNS, "TERM": "dumb", "NO_COLOR": "1"}
        env |= {"PYTHONPATH": os.pathsep.join(path), "PYTHONUTF8": "1"}
        asked = [sys.executable, *program.split(), "--help"]
        answer = subprocess.run(
            asked,
            cwd=course.root / folder,
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        lines = "\n".join(line.rstrip() for line in answer.stdout.strip("\n").splitlines())
        where = f", {IN_PROJECT}" if folder != "." else ""
        heading = f"### {code('python ' + program)}\n\n{title[0].upper()}{title[1:]}{where}."
        sections.append(f"{heading}\n\n```text\n{lines}\n```")
    return "\n\n".join(sections)
