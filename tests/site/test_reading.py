"""Reading without a server, without JavaScript, and finding things."""

import hashlib
import time
from pathlib import Path

import pytest

from .conftest import cut_network, wait_for_drawings

KNOWN_TERM = "rollback"
FOUND = ".md-search-result__item a"


def search(page, term: str) -> float:
    """Types a term into the search of an open page; the seconds until a result is shown."""
    started = time.perf_counter()
    page.keyboard.press("/")
    page.keyboard.type(term)
    page.wait_for_selector(FOUND, timeout=10_000)
    return time.perf_counter() - started


@pytest.mark.parametrize("where", ["from disk", "from a server"])
def test_search_finds_a_known_term_from_a_cold_start(browser, site, address, where):
    """How long it took is printed: a busy machine is not the site's fault."""
    start = site.as_uri() if where == "from disk" else address
    context = browser.new_context()
    outside = cut_network(context, start)
    page = context.new_page()
    page.goto(f"{start}/index.html")
    took = search(page, KNOWN_TERM)
    assert KNOWN_TERM in " ".join(page.locator(FOUND).all_text_contents()).lower()
    assert outside == []
    context.close()
    print(f"\nThe search {where} showed its first result after {took:.2f} s.")


def test_a_diagram_is_drawn_from_disk_and_again_in_the_dark(browser, site):
    context = browser.new_context(color_scheme="light")
    outside = cut_network(context, site.as_uri())
    page = context.new_page()
    page.goto(f"{site.as_uri()}/role/career.html")
    wait_for_drawings(page)
    page.get_by_title("Switch to dark mode").click()
    page.wait_for_selector("div.diagram[data-scheme=dark] svg")
    assert "Staff ML engineer" in page.locator("div.diagram").first.inner_text()
    assert outside == []
    context.close()


def test_formulas_are_set_from_disk_and_read_aloud(browser, site):
    context = browser.new_context()
    outside = cut_network(context, site.as_uri())
    page = context.new_page()
    page.goto(f"{site.as_uri()}/do/run-a-load-test.html")
    wait_for_drawings(page)
    assert page.locator(".katex-display").is_visible()
    assert page.locator(".katex math").count() >= 4  # MathML, for those who listen
    assert page.locator(".katex-error").count() == 0
    assert outside == []
    context.close()


def test_every_page_reads_without_javascript(browser, site, pages):
    context = browser.new_context(java_script_enabled=False)
    cut_network(context, site.as_uri())
    page = context.new_page()
    for name in set(pages) - {"404.html"}:
        page.goto(f"{site.as_uri()}/{name}", wait_until="domcontentloaded")
        article = page.locator("article")
        assert article.is_visible() and len(article.text_content()) > 150, name
    page.goto(f"{site.as_uri()}/role/career.html")
    assert "Senior ML engineer" in page.locator("pre.diagram").first.inner_text()
    context.close()


def test_what_was_made_by_others_is_what_they_published(root: Path):
    vendor = root / "docs" / "assets" / "vendor"
    listed = (vendor / "SOURCES.txt").read_text("utf-8").partition("SHA-256\n")[2].splitlines()
    assert len(listed) == 4
    for line in listed:
        expected, name = line.split()
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == expected, name
        assert (vendor / name).with_name("LICENSE").is_file()
