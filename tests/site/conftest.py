"""Shared by the site's tests: the site, built once, a server for it, and a browser with no network."""

import functools
import gzip
import os
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.main import get_command

from workbench.authoring.site import build_site
from workbench.cli import app
from workbench.course.place import Course

from ..conftest import ROOT

COURSE = Course(ROOT, ROOT / "exercises")
VENDOR = "/assets/vendor/"


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_arguments: object) -> None:
        """No log."""


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The folder of the site, built strictly, once for all processes that test; prints how long it took."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    status = shared / "site-status"
    try:
        (shared / "site-building").mkdir()
    except FileExistsError:
        wait_for(status)
    else:
        started = time.perf_counter()
        outcome = "failed"
        try:
            outcome = str(build_site(COURSE, get_command(app)))
        finally:
            draft = shared / "site-status-draft"
            draft.write_text(outcome, encoding="utf-8")
            draft.rename(status)
        print(f"\nThe site was built in {time.perf_counter() - started:.1f} s.")
    assert status.read_text("utf-8") == "0"
    return ROOT / "site"


def wait_for(file: Path) -> None:
    """Returns once another process has written the file; fails after two minutes."""
    for _ in range(1200):
        if file.exists():
            return
        time.sleep(0.1)
    pytest.fail("the process that builds the site has not ended")


@pytest.fixture(scope="session")
def pages(site: Path) -> list[str]:
    """Every page of the site, as a path from its root."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the built site is served on this machine."""
    handler = functools.partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser(chromium: str):
    """A Chromium that reaches nothing by itself."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


def cut_network(context, *allowed: str) -> list[str]:
    """Aborts each request that does not begin with an allowed address; returns the list of those."""
    outside: list[str] = []

    def decide(route) -> None:
        if route.request.url.startswith((*allowed, "data:", "blob:")):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context.route("**/*", decide)
    return outside


def wait_for_drawings(page) -> None:
    """Returns once every diagram and formula of the page is drawn."""
    page.wait_for_function(
        "() => !document.querySelector('pre.diagram')"
        " && [...document.querySelectorAll('.arithmatex')].every((e) => e.querySelector('.katex'))"
    )


@functools.cache
def compressed_size(path: Path) -> int:
    """Bytes of a file as a server would send it, compressed."""
    return len(gzip.compress(path.read_bytes(), 6))
