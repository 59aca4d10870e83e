"""Runs a command confined: `python -I -S run.py RULES ENVIRONMENT COMMAND...`, in place of this process.

The environment, a JSON object, is the command's alone: a variable in it that tells the loader what to
load would act before the rules do.
"""

import importlib.util
import json
import os
import sys


def main() -> None:
    rules, environment, *command = sys.argv[1:]
    sandbox = load("kernel")
    sandbox.confine(sandbox.rules_from(rules))
    try:
        os.execvpe(command[0], command, json.loads(environment))
    except FileNotFoundError:
        sys.exit(127)


def load(name):
    """The package `kernel` or `inside` of this room, under a name that no project uses; loaded once."""
    hidden = f"_sandbox_{name}"
    if hidden not in sys.modules:
        above = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
        spec = importlib.util.spec_from_file_location(hidden, f"{above}/{name}/__init__.py")
        package = importlib.util.module_from_spec(spec)
        sys.modules[hidden] = package
        spec.loader.exec_module(package)
    return sys.modules[hidden]


if __name__ == "__main__":
    main()
