"""The pages of a graded class as a browser shows them: readable in light and dark, and on a phone."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from workbench.grading.class_facts import class_facts
from workbench.grading.reports import write_reports

from .classroom import COURSE
from .test_reports import EXERCISES, NAMES, record, unreadable

SERIOUS = ("serious", "critical")
PHONE = {"width": 360, "height": 740}


def test_the_pages_are_accessible_fit_a_phone_and_ask_for_nothing(tmp_path, chromium):
    records = [record(name[:60], note="handed in twice") for name in NAMES[-4:]]
    records += [record("passed", "passed", ""), record("none", "not_started", "Still the starter.")]
    records += [record("no engine", "environment", "No Docker here."), unreadable("broken")]
    write_reports(COURSE, EXERCISES, records, tmp_path)
    assert class_facts(COURSE, EXERCISES, records)["submissions"] == len(records)
    pages = [tmp_path / "class.html", *(tmp_path / "feedback").glob("*.html")]
    asked, wrong = [], []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            context = browser.new_context(
                color_scheme=scheme, viewport=PHONE, offline=True, bypass_csp=True
            )
            context.on("request", lambda request: asked.append(request.url))
            page = context.new_page()
            for file in pages:
                page.goto(file.as_uri())
                found = Axe().run(page).response["violations"]
                wrong += [(file.name, scheme, v["id"]) for v in found if v["impact"] in SERIOUS]
                width = page.evaluate("document.documentElement.scrollWidth")
                wrong += [(file.name, scheme, f"{width} px wide")] * (width > PHONE["width"])
        browser.close()
    assert wrong == []
    assert {url for url in asked if not url.startswith("file:")} == set()
