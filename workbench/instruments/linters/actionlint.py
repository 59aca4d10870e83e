"""What GitHub would refuse in a workflow, told by actionlint: keys, values, events, runners, expressions."""

from __future__ import annotations

import functools
import re

from workbench.boundary.outcomes import mismatch
from workbench.boundary.project import Project
from workbench.instruments.linters.run import Finding, lint

COMMAND = "actionlint -no-color -oneline -shellcheck= -pyflakes= -config-file settings.yaml"
LINE = re.compile(r"[^\s:]+:(?P<line>\d+):\d+: (?P<told>.*) \[(?P<rule>[a-z-]+)\]$")
# Rules that say what GitHub does not accept. Others depend on the day (the releases of an action) or on
# tools that happen to be on a machine (shellcheck).
REFUSED_BY_GITHUB = """
syntax-check expression events glob id matrix env-var if-cond job-needs permissions runner-label shell-name
"""
OF_ANOTHER_MIND = "potentially untrusted"  # no mistake of syntax, and zizmor's to tell


def require_accepted(project: Project, path: str) -> None:
    """GitHub takes the workflow as it is."""
    for finding in refused_by_github(project, path):
        raise mismatch(
            f"The check read {path}",
            got=str(finding),
            expected="what GitHub's workflow syntax has",
            look="its spelling: GitHub refuses the whole file for one key that it does not know",
        )


@functools.cache
def refused_by_github(project: Project, path: str) -> tuple[Finding, ...]:
    """The findings for which GitHub would not run the workflow, or not as it was meant.

    A key that is unknown comes first: it may be why another is missing.
    """
    ended = lint(project, path, COMMAND)
    lines = filter(None, map(LINE.match, ended.output.splitlines()))
    found = [
        Finding("actionlint", told["rule"], int(told["line"]), told["told"])
        for told in lines
        if told["rule"] in REFUSED_BY_GITHUB.split() and OF_ANOTHER_MIND not in told[0]
    ]
    return tuple(sorted(found, key=lambda finding: "unexpected key" not in finding.told))
