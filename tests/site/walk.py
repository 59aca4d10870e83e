"""One walk over every page with the network cut: what each page did, for the tests to judge."""

from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe

from .conftest import cut_network, wait_for_drawings

SCHEMES = {"light": "default", "dark": "slate"}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
AXE = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": COLOURS},  # nothing else can differ
}
PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPEN_ALL = "() => document.querySelectorAll('details').forEach((d) => { d.open = true })"
# a page of code holds a thousand tokens of two dozen kinds; what is true of three of a kind is true of all
FEW_TOKENS = """() => {
  const seen = {};
  for (const token of document.querySelectorAll('.highlight span[class]')) {
    seen[token.className] = (seen[token.className] || 0) + 1;
    if (seen[token.className] > 3) token.replaceWith(...token.childNodes);
  }
}"""
NO_ALT = (
    "() => [...document.querySelectorAll('img')].filter((i) => !i.alt.trim()).map((i) => i.src)"
)


@dataclass
class Visit:
    """What happened on one page."""

    page: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    without_alt: list[str] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)  # address, kind
    pixels_too_wide: int = 0


def walk_pages(browser, address: str, pages: list[str]) -> list[Visit]:
    """Opens each page from cold, in light and in dark, at a desk's width and a phone's."""
    visits = []
    for name in pages:
        context = browser.new_context(viewport=DESK, reduced_motion="reduce")
        visits.append(_visit(context, address, name))
        context.close()
    return visits


def _visit(context, address: str, name: str) -> Visit:
    visit = Visit(name, outside=cut_network(context, address))
    page = context.new_page()
    page.on("console", lambda m: m.type == "error" and visit.errors.append(m.text))
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.on("request", lambda r: visit.requests.append((r.url, r.resource_type)))
    page.goto(f"{address}/{name}", wait_until="load")
    wait_for_drawings(page)
    page.wait_for_timeout(50)  # what the theme does once a page is loaded
    page.evaluate(OPEN_ALL)  # what is folded away is judged too
    visit.without_alt = page.evaluate(NO_ALT)
    page.set_viewport_size(PHONE)
    visit.pixels_too_wide = page.evaluate(TOO_WIDE)
    page.set_viewport_size(DESK)
    page.evaluate(FEW_TOKENS)
    for scheme, value in SCHEMES.items():
        page.evaluate("(value) => { document.body.dataset.mdColorScheme = value }", value)
        visit.violations += [f"{scheme}: {found}" for found in _violations(page, scheme)]
    return visit


def _violations(page, scheme: str) -> list[str]:
    found = Axe().run(page, options=AXE[scheme]).response["violations"]
    return [
        f"{each['id']} ({each['impact']}) at {node['target']}: {node['failureSummary']}"
        for each in found
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"][:3]
    ]
