"""What a submission holds, before anything of it is taken: one listing for folders, archives, bundles.

Nothing is ever written to a place that a submission names: a path in an archive is only compared with
the paths that the catalogue declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from workbench.course.overlay import LARGEST_FILE_BYTES

MOST_ENTRIES = 50_000
LARGEST_ARCHIVE_BYTES = 200 << 20
LARGEST_UNPACKED_BYTES = 400 << 20
TAKEN_BYTES = LARGEST_FILE_BYTES + 1  # one more than a check takes, so that too large is seen
# folders that never hold what is handed in; a name with a dot in front is one too
IGNORED_FOLDERS = {"__MACOSX", "__pycache__", "node_modules", "solutions", "site-packages"}


class Unreadable(Exception):
    """A submission cannot be taken in. The message says what is wrong and what to hand in."""


@dataclass(frozen=True)
class Entry:
    """One file of a submission. `read` gives at most TAKEN_BYTES of it; `problem` is why it is not taken."""

    path: PurePosixPath
    modified: float | None
    read: Callable[[], bytes]
    problem: str = ""


@dataclass(frozen=True)
class Listing:
    """All files of a submission. `committed` is when its author last committed, in seconds since 1970."""

    entries: tuple[Entry, ...]
    committed: float | None = None


def clean_path(name: str) -> PurePosixPath | None:
    """The path of an entry, or None when it is absolute, climbs, or is of no use."""
    path = PurePosixPath(name.replace("\\", "/"))
    parts = [part for part in path.parts if part != "."]
    if path.is_absolute() or ".." in parts or not parts or ":" in parts[0] or "\0" in name:
        return None
    return PurePosixPath(*parts)


def is_ignored(folder: str) -> bool:
    """Whether a folder of this name, above a project, means that it is no submission."""
    return folder in IGNORED_FOLDERS or folder.startswith(".")


def counted(items: Iterable) -> Iterator:
    """The items, as long as they are not too many. Raises Unreadable past MOST_ENTRIES."""
    for number, item in enumerate(items):
        if number >= MOST_ENTRIES:
            raise Unreadable(
                f"It holds more than {MOST_ENTRIES:,} files. Hand in the folder exercises/ alone."
            )
        yield item
