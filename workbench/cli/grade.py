"""The command of an instructor: grade a class."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import new_console
from workbench.course.place import find_course
from workbench.course.problems import UserError

teaching = typer.Typer()


@teaching.command()
def grade(
    submissions: Annotated[
        list[Path], typer.Argument(help="folders, archives, git bundles, or a folder of them")
    ],
    out: Annotated[Path, typer.Option(help="where gradebook, records and reports go")],
    exercise: Annotated[list[str] | None, typer.Option(help="only this one; repeatable")] = None,
    isolation: Annotated[str, typer.Option(help="auto, docker or process")] = "auto",
    jobs: Annotated[int | None, typer.Option(min=1, help="side by side (default: cores)")] = None,
    deadline: Annotated[float, typer.Option(min=1, help="seconds for a submission")] = 1800,
    seed: Annotated[int | None, typer.Option(help="draw the same inputs again")] = None,
    retry: Annotated[
        bool, typer.Option(help="again what timed out or could not be judged")
    ] = False,
    workers: Annotated[str | None, typer.Option(help="a Dask scheduler's address")] = None,
    summary: Annotated[Path | None, typer.Option(help="write the failures as Markdown")] = None,
) -> None:
    """Grade a class: any number of submissions, each apart from the others. Stops and goes on."""
    from workbench.grading.command import ISOLATIONS, Wishes, grade_class

    if isolation not in ISOLATIONS:
        raise UserError(f"--isolation {isolation}: it is one of {', '.join(ISOLATIONS)}.")
    wishes = Wishes(
        submissions,
        out,
        exercise or [],
        isolation=isolation,
        jobs=jobs,
        deadline_seconds=deadline,
        seed=seed,
        retry=retry,
        workers=workers,
        summary=summary,
    )
    raise typer.Exit(grade_class(find_course(), wishes, new_console()))
