"""The numbers of the catalogue where readers see them: on the home page, and in the head of each lesson."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

from workbench.authoring.lessons import lesson_source
from workbench.course.catalog import Catalog, Exercise, Lesson
from workbench.course.place import Course
from workbench.setup.files import write_atomically

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
HEAD = re.compile(r"\*\*About \d+ minutes, and \d+ for its (?:exercise\.|\w+ exercises?:[^.*]*\.)")
HEAD_WIDTH = 110


def derive_counts(course: Course, catalog: Catalog, *, write: bool) -> list[str]:
    """Compares the numbers on the pages with the catalogue; with `write`, puts them right.

    Returns a sentence for each that differs. A page that is not there has none.
    """
    lines: list[str] = []
    for page, expected in _expected(course, catalog):
        if not page.exists():
            continue
        text = page.read_text(encoding="utf-8")
        name = course.relative(page)
        for what, pattern, wanted in expected:
            match = pattern.search(text)
            if match is None:
                lines.append(f"{name} has no {what}: write `{wanted('')}` there")
            elif match[0] != wanted(match[0]):
                verb = "now says" if write else "must say"
                lines.append(f"{name}, {what}: {verb} `{_flat(wanted(match[0]))}`")
                text = text[: match.start()] + wanted(match[0]) + text[match.end() :]
        if write and text != page.read_text(encoding="utf-8"):
            write_atomically(page, text)
    return lines


# what it is, where it stands, and what it must be, given what stands there
Expected = tuple[str, re.Pattern[str], Callable[[str], str]]


def _expected(course: Course, catalog: Catalog) -> Iterator[tuple[Path, list[Expected]]]:
    yield course.root / "docs" / "index.md", list(_on_the_home_page(catalog))
    for lesson in catalog.lessons:
        exercises = _exercises_of(catalog, lesson)
        head = (
            "line `**About ... minutes`",
            HEAD,
            lambda now, of=(lesson, exercises): _head(now, *of),
        )
        yield lesson_source(course, lesson), [head]


def _on_the_home_page(catalog: Catalog) -> Iterator[Expected]:
    work = {les.id: sum(e.minutes for e in _exercises_of(catalog, les)) for les in catalog.lessons}
    reading = [lesson.minutes for lesson in catalog.lessons]
    hours = round((sum(reading) + sum(work.values())) / 60)
    least, most = min(work.values()), max(work.values())
    facts = (
        ("number of lessons", r"\*\*\d+ lessons\*\*", f"**{len(catalog.lessons)} lessons**"),
        (
            "number of exercises",
            r"\*\*\d+ exercises\*\*",
            f"**{len(catalog.exercises)} exercises**",
        ),
        ("hours", r"\*\*\d+ hours\*\*", f"**{hours} hours**"),
        ("minutes of a lesson", r"\d+ to \d+ minutes", f"{min(reading)} to {max(reading)} minutes"),
        ("minutes of exercises", r"its exercises \d+ to \d+", f"its exercises {least} to {most}"),
    )
    for what, pattern, wanted in facts:
        yield what, re.compile(pattern), lambda now, wanted=wanted: wanted
    for lesson in catalog.lessons:
        page = re.escape(lesson.notebook.replace(".ipynb", ".md"))
        row = re.compile(rf"(?<=\(learn/{page}\) \| )(?P<says>[^|\n]*)\| \d+ \+ \d+ \|$", re.M)
        minutes = f"| {lesson.minutes} + {work[lesson.id]} |"
        yield f"row of learn/{lesson.notebook[:2]}", row, lambda now, last=minutes: _row(now, last)


def _row(now: str, minutes: str) -> str:
    return now.partition("|")[0] + minutes


def _head(now: str, lesson: Lesson, exercises: list[Exercise]) -> str:
    work = sum(exercise.minutes for exercise in exercises)
    begin = f"**About {lesson.minutes} minutes, and {work} for its "
    if now.endswith(" for its exercise.") and len(exercises) == 1:
        return f"{begin}exercise."
    names = [f"`{exercise.id}`" for exercise in exercises]
    listed = " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    count = len(exercises)
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    text = f"# {begin}{number} {'exercise' if count == 1 else 'exercises'}: {listed}."
    wrapped = textwrap.wrap(
        text, HEAD_WIDTH, subsequent_indent="# ", break_on_hyphens=False, break_long_words=False
    )
    return "\n".join(wrapped).removeprefix("# ")


def _exercises_of(catalog: Catalog, lesson: Lesson) -> list[Exercise]:
    return [exercise for exercise in catalog.exercises if exercise.lesson == lesson.id]


def _flat(text: str) -> str:
    return " ".join(text.replace("\n#", " ").split())
