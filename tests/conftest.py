"""Shared by all tests: the course they run in, and what a machine must have for the rest."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = "test_author_contract.py"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


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
    """What stays on one process: a file's tests; the author contract's are on their own, an exercise each."""
    file = nodeid.partition("::")[0]
    return nodeid if file.endswith(CONTRACT) else file


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The author contract's tests take longest, and come first: no process is left alone with them."""
    items.sort(key=lambda item: not item.nodeid.partition("::")[0].endswith(CONTRACT))
