"""The arguments and options that several commands share, and the console they write to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ExerciseId = Annotated[str, typer.Argument(metavar="ID", help="an exercise, as `list` shows it")]
Json = Annotated[bool, typer.Option("--json", help="print JSON for programs")]
ProjectFolder = Annotated[Path | None, typer.Option(help="check this project, not exercises/")]
Port = Annotated[int, typer.Option(help="the port to listen on")]


def new_console():
    """A console that leaves numbers and paths uncoloured."""
    from rich.console import Console

    return Console(highlight=False)
