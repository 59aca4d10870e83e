"""Runs a command confined: `python -I -S run.py RULES COMMAND...`, in place of this process."""

import importlib.util
import os
import sys


def main() -> None:
    rules, *command = sys.argv[1:]
    sandbox = load()
    sandbox.confine(sandbox.rules_from(rules))
    try:
        os.execvp(command[0], command)
    except FileNotFoundError:
        sys.exit(127)


def load():
    """The package of this folder, under a name that no project uses; loaded once."""
    if "_sandbox" not in sys.modules:
        file = f"{os.path.dirname(os.path.abspath(__file__))}/__init__.py"  # noqa: PTH100, PTH120
        spec = importlib.util.spec_from_file_location("_sandbox", file)
        package = importlib.util.module_from_spec(spec)
        sys.modules["_sandbox"] = package
        spec.loader.exec_module(package)
    return sys.modules["_sandbox"]


if __name__ == "__main__":
    main()
