"""``python3 -m workbench COMMAND``: the one way in.

This file must parse on any Python 3, so that an old one is told what to do in a sentence.
``start``, ``test`` and ``doctor`` need only the standard library. Every other command runs on
the interpreter in ``.venv``.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = Path(__file__).resolve().parent.parent
OVERVIEW = """BookStore Workbench: take a churn model from a notebook to a service that runs.

Usage: {python} -m workbench COMMAND [OPTIONS]

Set up
  start     set everything up, then open JupyterLab at the first lesson
            --prepare     set up, but do not open JupyterLab
            --no-browser  start JupyterLab and print its address
            --port N      use this port, or say that it is taken
  doctor    what this machine has, what is missing, and the fix (--json)
  test      set up what the tests need and run them all; arguments go to pytest

Learn (after start; each has its own --help)
  list      every exercise, with its state        status    progress, and what to open next
  check     grade one exercise                    watch     grade again on every save
  hint      one step further up the ladder        solution  the reference answer
  reset     start an exercise again (keeps a backup)
  serve     run your service                      assemble  your finished modules, to build an image
  docs      build or serve the lesson pages

Teach
  grade     grade a class: folders, archives, git bundles; stops and goes on

Write the course
  dev       new, derive, verify, notebooks
"""


def python_problem(version, executable):
    """Return one sentence on why this Python cannot be used, or None if it can."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return None
    better = _suitable_python()
    remedy = (
        f"run `{better} -m workbench start` instead"
        if better
        else "install one of those (see docs/start/install.md), "
        "then run `python3.13 -m workbench start`"
    )
    return "The course needs Python 3.11, 3.12 or 3.13, and {} is {}.{}: {}.".format(
        executable or "this interpreter", version[0], version[1], remedy
    )


def _suitable_python():
    launcher = [["py", "-3." + minor] for minor in ("13", "12", "11")] if os.name == "nt" else []
    for command in launcher + [["python3." + minor] for minor in ("13", "12", "11")]:
        if not shutil.which(command[0]):
            continue
        # A version manager's shim may be on the PATH with no Python behind it: run it to know.
        answer = subprocess.call(
            [*command, "-c", "import venv, ensurepip"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if answer == 0:
            return " ".join(command)
    return None


def _in_venv():
    venv = ROOT / ".venv"
    return venv.is_dir() and venv.samefile(sys.prefix)


def _run_course_command(argv):
    """Run a command of ``workbench.cli`` on the interpreter in ``.venv``."""
    if not _in_venv():
        return _pass_to_venv(argv)
    from workbench.sandbox.warm_process import LIBRARIES, kept_warm

    # what a check will need is imported on another core while this process imports its own
    with kept_warm(*LIBRARIES) if argv[0] == "check" else contextlib.nullcontext():
        try:
            from workbench.cli import main
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] == "workbench":
                raise
            return _refuse(f"The package {error.name} is missing from .venv")
        return main(argv)


def _pass_to_venv(argv):
    from workbench.setup.layout import Layout
    from workbench.setup.process import become

    layout = Layout.at(ROOT)
    if not layout.python.exists() or layout.unfinished.exists():
        return _refuse("The course is not set up here yet")
    return become([str(layout.python), "-m", "workbench", *argv])


def _refuse(why):
    from workbench.setup.layout import spelled

    print(f"{why}: run `{spelled('start')}`, which finishes the set-up.", file=sys.stderr)
    return 1


def main(argv):
    """Run one command and return its exit status."""
    problem = python_problem(sys.version_info, sys.executable)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(OVERVIEW.format(python="py" if os.name == "nt" else "python3"))
        return 0
    if argv[0] in ("start", "test", "doctor"):
        from workbench.setup.command import run

        return run(ROOT, argv)
    return _run_course_command(argv)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
