"""What was handed in: which of the given folders and files is a submission, and what it is called."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.grading.listing import is_ignored
from workbench.grading.names import shown_name, unique_names

LITTER = {"thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Source:
    """One submission's place. `name` is unique in a class; `note` says when it was handed in again."""

    name: str
    path: Path
    note: str = ""


def find_sources(paths: Iterable[Path], wanted: Iterable[str], output: Path) -> list[Source]:
    """The submissions at `paths`, in a fixed order.

    A folder that holds a declared file at its top, or in exercises/, is one submission; any other holds
    many, and what stands in it is one each. Raises FileNotFoundError naming a path that is not there.
    """
    declared = tuple(wanted)
    named: dict[Path, str] = {}
    for given in paths:
        path = given.resolve()  # what the instructor names is followed; links inside of it are not
        if not path.exists():
            raise FileNotFoundError(f"There is no file or folder {given}.")
        if path.is_dir() and not _is_project(path, declared):
            named |= {child: shown_name(child) for child in sorted(_children(path, output))}
        else:
            named[path] = shown_name(given.absolute())
    names = list(named.values())
    times = Counter(name.casefold() for name in names)
    return [
        Source(unique, path, _again(times[name.casefold()], path))
        for unique, name, path in zip(unique_names(names), names, named, strict=True)
    ]


def _is_project(folder: Path, declared: tuple[str, ...]) -> bool:
    """Whether the folder is a submission: a project, or a repository with one in exercises/."""
    places = (folder, folder / "exercises")
    return any(os.path.lexists(place / path) for place in places for path in declared)


def _children(folder: Path, output: Path) -> Iterator[Path]:
    for child in folder.iterdir():
        if is_ignored(child.name) or child.name.lower() in LITTER or child == output.resolve():
            continue
        yield child


def _again(times: int, path: Path) -> str:
    if times < 2:
        return ""
    return f"handed in {times} times under this name; this row is {shown_place(path)}"


def shown_place(path: Path) -> str:
    """The last two parts of a path: enough for an instructor to tell two hand-ins apart."""
    return "/".join(path.parts[-2:])
