"""The look-up pages say what the program says: commands, settings, messages, terms."""

import ast
import html
import json
import re
import subprocess
import sys

import pytest
from typer.main import get_command

from workbench.authoring.lookup.messages import GROUPS, messages_of
from workbench.boundary.expect import Answer, Reply
from workbench.boundary.project import Project
from workbench.boundary.services import ScriptedService, Service
from workbench.cli import app
from workbench.judging.plugin import JudgePlugin

from ..conftest import ROOT

VARIABLE = re.compile(r"\b(?:CHURN|WORKBENCH)_[A-Z_]+\b")
# names that tests make up
MADE_UP = {"CHURN_X", "WORKBENCH_CANARY"}
READERS = ("*.py", "*.yml", "*.yaml", "Dockerfile", "run")
FOLDERS = ("workbench", "solutions", "bookstore_model", "load_tests", "tests", "benchmarks", ".ci")
TERM = re.compile(r"^(?P<term>[^\n:#].*)\n:   (?P<meaning>(?:.+\n?)+)", re.M)


def page(site, name: str) -> str:
    return (site / "look-up" / f"{name}.html").read_text("utf-8")


def names_of(command, path: str = "") -> list[str]:
    if hasattr(command, "commands"):
        return [
            n for name, c in command.commands.items() for n in names_of(c, f"{path} {name}".strip())
        ]
    return [path]


def test_the_commands_page_has_a_section_for_every_command(site):
    text = page(site, "commands")
    for name in [*names_of(get_command(app)), "start", "test", "doctor"]:
        assert f'id="{name.replace(" ", "-")}"' in text, name


def test_the_commands_page_has_every_option(site):
    text = page(site, "commands")

    def options(command):
        below = getattr(command, "commands", {})
        own = [o for p in command.params if p.param_type_name == "option" for o in p.opts]
        return own + [o for c in below.values() for o in options(c)]

    for option in [
        *options(get_command(app)),
        "--prepare",
        "--no-browser",
        "--arrivals",
        "--workers",
    ]:
        assert option in text, option


def names_that_checks_import() -> set[str]:
    """The functions and classes of the workbench that some check imports; constants explain themselves."""
    trees = [ast.parse(f.read_text("utf-8")) for f in (ROOT / "tests/checks").glob("test_*.py")]
    imports = [n for t in trees for n in ast.walk(t) if isinstance(n, ast.ImportFrom)]
    ours = [n for n in imports if (n.module or "").startswith("workbench.")]
    return {alias.name for n in ours for alias in n.names if not alias.name.isupper()}


def test_what_a_check_may_use_has_every_fixture_and_all_that_checks_import(site):
    text = html.unescape(page(site, "checks"))
    shown = set(re.findall(r"<code>([A-Za-z_]+)", text))
    shown |= set(re.findall(r"<code>workbench\.[a-z_.]+\.([a-z_]+)</code>", text))  # modules
    fixtures = [n for n, made in vars(JudgePlugin).items() if "FixtureFunction" in repr(type(made))]
    assert len(fixtures) >= 7
    assert set(fixtures) - shown == set()
    assert names_that_checks_import() - shown == set()
    for kind in (Answer, Reply, Service, ScriptedService, Project):
        members = [n for n, made in vars(kind).items() if not n.startswith("_") and made.__doc__]
        missing = [
            n for n in members if f"{kind.__name__}.{n}" not in text and callable(vars(kind)[n])
        ]
        assert not missing, kind


def test_every_variable_that_the_code_reads_is_on_the_page_and_the_other_way_round():
    told = set(VARIABLE.findall((ROOT / "docs/look-up/configuration.md").read_text("utf-8")))
    files = [f for folder in FOLDERS for kind in READERS for f in (ROOT / folder).rglob(kind)]
    read = {
        name
        for file in [*files, ROOT / "mkdocs.yml"]
        for name in VARIABLE.findall(file.read_text("utf-8"))
    }
    prefixes = {name for name in read if name.endswith("_")}
    assert told - read == set()
    assert read - told - prefixes - MADE_UP == set()


def test_the_defaults_on_the_page_are_those_of_the_service():
    script = (
        "import json; from churn_service.settings import settings_from_environment as s; "
        "print(json.dumps({k: v for k, v in vars(s({})).items() if type(v) in (int, float)}))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT / "solutions", capture_output=True, check=True
    )
    text = (ROOT / "docs/look-up/configuration.md").read_text("utf-8")
    for name, default in json.loads(answer.stdout).items():
        assert f"| `CHURN_{name.upper()}` | `{default:g}` |" in text.replace(
            "`1048576`", "`1.04858e+06`"
        )


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[0])
def test_every_group_of_messages_has_some(group):
    _, _, folders, kinds = group
    files = [f for folder in folders for f in (ROOT / folder).rglob("*.py")]
    assert any(list(messages_of(f.read_text("utf-8"), kinds)) for f in files)


def test_every_class_of_message_that_ends_a_program_is_in_the_catalogue():
    told = {kind for _, _, _, kinds in GROUPS for kind in kinds}
    for kind in (
        "SetupError",
        "UserError",
        "CatalogError",
        "SettingsError",
        "ModelRefused",
        "ImportRefusedError",
    ):
        assert kind in told


def test_a_message_is_read_with_names_for_what_is_filled_in():
    source = "raise CatalogError(f\"{len(rows)} rows of {file.name}: {', '.join(names)}; see it\")"
    assert list(messages_of(source, ("CatalogError",))) == [
        "{rows} rows of {name}: {names}; see it."
    ]


def test_every_term_of_the_glossary_is_used_where_it_leads():
    text = (ROOT / "docs/look-up/glossary.md").read_text("utf-8")
    terms = list(TERM.finditer(text))
    assert len(terms) >= 35
    for found in terms:
        lesson = re.search(r"\.\./learn/(\w+)\.md", found["meaning"])
        if lesson:
            source = (ROOT / "notebooks/src" / f"{lesson[1]}.py").read_text("utf-8").lower()
            words = [w for w in re.split(r"[ ,/()]+", found["term"].lower()) if len(w) > 2]
            assert any(word.rstrip("se")[:6] in source for word in words), found["term"]


def test_the_terms_of_a_section_are_in_order():
    text = (ROOT / "docs/look-up/glossary.md").read_text("utf-8")
    for section in text.split("\n## ")[1:]:
        terms = [found["term"].lower() for found in TERM.finditer(section)]
        assert terms == sorted(terms), terms
