"""Every page, opened in Chromium with the network cut: nothing fetched, nothing broken, for everyone."""

import pytest

from .conftest import VENDOR, compressed_size
from .walk import Visit, walk_pages

COLD_PAGE_BYTES = 150_000


@pytest.fixture(scope="module")
def visits(browser, address, pages) -> list[Visit]:
    return walk_pages(browser, address, pages)


def test_no_page_asks_for_anything_outside_the_site(visits):
    assert {v.page: v.outside for v in visits if v.outside} == {}


def test_no_page_writes_an_error_to_the_console(visits):
    assert {v.page: v.errors for v in visits if v.errors} == {}


def test_axe_finds_nothing_serious_in_light_or_dark(visits):
    found = [f"{v.page}: {each}" for v in visits for each in v.violations]
    assert not found, "\n".join(found)


def test_every_image_has_a_text_in_its_place(visits):
    assert {v.page: v.without_alt for v in visits if v.without_alt} == {}


def test_no_page_scrolls_sideways_on_a_narrow_phone(visits):
    assert {v.page: v.pixels_too_wide for v in visits if v.pixels_too_wide > 0} == {}


def test_a_cold_page_is_light(visits, site, address):
    """Without images, and without the libraries that draw a diagram once the page is there."""
    sizes = {}
    for visit in visits:
        paths = {url.removeprefix(address + "/").partition("?")[0] for url, _ in visit.requests}
        images = {
            url.removeprefix(address + "/") for url, kind in visit.requests if kind == "image"
        }
        drawing = {
            path for path in paths if f"/{path}".startswith((f"{VENDOR}mermaid", f"{VENDOR}katex"))
        }
        kept = [site / path for path in paths - images - drawing]
        sizes[visit.page] = sum(compressed_size(path) for path in kept if path.is_file())
    heaviest = max(sizes, key=sizes.get)
    print(f"\nThe heaviest cold page is {heaviest}: {sizes[heaviest] / 1000:.0f} KB compressed.")
    assert sizes[heaviest] < COLD_PAGE_BYTES, sizes


def test_only_pages_with_diagrams_or_formulas_load_what_draws_them(visits, site):
    for visit in visits:
        text = (site / visit.page).read_text("utf-8")
        loads = any(f"{VENDOR}mermaid" in url for url, _ in visit.requests)
        assert loads == ('<pre class="diagram">' in text), visit.page
        loads = any(f"{VENDOR}katex" in url for url, _ in visit.requests)
        assert loads == ('class="arithmatex"' in text), visit.page
