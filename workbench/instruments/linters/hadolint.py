"""What Docker's own practice says of a Dockerfile, told by hadolint."""

from __future__ import annotations

import functools
import json
from collections.abc import Container

from workbench.boundary.outcomes import mismatch
from workbench.boundary.project import Project
from workbench.instruments.linters.run import Finding, lint, linter

# by rule: what is expected in the place of what was found, and where to look
EXPECTED = {
    "DL1000": ("instructions that the engine knows", "the line, and the one before it"),
    "DL3002": ("USER with another name or number", "what an intruder could do as root"),
    "DL3025": (
        'the exec form, a JSON list: CMD ["...", "..."]',
        "who becomes process 1: a shell gets the signal of `docker stop`, the service may not",
    ),
}
COMMAND = "hadolint --config settings.yaml --disable-ignore-pragma --no-fail --format json"


def require_practice(
    project: Project, path: str, rule: str, lines: Container[int] | None = None
) -> None:
    """hadolint finds nothing of this rule, one of EXPECTED, in these lines."""
    expected, look = EXPECTED[rule]
    for finding in against_practice(project, path):
        if finding.rule == rule and (lines is None or finding.line in lines):
            raise mismatch(f"The check read {path}", got=str(finding), expected=expected, look=look)


@functools.cache
def against_practice(project: Project, path: str) -> tuple[Finding, ...]:
    """The findings of hadolint in a Dockerfile, in the order of their lines.

    Empty where hadolint does not run: there is no build of it for Windows. What it says of user and
    command is seen there by the checks that start a container.
    """
    if linter("hadolint") is None:
        return ()
    ended = lint(project, path, COMMAND)
    try:
        found = json.loads(ended.output)
    except ValueError:  # more findings than a linter's output may hold
        return (Finding("hadolint", "all", 1, "there are more findings than can be told"),)
    told = (Finding("hadolint", f["code"], f["line"], f["message"]) for f in found)
    return tuple(sorted(told, key=lambda finding: finding.line))
