"""The commands of those who write the course: `docs` and `dev`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import Port, new_console
from workbench.course.catalog import load_catalog
from workbench.course.place import find_course
from workbench.setup.layout import spelled

NewId = Annotated[str, typer.Argument(metavar="ID", help="words in lower case joined by hyphens")]
docs = typer.Typer(no_args_is_help=True, help="The site: build it, or read it at a local address.")
dev = typer.Typer(
    no_args_is_help=True, help="For authors: derive starters, prove exercises, run notebooks."
)


@docs.command("build")
def docs_build(context: typer.Context) -> None:
    """Build the site into site/."""
    from workbench.authoring.site import build_site

    raise typer.Exit(build_site(find_course(), context.find_root().command))


@docs.command("serve")
def docs_serve(context: typer.Context, port: Port = 8000) -> None:
    """Serve the site and rebuild it as pages change."""
    from workbench.authoring.site import serve_site

    raise typer.Exit(serve_site(find_course(), context.find_root().command, port))


@dev.command("derive")
def dev_derive(
    check_only: Annotated[
        bool, typer.Option("--check", help="say what differs, write nothing")
    ] = False,
) -> None:
    """Write exercises/ from solutions/, and the catalogue's numbers on the home page and in lessons."""
    from workbench.authoring.counts import derive_counts
    from workbench.authoring.starters import derive_project

    course = find_course()
    catalog = load_catalog(course.catalog_file)
    differences = derive_project(course, catalog, write=not check_only)
    differences += derive_counts(course, catalog, write=not check_only)
    for line in differences:
        print(line)
    if check_only and differences:
        mend = spelled("dev derive")
        print(f"{len(differences)} differences from the source: `{mend}` writes what it can.")
        raise typer.Exit(1)


@dev.command("verify")
def dev_verify(
    exercise_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="all exercises when none")
    ] = None,
    should_mutate: Annotated[
        bool, typer.Option("--mutate", help="judge faulty variants of the reference answers")
    ] = False,
    repeat: Annotated[
        int, typer.Option(help="judge every case so often, and compare the verdicts")
    ] = 0,
    messages: Annotated[
        Path | None, typer.Option(help="write what each stored mistake tells a learner to a file")
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="processes; as many as cores when 0")] = 0,
    limit: Annotated[
        int | None, typer.Option(help="at most so many mutants of an exercise, drawn by --seed")
    ] = None,
    seed: Annotated[int, typer.Option(help="draws the sample and the checks' inputs")] = 1,
    survivors: Annotated[
        bool, typer.Option("--survivors", help="only the mutants that got through the last time")
    ] = False,
    stored: Annotated[
        bool, typer.Option("--stored", help="judge no mutant; tell what became of them so far")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="write the result as a page")] = None,
) -> None:
    """Prove the author contract: reference, starter, mistakes, other right answers."""
    from workbench.setup.machine import cores

    course, console, only = find_course(), new_console(), exercise_ids or []
    how = {"jobs": jobs or cores(), "seed": seed, "report": report}
    if should_mutate:
        from workbench.authoring.mutation.run import mutate

        which = "survivors" if survivors else "none" if stored else "new"
        how |= {"limit": limit, "which": which}
        raise typer.Exit(mutate(course, only, console, **how))
    if repeat:
        from workbench.authoring.repeat import repeat_all

        raise typer.Exit(repeat_all(course, only, console, times=repeat, **how))
    if messages:
        from workbench.authoring.messages import write_messages

        raise typer.Exit(write_messages(course, only, console, messages, jobs=jobs or cores()))
    from workbench.authoring.contract import verify

    raise typer.Exit(verify(course, only, console))


@dev.command("new")
def dev_new(
    exercise_id: NewId,
    lesson: Annotated[str, typer.Option(help="the id of its lesson")],
    file: Annotated[str, typer.Option(help="its file, as a path inside the project")],
    kind: Annotated[
        str, typer.Option(help="function, class (with a probe), or file (no Python)")
    ] = "function",
) -> None:
    """Scaffold an exercise in its five places: row, answer, check, wrong and right answers, lesson."""
    from workbench.authoring.scaffold import scaffold

    for line in scaffold(find_course(), exercise_id, lesson, file, kind):
        print(line)


@dev.command("notebooks")
def dev_notebooks(
    names: Annotated[
        list[str] | None, typer.Argument(help="e.g. 00_welcome; all when none")
    ] = None,
    check_only: Annotated[
        bool, typer.Option("--check", help="compare with the sources only")
    ] = False,
) -> None:
    """Execute the lessons from their sources and store them."""
    from workbench.authoring.notebooks import compare_notebooks, execute_notebooks

    course = find_course()
    act = compare_notebooks if check_only else execute_notebooks
    raise typer.Exit(act(course, names or []))
