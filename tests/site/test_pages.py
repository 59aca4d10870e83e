"""The site builds strictly, and every lesson is on it."""

from workbench.authoring.counts import derive_counts
from workbench.authoring.site import as_page, lesson_list
from workbench.course.catalog import load_catalog
from workbench.setup.layout import spelled

from .conftest import COURSE

CATALOG = load_catalog(COURSE.catalog_file)


def test_the_site_builds_strictly_with_a_page_per_lesson(site):
    for lesson in CATALOG.lessons:
        page = site / "learn" / lesson.notebook.replace(".ipynb", ".html")
        assert lesson.title.partition(":")[0] in page.read_text("utf-8")


def test_a_page_turns_links_and_names_plots():
    text = "# T\n\n[a](../exercises/x.py) [b](01_handover.ipynb)\n![png](p.png)\n"
    page = as_page(text, CATALOG.lessons[0], CATALOG)
    assert "`exercises/x.py`" in page
    assert "[b](01_handover.md)" in page
    assert "![Plot from the lesson" in page


def test_the_list_names_every_exercise():
    listed = lesson_list(CATALOG)
    assert all(f"`{exercise.id}`" in listed for exercise in CATALOG.exercises)


def test_the_home_page_tells_the_numbers_of_the_catalogue_and_leads_to_the_start_at_once(root):
    home = (root / "docs" / "index.md").read_text("utf-8")
    differ = [x for x in derive_counts(COURSE, CATALOG, write=False) if x.startswith("docs/")]
    assert not differ, f"`{spelled('dev derive')}` mends:\n" + "\n".join(differ)
    assert f"**{len(CATALOG.exercises)} exercises**" in home
    assert "](start/install.md){ .md-button .md-button--primary }" in home


def test_a_lesson_says_how_long_it_takes_as_the_catalogue_does(root):
    differ = [x for x in derive_counts(COURSE, CATALOG, write=False) if x.startswith("notebooks/")]
    assert not differ, f"`{spelled('dev derive')}` mends:\n" + "\n".join(differ)
