"""Shared by all tests: the course they run in, and what a machine must have for the rest."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from . import quick

ROOT = Path(__file__).resolve().parent.parent
# files whose tests are handed out one by one
APART = ("test_author_contract.py", "tests/test_mutants.py")
NOTED_SECONDS = 3.0
DURATIONS_HEAD = """\
# Seconds of the groups of tests that take longest, on two cores with the others beside them. They are handed
# out in this order. `python3 -m workbench test --note-durations` writes this file.
"""
SECONDS: dict[str, float] = {}
# the shell first: it draws the same pages without a browser around them, in a third of the processor time
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def pytest_configure(config: pytest.Config) -> None:
    """Lets what the tests start hear Ctrl-C. In the background, as under `nohup`, it is ignored, and what
    is ignored stays so in every process that this one starts.
    """
    leads_others = getattr(config.option, "numprocesses", None) and not hasattr(
        config, "workerinput"
    )
    if not leads_others and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def require(name: str, present: bool, remedy: str) -> None:
    """Skips the test when something is absent; fails it when WORKBENCH_REQUIRE asks for it."""
    if present:
        return
    if name in os.environ.get("WORKBENCH_REQUIRE", "").split(","):
        pytest.fail(f"{name} is required here and absent: {remedy}")
    pytest.skip(f"{name} is absent: {remedy}")


def has_engine() -> bool:
    """Whether a Docker engine answers here."""
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium, to look at pages with."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), "")
    require("browser", bool(found), "install Chromium")
    return found


def group_of(nodeid: str) -> str:
    """What stays on one process: a file's tests. Tests of the author contract, and of files that wait for
    most of their time, are on their own.
    """
    file = nodeid.partition("::")[0]
    return nodeid if file.endswith(APART) else file


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick", action="store_true", help="the tests that the change touches, in a minute"
    )
    parser.addoption("--note-durations", action="store_true", help="write tests/durations.toml")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Hands out tests by group. Marks for `--dist loadgroup` do nothing: pytest 9.2 has renamed the
    attribute that xdist 3.8 writes the group's name into.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return ByGroup(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes longest comes first: no process is left alone with it at the end."""
    seconds = quick.durations()
    items.sort(key=lambda item: -seconds.get(group_of(item.nodeid), 0.0))
    if config.option.quick:
        groups, _ = quick.chosen((group_of(i.nodeid) for i in items), quick.changed_files())
        others = [item for item in items if group_of(item.nodeid) not in groups]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if group_of(item.nodeid) in groups]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Adds up, in the process that hears of all tests."""
    group = group_of(report.nodeid)
    SECONDS[group] = SECONDS.get(group, 0.0) + report.duration


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """Says what `--quick` left out; writes down how long the groups took when that was asked."""
    if config.option.quick:  # only what has its seconds in the list can be left out
        _, left = quick.chosen(quick.durations(), quick.changed_files())
        for group, seconds in left.items():
            terminalreporter.write_line(f"left out, about {seconds:.0f} s: {group}")
    if config.option.note_durations:
        longest = sorted(((s, g) for g, s in SECONDS.items() if s >= NOTED_SECONDS), reverse=True)
        rows = "".join(f"{json.dumps(group)} = {seconds:.0f}\n" for seconds, group in longest)
        (ROOT / "tests" / "durations.toml").write_text(DURATIONS_HEAD + rows, encoding="utf-8")
