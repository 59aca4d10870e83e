"""Runs a command confined: `python -I -S run.py RULES COMMAND...`, in place of this process."""

import importlib.util
import os
import sys


def main() -> None:
    rules, *command = sys.argv[1:]
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib costs 5 ms
    sandbox = load(here)
    sandbox.confine(sandbox.rules_from(rules))
    try:
        os.execvp(command[0], command)
    except FileNotFoundError:
        sys.exit(127)


def load(folder: str):
    """This folder's package, under a name that no project uses."""
    spec = importlib.util.spec_from_file_location("_sandbox", os.path.join(folder, "__init__.py"))  # noqa: PTH118
    package = importlib.util.module_from_spec(spec)
    sys.modules["_sandbox"] = package
    spec.loader.exec_module(package)
    return package


if __name__ == "__main__":
    main()
