"""A workflow as data, and the runs that start it: what its jobs, steps and conditions are in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.instruments.github.expressions import filled, holds
from workbench.instruments.github.values import ANYTHING, Unknown


@dataclass(frozen=True, eq=False)
class Workflow:
    """The data of a workflow file. Whatever the file holds, reading a part of it raises nothing."""

    data: dict

    @property
    def triggers(self) -> dict[str, Any]:
        """What starts it, with the settings of each."""
        told = self.data.get("on", self.data.get(True))  # YAML 1.1 reads the key `on` as true
        if isinstance(told, str | list):
            return {str(name): None for name in ([told] if isinstance(told, str) else told)}
        return told if isinstance(told, dict) else {}

    def job(self, name: str) -> dict:
        return mapping_in(mapping_in(self.data, "jobs"), name)

    def steps(self, job: str) -> list[dict]:
        told = self.job(job).get("steps")
        return [step for step in told if isinstance(step, dict)] if isinstance(told, list) else []

    def uses(self, job: str, action: str) -> list[dict]:
        """The steps of a job that use an action, "actions/checkout" for instance."""
        return [s for s in self.steps(job) if str(s.get("uses", "")).startswith(f"{action}@")]

    def needs(self, job: str) -> list[str]:
        """The jobs that must succeed before this one starts."""
        told = self.job(job).get("needs")
        return (
            [told] if isinstance(told, str) else list(map(str, told if type(told) is list else ()))
        )

    def before(self, job: str) -> set[str]:
        """The jobs that have succeeded when this one starts: those it needs, and those they need."""
        found: set[str] = set()
        waiting = self.needs(job)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.needs(name)
        return found

    def starts(self, job: str, run: dict[str, Any]) -> bool | None:
        """Whether the job's `if` lets it start in this run; None when it is no condition."""
        result = "success" if run["success"]() else "failure"
        needs = {name.lower(): {"result": result} for name in self.needs(job)}
        try:
            return holds(self.job(job).get("if", ""), run | {"needs": needs})
        except ValueError:
            return None

    def is_used_first(self, job: str, action: str) -> bool:
        """Whether the job uses the action before it runs a command."""
        steps = self.steps(job)
        used = [steps.index(step) for step in self.uses(job, action)]
        runs = [n for n, step in enumerate(steps) if "run" in step]
        return bool(used) and (not runs or used[0] < runs[0])

    def is_handed(self, job: str, file: str) -> bool:
        """Whether the job takes an artifact from a job before it that has handed over this file."""
        given = [
            str(mapping_in(step, "with").get("path", ""))
            for name in self.before(job)
            for step in self.uses(name, "actions/upload-artifact")
        ]
        takes = self.uses(job, "actions/download-artifact")
        return bool(takes) and any(file in path.split() for path in given)

    def groups(self, job: str) -> list[dict]:
        """The concurrency groups that this job is in, the workflow's and its own, each as a mapping."""
        told = [place.get("concurrency") for place in (self.data, self.job(job))]
        return [group if isinstance(group, dict) else {"group": group} for group in told if group]


def mapping_in(place: Any, name: str) -> dict:
    """The mapping of that name in a mapping; an empty one where there is none."""
    found = place.get(name) if isinstance(place, dict) else None
    return found if isinstance(found, dict) else {}


def a_run(event: str, ref: str, *, number: int = 1, is_well: bool = True) -> dict[str, Any]:
    """A run of a workflow as expressions see it: what started it, where, and how the jobs before ended."""
    return {
        "github": _github(event, ref, number),
        "vars": Unknown(),
        "secrets": Unknown(),
        "runner": {"os": "Linux", "arch": "X64"},
        "job": {"status": "success" if is_well else "failure"},
        "success": lambda: is_well,
        "failure": lambda: not is_well,
        "always": lambda: True,
        "cancelled": lambda: False,
    }


def _github(event: str, ref: str, number: int) -> dict[str, Any]:
    """The context `github`; `number` tells one run, and its commit, from another."""
    sha = f"{number:040x}"
    kind, _, name = ref.removeprefix("refs/").partition("/")
    told = {"base_ref": "main", "head_ref": "feature"} if event == "pull_request" else {}
    return told | {
        "event_name": event,
        "ref": ref,
        "ref_name": name,
        "ref_type": "tag" if kind == "tags" else "branch",
        "sha": sha,
        "run_id": number,
        "run_number": number,
        "workflow": "deploy",
        **dict.fromkeys(("repository", "repository_owner", "actor"), ANYTHING),
        "event": {
            "ref": ref,
            "after": sha,
            "head_commit": {"id": sha},
            "repository": {"default_branch": "main"},
        },
    }


PUSH = a_run("push", "refs/heads/main")


def waits_for_each_other(group: dict) -> bool:
    """Whether two pushes to main fall into one group, so that their deployments come one by one."""
    name = str(group.get("group", ""))
    next_push = a_run("push", "refs/heads/main", number=2)
    return _filled(name, PUSH) == _filled(name, next_push)


def is_cut_off(group: dict) -> bool:
    """Whether the next push to main cancels what the one before has begun."""
    told = str(group.get("cancel-in-progress", False))
    return _filled(told, PUSH).strip().lower() == "true"


def _filled(text: str, run: dict[str, Any]) -> str:
    try:
        return filled(text, run)
    except ValueError:  # no expression that is known here, so the same in every run
        return text
