"""How results look in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from workbench.course.catalog import Catalog, Exercise
from workbench.course.place import Course
from workbench.judging.results import ExerciseResult
from workbench.setup.layout import spelled

SIGNS = {
    "passed": ("✓", "passed", "green"),
    "failed": ("✗", "not right yet", "red"),
    "error": ("!", "your code raised an error", "red"),
    "timeout": ("⏱", "ran out of time", "red"),
    "not_started": ("·", "not started", "yellow"),
    "environment": ("?", "could not be checked here; not your fault", "magenta"),
}


def headline(result: ExerciseResult) -> str:
    """One line: the verdict, the exercise, checks passed, points."""
    sign, words, _ = SIGNS[result.verdict]
    passed = sum(check.verdict == "passed" for check in result.checks)
    points = f"{result.points_earned} of {result.points_possible} points"
    return f"{sign} {result.exercise}: {words} ({passed} of {len(result.checks)} checks, {points})"


def next_step(course: Course, exercise: Exercise, result: ExerciseResult, catalog: Catalog) -> str:
    """What to do now, in one sentence."""
    files = " and ".join(course.relative(course.project / path) for path in exercise.files)
    if result.verdict == "passed":
        return f"Compare with the reference: `{spelled(f'solution {exercise.id}')}`."
    if result.verdict == "not_started":
        return f"Open {files}, replace the marked place, save, check again."
    if result.verdict == "environment":
        return f"`{spelled('doctor')}` says what is missing and how to get it."
    return f"Change {files}, save, check again. Stuck? `{spelled(f'hint {exercise.id}')}`."


def print_result(
    console: Console, course: Course, exercise: Exercise, result: ExerciseResult, catalog: Catalog
) -> None:
    """The first problem first and in full, then all checks in one list, then the next step."""
    colour = SIGNS[result.verdict][2]
    problem = result.first_problem
    if problem:
        body = Text(problem.message)
        console.print(Panel(body, title=Text(problem.title), border_style=colour, expand=False))
    for check in result.checks:
        sign, _, tint = SIGNS[check.verdict]
        console.print(Text.assemble((f"  {sign} ", tint), check.title), highlight=False)
    console.print(Text(headline(result), style=f"bold {colour}"))
    console.print(Text(next_step(course, exercise, result, catalog)), soft_wrap=True)


def print_list(console: Console, rows: list[dict]) -> None:
    table = Table("exercise", "lesson", "title", "minutes", "points", "state", box=None)
    for row in rows:
        sign, words, colour = SIGNS[row["state"]]
        cells = [row["id"], row["lesson"], row["title"], str(row["minutes"]), str(row["points"])]
        table.add_row(*cells, Text(f"{sign} {words}", style=colour))
    console.print(table)


def filled_bar(done: int, total: int, width: int = 30) -> str:
    filled = width * done // total if total else 0
    return "█" * filled + "░" * (width - filled)
