"""What became of the mutants of one exercise."""

from __future__ import annotations

from dataclasses import dataclass, field

from workbench.authoring.mutation.edits import Mutant
from workbench.authoring.mutation.equivalents import Equivalents
from workbench.authoring.mutation.store import Fate
from workbench.course.catalog import Exercise


@dataclass
class Tally:
    """One exercise: `made` mutants, the `judged` ones of them with their fates, and its equivalents.

    `older` of them were killed by an earlier version of the check and not judged again.
    """

    exercise: Exercise
    made: list[Mutant]
    equivalents: Equivalents
    judged: list[tuple[Mutant, Fate]] = field(default_factory=list)
    older: int = 0

    @property
    def killed(self) -> list[tuple[Mutant, Fate]]:
        return [(m, f) for m, f in self.judged if f.is_killed]

    @property
    def equivalent(self) -> list[tuple[Mutant, Fate]]:
        """Those that got through and are no faults."""
        return [(m, f) for m, f in self._passed() if self.equivalents.reason(m)]

    @property
    def missed(self) -> list[tuple[Mutant, Fate]]:
        """Those that are faults and known to get through."""
        return [(m, f) for m, f in self._passed() if self.equivalents.missed.get(m.shown)]

    @property
    def survivors(self) -> list[tuple[Mutant, Fate]]:
        """Those that got through, known or not, and are no equivalents."""
        return [(m, f) for m, f in self._passed() if not self.equivalents.reason(m)]

    @property
    def undecided(self) -> list[tuple[Mutant, Fate]]:
        """Those for which something else was in the way, such as an engine that is not there."""
        return [(m, f) for m, f in self.judged if f.verdict == "environment"]

    def _passed(self) -> list[tuple[Mutant, Fate]]:
        return [(m, f) for m, f in self.judged if f.verdict == "passed"]
