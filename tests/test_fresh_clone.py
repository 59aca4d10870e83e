"""A new user's first quarter of an hour, in a real browser: set up, open lesson 00, get a green check.

WORKBENCH_SCREENSHOTS names a folder to keep what the browser showed.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROMISED = ("WORKBENCH_PROJECT", "WORKBENCH_AUTHOR", "WORKBENCH_WARM", "PYTEST_CURRENT_TEST")
PYTHON = getattr(sys, "_base_executable", None) or sys.executable
RIGHT = """
def risk_level(probability):
    if isinstance(probability, bool) or not isinstance(probability, (int, float)):
        raise TypeError("no number")
    if not 0 <= probability <= 1:
        raise ValueError("no probability")
    return "high" if probability > 0.7 else "medium" if probability > 0.4 else "low"
"""
WRONG = RIGHT.replace("> 0.7", ">= 0.7")


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in PROMISED}


@pytest.fixture(scope="module")
def clone(root, tmp_path_factory) -> Path:
    """The files a clone would hold, set up by the first of the two commands."""
    folder = tmp_path_factory.mktemp("fresh") / "book store"  # a space, as on many a laptop
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    for path in filter(None, listed.stdout.decode().split("\0")):
        if (root / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / path, folder / path)
    started = time.perf_counter()
    subprocess.run(
        [PYTHON, "-m", "workbench", "start", "--prepare"],
        cwd=folder,
        env=clean_environment(),
        check=True,
    )
    print(f"start --prepare took {time.perf_counter() - started:.0f} s")
    return folder


@pytest.fixture(scope="module")
def lab(clone) -> str:
    """The address of JupyterLab, started by `start --no-browser`; stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = clone.parent / "lab.log"
    started = time.perf_counter()
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [PYTHON, "-m", "workbench", "start", "--no-browser", "--port", str(port)],
            cwd=clone,
            env=clean_environment(),
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 120
        address = None
        while address is None and time.monotonic() < deadline and process.poll() is None:
            address = re.search(rf"http://127\.0\.0\.1:{port}/lab\S*token=\w+", log.read_text())
            time.sleep(0.1)
        assert address, log.read_text()
        print(f"JupyterLab's address came after {time.perf_counter() - started:.1f} s")
        yield address[0]
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


@pytest.fixture(scope="module")
def page(lab, chromium):
    """Lesson 00, open in Chromium with its kernel ready."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1360, "height": 1000})
        page.goto(lab)
        page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
        yield page
        browser.close()


def run_all_cells(page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def run_check_cell(page) -> None:
    page.locator(".jp-CodeCell").filter(has_text='check("risk-level")').locator(
        ".cm-content"
    ).click()
    page.keyboard.press("Control+Enter")


def keep_screenshot(page, name: str) -> None:
    if folder := os.environ.get("WORKBENCH_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_the_first_lesson_runs_and_its_check_turns_green(page, clone):
    answer = clone / "exercises" / "churn_service" / "risk.py"
    run_all_cells(page)
    page.wait_for_selector(".workbench-check >> text=not started", timeout=60_000)
    page.wait_for_selector("text=hint 1 of 3", timeout=60_000)
    answer.write_text(WRONG)
    run_check_cell(page)
    page.wait_for_selector(".workbench-check >> text=not right yet", timeout=60_000)
    keep_screenshot(page, "lesson")
    answer.write_text(RIGHT)
    run_check_cell(page)
    page.wait_for_selector(".workbench-check >> text=5 of 5 points", timeout=60_000)
    keep_screenshot(page, "lesson-passed")


def test_progress_is_remembered_for_the_command_line(page, clone):
    told = subprocess.run(
        [PYTHON, "-m", "workbench", "status"],
        cwd=clone,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1 of" in told.stdout
    assert "evaluate-model" in told.stdout


def test_a_second_start_repeats_nothing(clone):
    stamp = (clone / ".venv" / "pyvenv.cfg").stat().st_mtime_ns
    model = (clone / "data" / "model" / "metadata.json").stat().st_mtime_ns
    subprocess.run(
        [PYTHON, "-m", "workbench", "start", "--prepare"],
        cwd=clone,
        env=clean_environment(),
        check=True,
    )
    assert (clone / ".venv" / "pyvenv.cfg").stat().st_mtime_ns == stamp
    assert (clone / "data" / "model" / "metadata.json").stat().st_mtime_ns == model
