"""What is unsafe in a workflow, told by zizmor: triggers, permissions, unpinned actions, injection."""

from __future__ import annotations

import functools
import json
from typing import Any

from workbench.boundary.outcomes import mismatch
from workbench.boundary.project import Project
from workbench.instruments.linters.run import Finding, lint

# every rule but those that ask GitHub; a check chooses the ones that its contract asks for
COMMAND = (
    "zizmor --offline --no-config --no-ignores --persona=pedantic --format=json --no-exit-codes "
    "--no-progress --quiet"
)

# by rule: what is expected in the place of what was found, and where to look
EXPECTED = {
    "dangerous-triggers": (
        "pull_request",
        "whose code runs there with your secrets: that of whoever opened the pull request",
    ),
    "excessive-permissions": (
        "`contents: read`",
        "what the token may do that every step, and every action, can use",
    ),
    "template-injection": (
        'it is given by `env:` and used as "$NAME"',
        "what the shell sees: text that becomes part of the command, and of its error messages",
    ),
    "unpinned-uses": (
        "the 40 hexadecimal digits of a commit after the @, and the version in a comment",
        "who can move a tag, and what would then run with your permissions",
    ),
}


def require_safe(project: Project, path: str, rule: str, about: str = "") -> None:
    """zizmor finds nothing of this rule, one of EXPECTED, that is grave or in a part that holds `about`."""
    expected, look = EXPECTED[rule]
    for finding in unsafe_parts(project, path):
        if finding.rule == rule and (finding.is_grave or about in finding.part):
            raise mismatch(f"The check read {path}", got=str(finding), expected=expected, look=look)


@functools.cache
def unsafe_parts(project: Project, path: str) -> tuple[Finding, ...]:
    """All findings of zizmor in a workflow, in the order of their lines.

    Raises Mismatch for a file that zizmor cannot read as a workflow.
    """
    ended = lint(project, path, COMMAND)
    start, end = ended.output.find("["), ended.output.rfind("]")
    try:
        found = json.loads(ended.output[start : end + 1]) if ended.status == 0 else None
    except ValueError:
        found = None
    if found is None:
        raise mismatch(
            f"The check ran `zizmor` on {path}",
            got=f"It could not read the file: {ended.output.strip().splitlines()[:1]}",
            expected="a workflow that GitHub accepts",
            look="the first check that did not pass",
        )
    return tuple(sorted(map(_finding_from, found), key=lambda finding: finding.line))


def _finding_from(told: dict[str, Any]) -> Finding:
    kinds = {place["symbolic"]["kind"]: place for place in told["locations"]}
    place = kinds.get("Primary") or told["locations"][0]
    symbolic, concrete = place["symbolic"], place["concrete"]
    kind = symbolic["feature_kind"]
    inner = kind.get("Subfeature", {}).get("fragment", {}) if isinstance(kind, dict) else {}
    return Finding(
        "zizmor",
        told["ident"],
        concrete["location"]["start_point"]["row"] + 1,
        f"{told['desc']}: {symbolic['annotation']}",
        str(inner.get("Raw") or concrete["feature"]).strip(),
        told["determinations"]["severity"] == "High",
    )
