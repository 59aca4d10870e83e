"""The linters: what each finds, that nobody can switch a rule off, and what happens without one."""

import pytest

from workbench.boundary.outcomes import EnvironmentProblem, LearnerError, Mismatch
from workbench.instruments.linters import run
from workbench.instruments.linters.actionlint import refused_by_github, require_accepted
from workbench.instruments.linters.hadolint import against_practice, require_practice
from workbench.instruments.linters.schemas import breaches_of, require_schema
from workbench.instruments.linters.zizmor import require_safe, unsafe_parts

from ..conftest import ROOT

WORKFLOW = ".github/workflows/deploy.yml"
RIGHT = """
on: {push: {branches: [main]}}
permissions: {}
jobs:
  a:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683
        with: {persist-credentials: false}
      - run: echo "$NAME"
        env: {NAME: "${{ github.head_ref }}"}
"""
WORKFLOWS = sorted(
    [*(ROOT / ".github/workflows").glob("*.yml"), ROOT / "solutions" / WORKFLOW],
    key=str,
)
needs_hadolint = pytest.mark.skipif(
    run.linter("hadolint") is None, reason="hadolint is not built for this system"
)


def workflow_of(project_of, old: str = "", new: str = ""):
    assert old in RIGHT
    return project_of({WORKFLOW: RIGHT.replace(old, new) if old else RIGHT})


def test_a_right_workflow_is_left_alone(project_of):
    project = workflow_of(project_of)
    assert refused_by_github(project, WORKFLOW) == ()
    for rule in ("dangerous-triggers", "unpinned-uses", "excessive-permissions"):
        require_safe(project, WORKFLOW, rule)


@pytest.mark.parametrize(
    ("old", "new", "rule", "told"),
    [
        ("runs-on", "run-on", "syntax-check", 'unexpected key "run-on"'),
        ("ubuntu-24.04", "ubuntu-24.4", "runner-label", "is unknown"),
        ("run: echo", "shell: bahs\n        run: echo", "shell-name", "bahs"),
        ("runs-on", "if: github.ref = 1\n    runs-on", "expression", "unexpected character"),
        ("runs-on", "needs: b\n    runs-on", "job-needs", "does not exist"),
        ("{push:", "{pushed:", "events", "pushed"),
        ("permissions: {}", "permissions: {contents: reads}", "permissions", "reads"),
    ],
)
def test_github_refuses(project_of, old, new, rule, told):
    project = workflow_of(project_of, old, new)
    assert rule in {finding.rule for finding in refused_by_github(project, WORKFLOW)}
    with pytest.raises(Mismatch) as raised:
        require_accepted(project, WORKFLOW)
    assert told in raised.value.message and "actionlint" in raised.value.message


@pytest.mark.parametrize(
    ("old", "new", "rule", "told"),
    [
        ("{push:", "{pull_request_target: , push:", "dangerous-triggers", "pull_request_target"),
        (
            "@11bd71901bbe5b1630ceea73d27597364c9af683",
            "@v4",
            "unpinned-uses",
            "actions/checkout@v4",
        ),
        ("permissions: {}", "permissions: write-all", "excessive-permissions", "write-all"),
        ("permissions: {}\n", "", "excessive-permissions", "default permissions"),
        ('"$NAME"', "${{ secrets.KEY }}", "template-injection", "secrets.KEY"),
        ('"$NAME"', "${{ toJSON(secrets) }}", "template-injection", "toJSON(secrets)"),
        ('"$NAME"', "${{ github.head_ref }}", "template-injection", "github.head_ref"),
    ],
)
@pytest.mark.parametrize("comment", ["", "# zizmor: ignore[{rule}]"])
def test_what_is_unsafe_is_told_whatever_a_comment_says(project_of, old, new, rule, told, comment):
    text = RIGHT.replace(old, new)
    said = comment.format(rule=rule)
    lines = [f"{line} {said}".rstrip() for line in text.splitlines()]
    project = project_of({WORKFLOW: "\n".join(lines)})
    with pytest.raises(Mismatch) as raised:
        require_safe(project, WORKFLOW, rule, about="secrets" if "secrets" in new else "")
    assert told in raised.value.message and f"zizmor, rule {rule}" in raised.value.message


def test_a_settings_file_of_the_project_does_not_count(project_of):
    project = project_of(
        {
            WORKFLOW: RIGHT.replace("{push:", "{pull_request_target: , push:"),
            "zizmor.yml": "rules: {dangerous-triggers: {disable: true}}\n",
            ".github/zizmor.yml": "rules: {dangerous-triggers: {disable: true}}\n",
            ".github/actionlint.yaml": "paths: {'**': {ignore: ['.*']}}\n",
            ".hadolint.yaml": "ignored: [DL3025]\n",
            "Dockerfile": "FROM python:3.11\nCMD python\n",
        }
    )
    assert "dangerous-triggers" in {f.rule for f in unsafe_parts(project, WORKFLOW)}
    if run.linter("hadolint"):
        assert "DL3025" in {f.rule for f in against_practice(project, "Dockerfile")}


def test_what_zizmor_cannot_read_is_said(project_of):
    with pytest.raises(Mismatch, match="could not read the file"):
        unsafe_parts(project_of({WORKFLOW: "jobs: {a: {steps: 3}}\n"}), WORKFLOW)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: str(file.relative_to(ROOT)))
def test_our_own_workflows_are_clean(project_of, file):
    project = project_of({WORKFLOW: file.read_text(encoding="utf-8")})
    assert not refused_by_github(project, WORKFLOW)
    # a matrix of ours is no stranger's text, and a job's id is name enough
    ours = {"anonymous-definition", "template-injection"}
    found = [f for f in unsafe_parts(project, WORKFLOW) if f.is_grave or f.rule not in ours]
    assert not found, "\n".join(map(str, found))


@needs_hadolint
def test_our_own_dockerfile_is_clean(project_of):
    text = (ROOT / "solutions/Dockerfile").read_text(encoding="utf-8")
    assert against_practice(project_of({"Dockerfile": text}), "Dockerfile") == ()


@needs_hadolint
@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("FROM python:3.11\n# hadolint ignore=DL3025\nCMD python -m it\n", "DL3025", 3),
        ("FROM python:3.11\nUSER 0:0\n", "DL3002", 2),
        ("FROM python:3.11\nRUNS x\n", "DL1000", 2),
    ],
)
def test_what_is_against_practice_is_told_whatever_a_comment_says(project_of, text, rule, line):
    project = project_of({"Dockerfile": text})
    with pytest.raises(Mismatch, match=f"Line {line}.*hadolint, rule {rule}"):
        require_practice(project, "Dockerfile", rule)


@needs_hadolint
def test_practice_is_asked_of_some_lines_only(project_of):
    text = 'FROM python:3.11\nHEALTHCHECK CMD python -c 1\nCMD ["python"]\n'
    require_practice(project_of({"Dockerfile": text}), "Dockerfile", "DL3025", [3])


def test_without_hadolint_its_clause_is_left_to_the_engine(project_of, monkeypatch):
    monkeypatch.setattr("workbench.instruments.linters.hadolint.linter", lambda name: None)
    assert against_practice(project_of({"Dockerfile": "FROM a\nCMD b\n"}), "Dockerfile") == ()


def test_a_linter_that_is_missing_is_nobodys_fault(project_of, monkeypatch):
    monkeypatch.setattr("workbench.instruments.linters.run.linter", lambda name: None)
    with pytest.raises(EnvironmentProblem, match="zizmor, which is not installed"):
        unsafe_parts(workflow_of(project_of), WORKFLOW)


def test_a_linter_that_does_not_end_is_nobodys_fault(project_of, monkeypatch):
    monkeypatch.setattr("workbench.instruments.linters.run.LINT_SECONDS", 0.001)
    with pytest.raises(EnvironmentProblem, match="had not ended"):
        unsafe_parts(workflow_of(project_of), WORKFLOW)


def test_a_schema_names_the_key_and_its_place(project_of):
    compose = "services: {churn: {image: a, memory_limit: 5m, restart: always}}\n"
    project = project_of({"compose.yaml": compose})
    (told,) = breaches_of(project, "compose.yaml", "vendor.compose-spec")
    assert told.startswith("services.churn: ") and "'memory_limit' was unexpected" in told
    with pytest.raises(Mismatch, match="memory_limit"):
        require_schema(project, "compose.yaml", "vendor.compose-spec")
    right = project_of({"compose.yaml": compose.replace("memory_limit", "mem_limit")})
    require_schema(right, "compose.yaml", "vendor.compose-spec")


def test_a_long_file_is_still_judged(project_of):
    steps = "".join(f"      - run: echo ${{{{ secrets.K{n} }}}}\n" for n in range(400))
    project = project_of({WORKFLOW: RIGHT + steps})
    with pytest.raises((Mismatch, LearnerError)):
        require_safe(project, WORKFLOW, "template-injection", about="secrets")
