"""A job of a workflow as a check looks at it: what its steps called, and what became of a failure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workbench.boundary.outcomes import Mismatch, mismatch
from workbench.boundary.project import Project
from workbench.instruments.github.calls import INSTALLS_REQUIREMENTS, Words
from workbench.instruments.github.runner import Played, play
from workbench.instruments.github.workflows import Workflow

HIDES_A_STATUS = (
    "what hides a status: a pipe without `pipefail`, `|| true`, `continue-on-error`, a command "
    "after it in the same line, a loop that ends well"
)
NOTHING_THERE = (
    "a runner has Python and none of the project's libraries; `known.json` is made by "
    "deploy/record_known.py, which needs them"
)


@dataclass(frozen=True, eq=False)
class Job:
    """One job, played. `file` names the workflow in what a learner reads."""

    project: Project
    workflow: Workflow
    name: str
    file: str

    @property
    def did(self) -> str:
        return f"The check ran the steps of `{self.name}` in {self.file}"

    def played(self, failing: str = "") -> Played:
        """How it goes when the calls that hold `failing` fail."""
        return play(self.project, self.workflow, self.name, failing)

    def wrong(self, got: str, expected: str, look: str, and_: str = "") -> Mismatch:
        """The outcome for calls that are not what was asked; `and_` completes what was done."""
        return mismatch(self.did + and_, got=got, expected=expected, look=look)

    def wrong_calls(self, expected: str, look: str) -> Mismatch:
        return self.wrong(f"They called {self.played().calls or 'nothing'}", expected, look)

    def first(self, pattern: re.Pattern) -> Words:
        """The first call that matches. That there is one is another check's to say: Mismatch without."""
        found = next((call for call in self.played().words if pattern.search(str(call))), None)
        if found is None:
            raise mismatch(
                f"Not run: no step of `{self.name}` makes the call that is looked at here",
                got="",
                expected="",
                look="the first check that did not pass",
            )
        return found

    def require_in_order(self, wanted: dict[str, re.Pattern], also: str) -> None:
        """Calls of each kind, by name, in this order. `also` ends what is expected."""
        before = -1
        for name, pattern in wanted.items():
            places = self.places(pattern)
            if not places or places[-1] < before:
                raise self.wrong_calls(
                    ", then ".join(wanted) + also, f"the step that should call {name}"
                )
            before = places[0]

    def places(self, pattern: re.Pattern) -> list[int]:
        return [n for n, call in enumerate(self.played().calls) if pattern.search(call)]

    def require_installed(self, user: re.Pattern, wanted: str) -> None:
        """requirements.txt is installed before the call that needs it; `wanted` names that call."""
        installed = self.places(INSTALLS_REQUIREMENTS)
        used = [n for n in self.places(user) if n not in installed]
        if not used or not installed or installed[0] > used[0]:
            raise self.wrong_calls(
                f"requirements.txt is installed, then {wanted} runs", NOTHING_THERE
            )

    def require_failed_with(self, call: str) -> None:
        """The job fails when a call that holds `call` fails."""
        went = self.played(call)
        if not any(call in line for line in went.calls):
            raise self.wrong(
                f"They called {went.calls or 'nothing'}",
                f"a call of `{call}`",
                "the comment at the top: what this job does",
            )
        if not went.failed:
            raise self.wrong(
                "The job went on and succeeded",
                "the step fails, and the job with it",
                HIDES_A_STATUS,
                and_=f" and let `{call}` fail",
            )
