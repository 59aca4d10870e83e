"""`dev verify --mutate`: judges the mutants, keeps what became of them, and says what got through."""

from __future__ import annotations

from pathlib import Path

from workbench.authoring.cases import Case
from workbench.authoring.mutation.corpus import mutants_of, sample
from workbench.authoring.mutation.edits import Mutant
from workbench.authoring.mutation.equivalents import equivalents_of
from workbench.authoring.mutation.store import Fates
from workbench.authoring.mutation.tally import Tally
from workbench.authoring.pool import folder_of, judge_cases, progress_bar
from workbench.course.catalog import Exercise, load_catalog
from workbench.course.place import Course

STATE = "mutation"


def case_of(exercise: Exercise, mutant: Mutant) -> Case:
    return Case(exercise, "mutant", mutant.key, mutant.text, mutant.path)


def judge_mutants(
    course: Course,
    exercises: list[Exercise],
    console,
    *,
    jobs: int,
    limit: int | None,
    seed: int,
    which: str = "new",
) -> list[Tally]:
    """The fates of the exercises' mutants. `limit` is the most for one exercise, drawn by `seed`.

    `which` mutants are judged: "new", those that have no fate yet under today's checks; "survivors",
    those that got through the last time (what an older check has killed is believed); or "none".
    """
    folder = folder_of(course, STATE)
    tallies = [Tally(e, mutants_of(course, e), equivalents_of(course, e)) for e in exercises]
    fates = {t.exercise.id: Fates(folder, course, t.exercise) for t in tallies}
    waiting = []
    for tally in tallies:
        for mutant in sample(tally.made, limit, seed):
            own = fates[tally.exercise.id]
            fate = own.of(mutant, also_of_older_checks=which != "new")
            if fate and (fate.verdict != "environment" or which == "none"):
                tally.judged.append((mutant, fate))
                tally.older += fate.against != own.against
            elif which == "new" or (which == "survivors" and mutant.key in own.known):
                waiting.append(((tally, mutant), case_of(tally.exercise, mutant), seed))
    with progress_bar(console) as progress:
        task = progress.add_task("", total=len(waiting))
        survived = 0
        for (tally, mutant), result in judge_cases(course, waiting, jobs=jobs, stop_at_first=True):
            fate = fates[tally.exercise.id].add(mutant, result)
            tally.judged.append((mutant, fate))
            survived += fate.verdict == "passed"
            progress.update(
                task, advance=1, description=f"{tally.exercise.id}, {survived} got through"
            )
    return tallies


def mutate(
    course: Course,
    only: list[str],
    console,
    *,
    jobs: int,
    limit: int | None = None,
    seed: int = 1,
    which: str = "new",
    report: Path | None = None,
) -> int:
    """Runs the mutants and prints what got through; returns 0 when each is known, with a reason."""
    from workbench.authoring.mutation.report import report_text, summary_lines
    from workbench.setup.files import write_atomically

    catalog = load_catalog(course.catalog_file)
    exercises = [catalog.exercise(name) for name in only] or list(catalog.exercises)
    tallies = judge_mutants(
        course, exercises, console, jobs=jobs, limit=limit, seed=seed, which=which
    )
    problems = 0
    for tally in tallies:
        known = [mutant for mutant, _ in tally.missed]
        unknown = [mutant for mutant, _ in tally.survivors if mutant not in known]
        for mutant in unknown:
            console.print(f"{tally.exercise.id}: got through ({mutant.operator})", markup=False)
            console.print(mutant.shown, markup=False, soft_wrap=True)
        for _, fate in tally.undecided:
            console.print(f"{tally.exercise.id}: could not be judged: {fate.message}", markup=False)
        stale = list(tally.equivalents.unmatched(tally.made))
        for difference in stale:
            console.print(
                f"tests/equivalent/{tally.exercise.id}.toml: no such mutant", markup=False
            )
            console.print(difference, markup=False, soft_wrap=True)
        problems += len(unknown) + len(tally.undecided) + len(stale)
    for line in summary_lines(tallies):
        console.print(line, markup=False)
    if report:
        write_atomically(report, report_text(tallies, seed=seed))
    return 1 if problems else 0
