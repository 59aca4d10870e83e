"""`python3 -m workbench test --quick`: the tests that a change touches, as many as fit into a minute.

A change is what differs from the last commit, or that commit itself when nothing does. A rule of a line or
two says for each folder which tests look at it. Groups of tests, and how long each takes, are those of
`durations.toml`; what does not fit is named, with its seconds.
"""

import ast
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
VERDICTS = "test_reference_starter_mistakes_and_other_answers_get_their_verdicts"
CONTRACT = f"tests/test_author_contract.py::{VERDICTS}"
ALWAYS = ("tests/test_import_rules.py", "tests/test_rooms.py")
BUDGET_SECONDS = 60  # of tests, on two processes: half a minute, and as much to collect them
A_CHECK = ("tests/workbench/test_checking.py", f"{CONTRACT}[risk-level]")
BY_FOLDER = {
    "workbench/sandbox": A_CHECK,
    "workbench/boundary": A_CHECK,
    "workbench/course": (*A_CHECK, "tests/workbench/test_derive.py"),
    "workbench/instruments": A_CHECK,
    "workbench/judging": A_CHECK,
    "workbench/setup": ("tests/setup",),
    "workbench/grading": ("tests/grading",),
    "workbench/authoring/lookup": ("tests/site/test_look_up.py",),
    "workbench/authoring/scaffolds": ("tests/workbench/test_authoring.py",),
    "workbench/cli": ("tests/workbench/test_cli.py",),
    "bookstore_model": ("tests/bookstore_model", "tests/pipeline"),
    "load_tests": ("tests/load_lab",),
    "solutions/churn_service": ("tests/reference_service",),
    "solutions/pipeline": ("tests/pipeline",),
    "solutions/deploy": ("tests/deploy", "tests/reference_service/test_dashboard.py"),
    "docs": ("tests/site",),
    "mkdocs.yml": ("tests/site",),
    "README.md": ("tests/site",),
    "notebooks": ("tests/test_lessons.py",),
    "pyproject.toml": ("tests/setup",),
    "requirements.txt": ("tests/setup",),
}


def durations() -> dict[str, float]:
    """Seconds by group of tests, for the groups that take longest."""
    return tomllib.loads((ROOT / "tests" / "durations.toml").read_text(encoding="utf-8"))


def changed_files() -> list[str]:
    """The paths of the change, from the repository's folder."""
    changed = {*_git("diff", "--name-only", "HEAD"), *_git("ls-files", "-o", "--exclude-standard")}
    return sorted(changed or _git("show", "--name-only", "--format=", "HEAD"))


def _git(*arguments: str) -> list[str]:
    answer = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return answer.stdout.splitlines()


def touched_by(path: str) -> Iterator[str]:
    """The tests that look at a file: beginnings of their ids."""
    if path.startswith("tests/") and PurePosixPath(path).name.startswith("test_"):
        yield path
    for exercise in _exercises():
        stored = [f"tests/{kind}/{exercise['id']}/" for kind in ("mistakes", "answers")]
        check = f"tests/checks/test_{exercise['id'].replace('-', '_')}.py"
        files = [f"{tree}/{f}" for tree in ("solutions", "exercises") for f in exercise["files"]]
        if path in (check, *files) or path.startswith(tuple(stored)):
            yield f"{CONTRACT}[{exercise['id']}]"
    for folder, tests in BY_FOLDER.items():
        if path == folder or path.startswith(f"{folder}/"):
            yield from tests
    if path.startswith("notebooks/") and path.endswith((".py", ".ipynb")):
        yield f"notebooks/{PurePosixPath(path).stem}.ipynb"
    if path.endswith(".py"):
        yield from _tests_that_import(
            path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        )


def _exercises() -> list[dict]:
    catalogue = (ROOT / "exercises" / "catalog.toml").read_text(encoding="utf-8")
    return tomllib.loads(catalogue)["exercise"]


def _tests_that_import(module: str) -> Iterator[str]:
    name = module.rpartition(".")[2]
    for file in (ROOT / "tests").rglob("*.py"):
        if {"checks", "mistakes", "answers", "corpus"} & set(file.parts):
            continue
        text = file.read_text(encoding="utf-8")
        if name in text and module in _imports_of(text):
            # what a conftest or a helper imports, all tests of its folder use
            path = file.relative_to(ROOT)
            yield (path if file.name.startswith("test_") else path.parent).as_posix()


def _imports_of(text: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def chosen(groups: Iterable[str], changed: Iterable[str]) -> tuple[set[str], dict[str, float]]:
    """Of the groups of tests those to run, and those that are touched and do not fit, with their seconds.

    The quickest come first: so as much as possible of what is touched is run.
    """
    touched = {begin for path in changed for begin in touched_by(path)} | set(ALWAYS)
    seconds = durations()
    asked = [group for group in groups if any(_is_in(group, begin) for begin in touched)]
    run, left, total = set(), {}, 0.0
    for group in sorted(set(asked), key=lambda group: seconds.get(group, 0.0)):
        total += seconds.get(group, 0.0)
        if total <= BUDGET_SECONDS:
            run.add(group)
        else:
            left[group] = seconds[group]
    return run, left


def _is_in(group: str, begin: str) -> bool:
    return group == begin or group.startswith((f"{begin}/", f"{begin}::"))
