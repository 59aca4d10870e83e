"""Every link of every built page leads somewhere: page, anchor, picture; outside ones by their form."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

LINKING = {"a": "href", "link": "href", "img": "src", "script": "src", "iframe": "src"}
HERE = ("localhost", "127.0.0.1")  # a program of the course that the reader has started


class Links(HTMLParser):
    """The links and the anchors of one page."""

    def __init__(self, text: str):
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        self.anchors |= {told[name] for name in ("id", "name") if told.get(name)}
        address = told.get(LINKING.get(tag, ""))
        if address:
            self.links.add(address)


@pytest.fixture(scope="module")
def read(site: Path, pages: list[str]) -> dict[Path, Links]:
    """Every page of the site, with what it links to and what can be linked to in it."""
    return {site / page: Links((site / page).read_text("utf-8")) for page in pages}


def fault_of(link: str, page: Path, read: dict[Path, Links]) -> str:
    """What is wrong with a link of a page, or an empty string."""
    parts = urlsplit(link)
    if parts.scheme in ("http", "https"):
        return fault_of_outside(link)
    if parts.scheme in ("data", "mailto"):
        return ""
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.is_dir():
        target = target / "index.html"
    if parts.scheme or not target.is_file():
        return "there is no such file"
    if parts.fragment and target in read and not parts.fragment.startswith("__"):
        return "" if unquote(parts.fragment) in read[target].anchors else "there is no such anchor"
    return ""


def fault_of_outside(link: str) -> str:
    """What is wrong with the form of an address outside, or an empty string."""
    parts = urlsplit(link)
    if parts.hostname in HERE:
        return ""
    if parts.scheme != "https":
        return "it is not https"
    if not re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", parts.hostname or ""):
        return "it names no host"
    if re.search(r"\s|[<>\"`{}]", link):
        return "it has signs that no address has"
    return "it tracks the reader" if re.search(r"[?&](utm_|ref=|fbclid)", link) else ""


def test_every_link_leads_somewhere(read):
    faults = [
        f"{page.name}: {link}: {fault}"
        for page, links in read.items()
        for link in links.links
        if page.name != "404.html" and (fault := fault_of(link, page, read))
    ]
    assert not faults, "\n".join(sorted(faults))


def test_there_are_links_of_every_kind(read):
    links = {link for found in read.values() for link in found.links}
    assert any(link.startswith("https://") for link in links)
    assert any("#" in link and not link.startswith("#") for link in links)
    assert any(link.endswith(".png") for link in links)


@pytest.mark.parametrize(
    "wrong",
    ["look-up/nowhere.html", "index.html#nowhere", "http://example.org/", "https://x y.org/"],
)
def test_a_link_that_leads_nowhere_would_be_noticed(site, read, wrong):
    assert fault_of(wrong, site / "index.html", read)
