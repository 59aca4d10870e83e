"""What a mutation run came to, for the terminal and for the page of the site."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Iterator

from workbench.authoring.mutation.tally import Tally

HEAD = """# Mutants: what the checks let through

A mutant is a reference answer with one fault put in: a boundary moved, a statement left out, two
arguments swapped, an instruction of the Dockerfile dropped. A check that can be trusted tells each of
them from a right answer. `python3 -m workbench dev verify --mutate --report docs/trust/mutation.md`
wrote this page. How the faults are made: [decision](../decisions/mutation.md).

- **killed**: a check failed, raised or ran out of time, as it should.
- **equivalent**: the check passes it, and rightly so; the reason is in `tests/equivalent/`.
- **got through**: the check passes it and should not. Each is shown below, with what is known of it.
"""


def counts(tally: Tally) -> tuple[int, int, int, int, int]:
    """made, judged, killed, equivalent, got through."""
    sizes = (tally.made, tally.judged, tally.killed, tally.equivalent, tally.survivors)
    return tuple(map(len, sizes))


def share(killed: int, survivors: int) -> str:
    """The share of the faults that were told apart, of those that are faults; never rounded up to all."""
    if not killed + survivors:
        return "-"
    if not survivors:
        return "100 %"
    return f"{int(1000 * killed / (killed + survivors)) / 10:g} %"


def summary_lines(tallies: list[Tally]) -> Iterator[str]:
    for tally in tallies:
        made, judged, killed, equivalent, survivors = counts(tally)
        some = "" if judged == made else f" ({judged} of them judged)"
        yield (
            f"{tally.exercise.id}: {made} mutants{some}, {killed} killed, {equivalent} equivalent, "
            f"{survivors} got through: {share(killed, survivors)}"
        )
    _, judged, killed, equivalent, survivors = _sums(tallies)
    yield (
        f"{judged} mutants judged, {killed} killed, {equivalent} equivalent, {survivors} got through: "
        f"{share(killed, survivors)} of the faults were found."
    )


def report_text(tallies: list[Tally], *, seed: int) -> str:
    """The page, as Markdown."""
    machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    today = datetime.date.today().isoformat()
    parts = [
        HEAD,
        f"Run of {today}, {machine}, seed {seed}.\n",
        "| exercise | mutants | judged | killed | equivalent | got through | faults found |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for tally in tallies:
        made, judged, killed, equivalent, survivors = counts(tally)
        numbers = f"{made} | {judged} | {killed} | {equivalent} | {survivors}"
        parts.append(f"| {tally.exercise.id} | {numbers} | {share(killed, survivors)} |")
    made, judged, killed, equivalent, survivors = _sums(tallies)
    numbers = f"{made} | {judged} | {killed} | {equivalent} | {survivors}"
    parts.append(f"| **all** | {numbers} | {share(killed, survivors)} |")
    if older := sum(tally.older for tally in tallies):
        parts.append(
            f"\n{older} of the killed were killed before their check last changed, and not judged again."
        )
    if sampled := [t.exercise.id for t in tallies if len(t.judged) < len(t.made)]:
        parts.append(f"\nJudged in part, a sample drawn by the seed: {', '.join(sampled)}.")
    parts += ["", *_by_operator(tallies), "", *_shown(tallies)]
    return "\n".join(parts).rstrip() + "\n"


def _sums(tallies: list[Tally]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*map(counts, tallies), strict=True))) or (0,) * 5


def _by_operator(tallies: list[Tally]) -> Iterator[str]:
    judged = [(m.operator, f) for t in tallies for m, f in t.judged]
    yield "## By kind of fault\n"
    yield "| kind | judged | killed |"
    yield "|---|---:|---:|"
    for operator in sorted({operator for operator, _ in judged}):
        fates = [fate for name, fate in judged if name == operator]
        yield f"| {operator} | {len(fates)} | {sum(fate.is_killed for fate in fates)} |"


def _shown(tallies: list[Tally]) -> Iterator[str]:
    left = [(t, m, f) for t in tallies for m, f in (*t.survivors, *t.undecided)]
    yield "## What got through\n"
    if not left:
        yield "Nothing: each mutant was killed, or has its reason."
    for tally, mutant, fate in left:
        yield f"{tally.exercise.id}, {mutant.operator}{'' if fate.verdict == 'passed' else ', not judged'}:\n"
        yield f"```diff\n{mutant.shown}\n```\n"
        if reason := tally.equivalents.missed.get(mutant.shown):
            yield f"{reason}\n"
