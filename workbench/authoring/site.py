"""Builds the site: lesson pages from the executed notebooks, the command page from the program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

from workbench.catalog import Catalog, Lesson, load_catalog
from workbench.course import Course

REPOSITORY_LINK = re.compile(r"\[([^\]]+)\]\(\.\./(?!\w+\.ipynb)([^)\s]+)\)")
NOTEBOOK_LINK = re.compile(r"\]\((\w+)\.ipynb\)")
FRAME_STYLE = re.compile(r"<style scoped>.*?</style>\n?", re.DOTALL)
FRAME = '<table border="1" class="dataframe">'
OUTPUT_PLOT = re.compile(r"!\[png\]")
NO_NOTICE = {"NO_MKDOCS_2_WARNING": "1"}


def generate_pages(course: Course) -> None:
    """Writes `docs/learn/` afresh: a page per lesson and the list of lessons and exercises."""
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


def as_page(text: str, lesson: Lesson, catalog: Catalog) -> str:
    """A converted notebook as a page of the site: links turned, plots named, its exercises on top."""
    text = REPOSITORY_LINK.sub(r"`\2`", text)
    text = NOTEBOOK_LINK.sub(r"](\1.md)", text)
    text = OUTPUT_PLOT.sub(f"![Plot from the lesson: {lesson.title}]", text)
    text = FRAME_STYLE.sub("", text).replace(
        FRAME, "<table>"
    )  # the theme's own table, which scrolls
    exercises = [e for e in catalog.exercises if e.lesson == lesson.id]
    listed = ", ".join(f"`{e.id}` ({e.points} points)" for e in exercises)
    note = (
        f'!!! info "{lesson.minutes} minutes"\n'
        f"    Open `notebooks/{lesson.notebook}` to work through this page. Exercises: {listed}.\n"
    )
    heading, _, rest = text.partition("\n")
    return f"{heading}\n\n{note}\n{rest}"


def lesson_list(catalog: Catalog) -> str:
    """The page that lists all lessons and exercises, from the catalogue."""
    lines = ["# Lessons and exercises\n", "| lesson | minutes | exercises |", "|---|---|---|"]
    for lesson in catalog.lessons:
        page = lesson.notebook.replace(".ipynb", ".md")
        mine = [e for e in catalog.exercises if e.lesson == lesson.id]
        listed = "<br>".join(f"`{e.id}`: {e.title}" for e in mine)
        lines.append(f"| [{lesson.title}]({page}) | {lesson.minutes} | {listed} |")
    total = sum(e.points for e in catalog.exercises)
    lines.append(f"\n{len(catalog.exercises)} exercises, {total} points in all.\n")
    return "\n".join(lines)


def build_site(course: Course) -> int:
    """Builds `site/` strictly; returns the builder's exit status."""
    generate_pages(course)
    return _mkdocs(course, "build", "--strict", "--clean")


def serve_site(course: Course, port: int) -> int:
    """Serves the site until Ctrl-C; returns the builder's exit status."""
    generate_pages(course)
    return _mkdocs(course, "serve", "--dev-addr", f"127.0.0.1:{port}")


def _mkdocs(course: Course, *arguments: str) -> int:
    command = [sys.executable, "-m", "mkdocs", *arguments]
    env = os.environ | NO_NOTICE
    return subprocess.run(command, cwd=course.root, env=env, check=False).returncode
