"""The site outlives its theme: the builder that follows it builds the same pages from the same file."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from ..conftest import ROOT

FOLDER = ".cache/site-by-zensical"  # inside the project: the builder insists


@pytest.fixture(scope="module")
def second_site(site):
    """The site as zensical builds it, strictly, from the pages that were generated for the first."""
    shutil.rmtree(ROOT / FOLDER, ignore_errors=True)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    started = time.perf_counter()
    run = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"WORKBENCH_SITE_DIR": FOLDER},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    print(f"\nzensical built the site in {time.perf_counter() - started:.1f} s.")
    yield ROOT / FOLDER
    shutil.rmtree(ROOT / FOLDER, ignore_errors=True)


def test_zensical_builds_the_same_pages(second_site, pages):
    theirs = sorted(
        path.relative_to(second_site).as_posix() for path in second_site.rglob("*.html")
    )
    assert theirs == pages


def test_zensical_draws_with_the_same_files(second_site, site):
    """Diagrams, formulas and the search from disk come from the site's own assets in both."""
    for name in (
        "site.js",
        "extra.css",
        "vendor/mermaid/mermaid.min.js",
        "vendor/iframe-worker/shim.js",
    ):
        assert (second_site / "assets" / name).read_bytes() == (site / "assets" / name).read_bytes()
    assert '<pre class="diagram">' in (second_site / "role" / "career.html").read_text("utf-8")


def test_pages_link_to_their_source_when_the_repository_is_named(tmp_path, site):
    where = {
        "WORKBENCH_REPO_URL": "https://example.org/a/b",
        "WORKBENCH_EDIT_URI": "edit/main/docs/",
    }
    env = os.environ | where | {"WORKBENCH_SITE_DIR": str(tmp_path), "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q"], cwd=ROOT, env=env, check=True)
    page = (tmp_path / "role" / "career.html").read_text("utf-8")
    assert 'href="https://example.org/a/b/edit/main/docs/role/career.md"' in page
    assert "/edit/main/" not in (site / "role" / "career.html").read_text("utf-8")
