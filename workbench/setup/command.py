"""The commands ``start``, ``test`` and ``doctor``."""

import argparse
import sys

from workbench.setup import doctor, jupyter
from workbench.setup.layout import Layout, spelled
from workbench.setup.prepare import prepare
from workbench.setup.problems import SetupError, explain_os_error
from workbench.setup.process import become, clean_environment

TEST_HELP = f"""Usage: {spelled("test")} [PYTEST ARGUMENTS...]

Set up what the tests need, then run them all: the code's own tests, and the notebooks
against the reference project. Everything after `test` goes to pytest, for instance
`{spelled("test")} tests/setup -k lock -x`. With `--quick`, only the tests that your change
touches, as many as fit into a minute."""


def start_parser() -> argparse.ArgumentParser:
    """The parser of `start`."""
    parser = argparse.ArgumentParser(
        prog=spelled("start"),
        description="Set everything up, then open JupyterLab at the first lesson.",
    )
    parser.add_argument("--prepare", action="store_true", help="set up, but do not open JupyterLab")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    parser.add_argument("--port", type=_port, help="a port from 1024 to 65535; must be free")
    return parser


def start(layout: Layout, argv: list[str]) -> int:
    options = start_parser().parse_args(argv)
    if options.port and not options.prepare:
        jupyter.choose_port(options.port)  # taken, it should not be news after minutes of set-up
    prepare(layout)
    if options.prepare:
        print(f"Everything is ready. `{spelled('start')}` opens JupyterLab.")
        return 0
    port = jupyter.choose_port(options.port)
    return jupyter.launch(layout, port=port, browser=not options.no_browser)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1024 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port from 1024 to 65535")
    return int(text)


def run_tests(layout: Layout, argv: list[str]) -> int:
    if argv[:1] in (["--help"], ["-h"]):
        print(TEST_HELP)
        return 0
    prepare(layout, for_tests=True)
    # tests/conftest.py says what stays together on one process, and puts what takes longest first
    # four processes: half of the time a test waits for a service, a container or a browser
    processes = "2" if "--quick" in argv else "4"
    command = [str(layout.python), "-m", "pytest", "-n", processes, "--dist", "loadgroup"]
    command += ["--no-loadscope-reorder"]
    command += ["--nbval", "--nbval-current-env", *argv]
    # Author mode: the notebooks' check cells grade the reference, and fail unless they pass.
    env = clean_environment(WORKBENCH_PROJECT="solutions", WORKBENCH_AUTHOR="1")
    return become(command, env=env, cwd=layout.root)


COMMANDS = {"start": start, "test": run_tests, "doctor": doctor.main}


def run(root: str, argv: list[str]) -> int:
    """Run ``argv`` (command first) on the clone at ``root``; return the exit status."""
    layout = Layout.at(root)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a folder's name may not fit the console's code page
            stream.reconfigure(errors="backslashreplace")
    try:
        return COMMANDS[argv[0]](layout, argv[1:])
    except SetupError as problem:
        message = problem
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        sys.stdout = None
        return 1
    except OSError as error:
        message = explain_os_error(error, layout.root)
    except KeyboardInterrupt:
        print(f"\nStopped. `{spelled(argv[0])}` goes on from here.", file=sys.stderr)
        return 130
    print(f"\n{message}" if sys.stdout.isatty() else message, file=sys.stderr)
    return 1
