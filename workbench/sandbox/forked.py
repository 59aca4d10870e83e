"""Runs a program of a project as `python PROGRAM` would, in a process that a warm one has forked.

Run as `forked.py RULES PROGRAM ARGUMENTS...`; PROGRAM is a file, or `-m` and the name of a package. What
takes long to import is imported already. Standard library only, and nothing of the workbench: it is loaded
by path into processes that must not see the course.
"""

import atexit
import importlib.util
import os
import pathlib
import runpy
import sys
import threading
import traceback
import types


def main():
    rules, *arguments = sys.argv[1:]
    os.dup2(2, 1)
    if "gevent" in sys.modules:
        restart(sys.modules["gevent"])
    kernel = pathlib.Path(__file__).with_name("kernel") / "run.py"
    sandbox = runpy.run_path(str(kernel))["load"]("kernel")
    sandbox.confine(sandbox.rules_from(rules))
    sys.exit(run(*arguments))


def restart(gevent):
    """Gives this process an event loop of its own, whose clock does not stand where the parent's stood."""
    gevent.reinit()
    gevent.get_hub().loop.update_now()  # else whatever is due in a moment, is due at once


def run(program, *arguments):
    """Runs the program as `__main__` to its very end; returns the exit status."""
    status, package = 0, None
    try:
        if program == "-m":
            package, *arguments = arguments
            name = f"{package}.__main__"
            code = importlib.util.find_spec(name).loader.get_code(name)
        else:
            code = compile(pathlib.Path(program).read_bytes(), program, "exec")
        sys.argv = [code.co_filename, *arguments]
        sys.modules["__main__"] = module = types.ModuleType("__main__")
        module.__file__, module.__package__ = code.co_filename, package
        exec(code, vars(module))
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if status and not isinstance(end.code, int):
            print(end.code, file=sys.stderr)
    except BaseException as error:
        status = 1
        traceback.print_exception(error.with_traceback(error.__traceback__.tb_next))
    threading._shutdown()  # as at the end of any Python: threads first, then what is to be done at exit
    atexit._run_exitfuncs()
    return status


if __name__ == "__main__":
    main()
