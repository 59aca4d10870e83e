"""The commands of a learner: check, explain, hint, remember, and run what is finished."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import ExerciseId, Json, Port, ProjectFolder, new_console
from workbench.course.catalog import load_catalog
from workbench.course.place import find_course
from workbench.course.problems import UserError
from workbench.setup.layout import spelled

learning = typer.Typer()


@learning.command("list")
def list_exercises(as_json: Json = False) -> None:
    """All exercises, with where you stand in each."""
    from workbench.learning.learner import exercise_rows

    course = find_course()
    rows = exercise_rows(course, load_catalog(course.catalog_file))
    if as_json:
        print(json.dumps(rows, indent=2))
    else:
        from workbench.learning.show import print_list

        print_list(new_console(), rows)


@learning.command()
def status(as_json: Json = False) -> None:
    """How far you are, and what comes next."""
    from workbench.learning.learner import status_of
    from workbench.learning.show import filled_bar

    course = find_course()
    now = status_of(course, load_catalog(course.catalog_file))
    if as_json:
        print(json.dumps(now, indent=2))
        return
    console = new_console()
    console.print(
        f"{filled_bar(now['passed'], now['exercises'])} {now['passed']} of {now['exercises']} exercises"
    )
    console.print(f"{now['points']} of {now['possible']} points")
    if now["next"]:
        console.print(
            f"Next: {now['next']}. Lesson: {now['notebook']}. Open: {', '.join(now['files'])}"
        )
    else:
        console.print(f"All done. `{spelled('serve')}` runs your own service.")


@learning.command()
def check(
    exercise_id: ExerciseId,
    project: ProjectFolder = None,
    as_json: Json = False,
    seed: Annotated[int | None, typer.Option(help="draw the same inputs again")] = None,
) -> None:
    """Check one exercise. Exit status 0 only when it passed."""
    if project is not None and not project.is_dir():
        raise UserError(f"--project {project}: there is no such folder.")
    from workbench.learning.learner import check_and_record

    course = find_course(project)
    if as_json:
        result = check_and_record(course, exercise_id, seed=seed)
        print(json.dumps(result.as_json(), indent=2))
    else:
        result = _check_and_show(course, exercise_id, seed=seed)
    raise typer.Exit(0 if result.verdict == "passed" else 1)


def _check_and_show(course, exercise_id: str, seed: int | None = None):
    from workbench.judging.check import check_titles
    from workbench.learning.learner import check_and_record
    from workbench.learning.show import print_result

    catalog = load_catalog(course.catalog_file)
    exercise = catalog.exercise(exercise_id)
    console = new_console()
    total, done = len(check_titles(course.checks / exercise.check_file)), []
    with console.status(f"checking {exercise_id}") as line:

        def show(result) -> None:
            done.append(result)
            line.update(f"checking {exercise_id}: {len(done)} of {total}, {result.title}")

        result = check_and_record(course, exercise_id, seed=seed, on_result=show)
    print_result(console, course, exercise, result, catalog)
    return result


@learning.command()
def watch(
    exercise_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="only this exercise")
    ] = None,
) -> None:
    """Check again at every save, until you press Ctrl-C. Without an ID: whichever file you save."""
    from workbench.learning.watch import watch_files

    course = find_course()
    catalog = load_catalog(course.catalog_file)
    exercises = [catalog.exercise(exercise_id)] if exercise_id else list(catalog.exercises)
    if exercise_id:
        _check_and_show(course, exercise_id)
    watched = sum(len(exercise.files) for exercise in exercises)
    files = "file" if watched == 1 else "files"
    print(f"Watching {watched} {files}. Ctrl-C stops.", flush=True)
    for exercise in watch_files(course, exercises):
        print(f"\n{exercise.id} was saved.", flush=True)
        _check_and_show(course, exercise.id)


@learning.command()
def hint(exercise_id: ExerciseId) -> None:
    """One hint further up the ladder each time."""
    from workbench.learning.learner import next_hint

    course = find_course()
    exercise = load_catalog(course.catalog_file).exercise(exercise_id)
    number, text = next_hint(course, exercise)
    print(f"hint {number} of {len(exercise.hints)}: {text}")


@learning.command()
def solution(
    exercise_id: ExerciseId,
    give_up: Annotated[bool, typer.Option("--give-up", help="show it before passing")] = False,
) -> None:
    """The reference answer, once your own has passed."""
    from workbench.learning.learner import solution_texts

    course = find_course()
    exercise = load_catalog(course.catalog_file).exercise(exercise_id)
    texts = solution_texts(course, exercise, give_up=give_up)
    for path, text in texts.items():
        print(f"--- {path} ---\n{text}")


@learning.command()
def reset(exercise_id: ExerciseId) -> None:
    """Put the starter back. Your version is kept, and you are told where."""
    from workbench.learning import learner

    course = find_course()
    exercise = load_catalog(course.catalog_file).exercise(exercise_id)
    kept = learner.reset(course, exercise)
    for path in exercise.files:
        where = course.relative(kept[path]) if path in kept else "it did not exist"
        print(f"exercises/{path} is the starter again. Your version: {where}")


@learning.command()
def serve(
    reference: Annotated[bool, typer.Option(help="the finished service, none of yours")] = False,
    port: Port = 5000,
) -> None:
    """Run your finished modules over the reference service."""
    from workbench.learning.service import serve_in_foreground

    raise typer.Exit(serve_in_foreground(find_course(), reference=reference, port=port))


@learning.command()
def assemble(
    folder: Annotated[Path, typer.Argument(help="a new folder, or one of this command's")],
) -> None:
    """Write your finished modules over the reference: a project to build and deploy."""
    from workbench.learning.assemble import assemble as write_project

    finished = write_project(find_course(), folder)
    yours = sorted(path for exercise in finished for path in exercise.files)
    print(f"{folder} holds the project. Yours: {', '.join(yours) or 'nothing yet'}.")
    print(f"The rest is the reference. Next: docker build -t churn-model:v2 {folder}")
