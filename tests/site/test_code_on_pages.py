"""What pages show of the code is the code: included where it can be, and well formed where it is not."""

import json
import re
import tomllib

import markdown
import pytest
import yaml
from pymdownx.snippets import SnippetMissingError

from tests.conftest import ROOT

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w-]+)[^\n]*\n(?P<body>.*?)^ *```$", re.M | re.S
)
INCLUDE = re.compile(r'--8<-- "([^"]+)"')
GENERATED = ".workbench/pages/"
PLACE = re.compile(r"<[a-z ]+>|\.\.\.")


def written() -> list:
    """The pages that somebody wrote."""
    return sorted(p for p in (ROOT / "docs").rglob("*.md") if "learn" not in p.parts)


def parse(language: str, body: str) -> None:
    """Raises what the language's own parser raises."""
    if language in ("python", "py"):
        compile(body, "page", "exec")
    elif language == "json":
        json.loads(body)
    elif language in ("yaml", "yml"):
        list(yaml.safe_load_all(body))
    elif language == "toml":
        tomllib.loads(body)


def fences(text: str) -> list[tuple[str, str]]:
    """The language and the text of each fence that is no include."""
    found = []
    for fence in FENCE.finditer(text):
        lines = [line[len(fence["indent"]) :] for line in fence["body"].splitlines()]
        body = "\n".join(lines) + "\n"
        if not INCLUDE.search(body) and not PLACE.search(body):
            found.append((fence["language"], body))
    return found


@pytest.mark.parametrize("page", written(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_code_on_the_page_is_well_formed(page):
    for language, body in fences(page.read_text("utf-8")):
        try:
            parse(language, body)
        except Exception as error:
            pytest.fail(f"this {language} on the page does not parse: {error}\n{body}")


def test_every_include_is_of_a_file_that_is_tested_or_generated():
    tested = (
        "solutions/",
        "bookstore_model/",
        "workbench/",
        "load_tests/",
        "benchmarks/",
        "tests/",
    )
    for page in written():
        for path in INCLUDE.findall(page.read_text("utf-8")):
            known = path.startswith((GENERATED, "docs/", "exercises/", *tested))
            assert known, f"{page.name} includes {path}"
            assert path.startswith(GENERATED) or (ROOT / path.partition(":")[0]).is_file(), path


def test_a_snippet_that_is_missing_fails_the_build():
    options = {"pymdownx.snippets": {"base_path": [str(ROOT)], "check_paths": True}}
    configured = yaml.compose((ROOT / "mkdocs.yml").read_text("utf-8"))
    assert "check_paths: true" in (ROOT / "mkdocs.yml").read_text("utf-8")
    assert configured is not None
    with pytest.raises(SnippetMissingError):
        markdown.markdown(
            '--8<-- "solutions/nowhere.py"\n',
            extensions=["pymdownx.snippets"],
            extension_configs=options,
        )


def test_code_that_does_not_parse_would_be_noticed():
    [(language, body)] = fences("```python\ndef f(:\n```\n")
    with pytest.raises(SyntaxError):
        parse(language, body)
