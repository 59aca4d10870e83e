"""The site builds strictly, and every lesson is on it."""

import re

from workbench.authoring.site import as_page, lesson_list
from workbench.course.catalog import load_catalog

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
    reading = sum(lesson.minutes for lesson in CATALOG.lessons)
    work = {lesson.id: 0 for lesson in CATALOG.lessons}
    for exercise in CATALOG.exercises:
        work[exercise.lesson] += exercise.minutes
    hours = round((reading + sum(work.values())) / 60)
    for said in (
        f"{len(CATALOG.lessons)} lessons",
        f"{len(CATALOG.exercises)} exercises",
        f"{hours} hours",
    ):
        assert f"**{said}**" in home
    assert "](start/install.md){ .md-button .md-button--primary }" in home
    least, *_, most = sorted(work.values())
    assert f"its exercises {least} to {most}" in home
    shortest, *_, longest = sorted(lesson.minutes for lesson in CATALOG.lessons)
    assert f"{shortest} to {longest} minutes" in home
    for lesson in CATALOG.lessons:
        page = re.escape(lesson.notebook.replace(".ipynb", ".md"))
        minutes = rf"{lesson.minutes} \+ {work[lesson.id]}"
        assert re.search(rf"^\| \[.*\]\(learn/{page}\) \| .* \| {minutes} \|$", home, re.M), page


def test_a_lesson_says_how_long_it_takes_as_the_catalogue_does(root):
    for lesson in CATALOG.lessons:
        source = root / "notebooks" / "src" / lesson.notebook.replace(".ipynb", ".py")
        work = sum(e.minutes for e in CATALOG.exercises if e.lesson == lesson.id)
        said = f"**About {lesson.minutes} minutes, and {work} for its "
        assert said in source.read_text("utf-8"), source.name
