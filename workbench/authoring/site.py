"""Builds the site: lesson pages from the executed notebooks, look-up pages from the program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

from workbench.authoring.lookup import write_parts
from workbench.course.catalog import Catalog, Lesson, load_catalog
from workbench.course.place import Course

REPOSITORY_LINK = re.compile(r"\[([^\]]+)\]\(\.\./(?!\w+\.ipynb)([^)\s]+)\)")
NOTEBOOK_LINK = re.compile(r"\]\((\w+)\.ipynb\)")
FRAME_STYLE = re.compile(r"<style scoped>.*?</style>\n?", re.DOTALL)
FRAME = '<table border="1" class="dataframe">'
ABOUT = re.compile(r"^\*\*About \d+ minutes[^*]*\*\*\n+", re.MULTILINE)
JUPYTER = "http://localhost:8888/lab/tree/notebooks/"
NEEDED = {"docker": "Docker", "prometheus": "Prometheus", "bash": "bash"}
OUTPUT_PLOT = re.compile(r"!\[png\]")
NO_NOTICE = {"NO_MKDOCS_2_WARNING": "1"}


def generate_pages(course: Course, program) -> None:
    """Writes `docs/learn/` afresh, and the parts that the pages of `docs/look-up/` include."""
    catalog = load_catalog(course.catalog_file)
    folder = course.root / "docs" / "learn"
    draft = course.root / "docs" / ".learn-draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    notebooks = [str(course.root / "notebooks" / lesson.notebook) for lesson in catalog.lessons]
    convert = [
        sys.executable,
        "-m",
        "jupyter",
        "nbconvert",
        "--to",
        "markdown",
        "--log-level=ERROR",
    ]
    subprocess.run([*convert, f"--output-dir={draft}", *notebooks], check=True)
    for lesson in catalog.lessons:
        page = draft / lesson.notebook.replace(".ipynb", ".md")
        page.write_text(as_page(page.read_text("utf-8"), lesson, catalog), encoding="utf-8")
    (draft / "index.md").write_text(lesson_list(catalog), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    write_parts(course, program)


def as_page(text: str, lesson: Lesson, catalog: Catalog) -> str:
    """A converted notebook as a page of the site: links turned, plots named, its exercises on top."""
    text = REPOSITORY_LINK.sub(r"`\2`", text)
    text = NOTEBOOK_LINK.sub(r"](\1.md)", text)
    text = OUTPUT_PLOT.sub(f"![Plot from the lesson: {lesson.title}]", text)
    text = FRAME_STYLE.sub("", text).replace(
        FRAME, "<table>"
    )  # the theme's own table, which scrolls
    text = ABOUT.sub("", text, count=1)  # the page says it in its own way, from the catalogue
    heading, _, rest = text.partition("\n")
    return f"{heading}\n\n{before_the_lesson(lesson, catalog)}\n{rest}"


def before_the_lesson(lesson: Lesson, catalog: Catalog) -> str:
    """What a reader wants to know first: how long, what for, after what, and where the notebook is."""
    exercises = [e for e in catalog.exercises if e.lesson == lesson.id]
    points, work = sum(e.points for e in exercises), sum(e.minutes for e in exercises)
    before = [_linked(catalog.lesson(earlier)) for earlier in lesson.builds_on]
    lines = [
        f'!!! info "{lesson.minutes} minutes, and {work} for the exercises: {points} points"',
        f"    **Comes after:** {', '.join(before) or 'nothing; begin here'}.",
        "",
        f"    **Work through it:** [open the notebook]({JUPYTER}{lesson.notebook}) while",
        "    `python3 -m workbench start` runs (a port other than 8888 is printed there), or open",
        f"    `notebooks/{lesson.notebook}` in your editor.",
        "",
        '<div class="exercises" markdown>',
        "",
        "| exercise | you build | your file | minutes | points |",
        "|---|---|---|---|---|",
    ]
    for e in exercises:
        files = "<br>".join(f"`{path}`" for path in e.files)
        needs = " and ".join(NEEDED.get(need, need) for need in e.needs)
        built = f"{e.title} (needs {needs})" if needs else e.title
        lines.append(f"| `{e.id}` | {built} | {files} | {e.minutes} | {e.points} |")
    return "\n".join([*lines, "", "</div>", ""])


def _linked(lesson: Lesson) -> str:
    return f"[{lesson.title}]({lesson.notebook.replace('.ipynb', '.md')})"


def lesson_list(catalog: Catalog) -> str:
    """The page that lists all lessons and exercises, from the catalogue."""
    reading = sum(lesson.minutes for lesson in catalog.lessons)
    work = sum(e.minutes for e in catalog.exercises)
    points = sum(e.points for e in catalog.exercises)
    lines = [
        "# Lessons and exercises\n",
        f"{len(catalog.lessons)} lessons to read and run, about {round(reading / 60)} hours; "
        f"{len(catalog.exercises)} exercises for {points} points, about {round(work / 60)} hours. "
        "A check puts your file into the finished project, so you may start anywhere.\n",
        "| lesson | comes after | minutes: lesson + exercises | points | exercises |",
        "|---|---|---|---|---|",
    ]
    for lesson in catalog.lessons:
        mine = [e for e in catalog.exercises if e.lesson == lesson.id]
        listed = "<br>".join(f"`{e.id}`: {e.title}" for e in mine)
        earned, work = sum(e.points for e in mine), sum(e.minutes for e in mine)
        before = ", ".join(catalog.lesson(i).notebook[:2] for i in lesson.builds_on)
        name = f"{lesson.notebook[:2]} {_linked(lesson)}"
        lines.append(f"| {name} | {before} | {lesson.minutes} + {work} | {earned} | {listed} |")
    return "\n".join([*lines, ""])


def build_site(course: Course, program) -> int:
    """Builds `site/` strictly; returns the builder's exit status.

    `program` is the parser of the command line, for the page that lists its commands.
    """
    generate_pages(course, program)
    return _mkdocs(course, "build", "--strict", "--clean")


def serve_site(course: Course, program, port: int) -> int:
    """Serves the site until Ctrl-C; returns the builder's exit status."""
    generate_pages(course, program)
    return _mkdocs(course, "serve", "--dev-addr", f"127.0.0.1:{port}")


def _mkdocs(course: Course, *arguments: str) -> int:
    command = [sys.executable, "-m", "mkdocs", *arguments]
    env = os.environ | NO_NOTICE
    return subprocess.run(command, cwd=course.root, env=env, check=False).returncode
