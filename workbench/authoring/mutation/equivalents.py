"""Mutants that are no faults, each with the reason: `tests/equivalent/<exercise>.toml`.

A `[[missed]]` entry is a fault that the check lets through and why it does; the report shows it. An entry
holds the mutant's difference. When the answer changes, the entry matches no mutant any more,
and that is reported: no reason outlives what it was given for. The difference `*` stands for whatever gets
through, for an exercise whose check is by definition what a right answer is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.authoring.mutation.edits import Mutant
from workbench.course.catalog import Exercise
from workbench.course.place import Course

ALL = "*"


@dataclass(frozen=True)
class Equivalents:
    """`reasons` of what is no fault, and of what is one and is `missed`, by the mutant's difference."""

    reasons: dict[str, str]
    missed: dict[str, str]

    def reason(self, mutant: Mutant) -> str | None:
        return self.reasons.get(mutant.shown) or self.reasons.get(ALL)

    def unmatched(self, mutants: list[Mutant]) -> Iterator[str]:
        """The differences that no mutant has."""
        shown = {mutant.shown for mutant in mutants}
        entries = {**self.reasons, **self.missed}
        return (
            difference for difference in entries if difference not in shown and difference != ALL
        )


def equivalents_of(course: Course, exercise: Exercise) -> Equivalents:
    """Reads the exercise's file; an exercise without one has no equivalents. Raises ValueError."""
    file = course.checks.parent / "equivalent" / f"{exercise.id}.toml"
    if not file.exists():
        return Equivalents({}, {})
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    reasons_of: dict[str, dict[str, str]] = {"equivalent": {}, "missed": {}}
    for kind, reasons in reasons_of.items():
        for entry in table.get(kind, []):
            if len(entry["reason"].split()) < 4:
                raise ValueError(f"{file.name}: a reason must say why, not {entry['reason']!r}")
            for difference in entry["mutants"]:
                reasons[difference.strip("\n")] = entry["reason"].strip()
    return Equivalents(reasons_of["equivalent"], reasons_of["missed"])
