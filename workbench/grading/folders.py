"""Lists a folder that was handed in. Links are not followed, and nothing in it is run."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from workbench.grading.checkouts import last_commit
from workbench.grading.listing import (
    MOST_ENTRIES,
    TAKEN_BYTES,
    Entry,
    Listing,
    clean_path,
    counted,
    is_ignored,
)

DEEPEST = 12
KEPT_HIDDEN = {
    ".github",
    ".workbench",
}  # declared files and the learner's progress stand below them
NOT_A_FILE = "is a link or a device; only plain files are taken"


def list_folder(folder: Path, scratch: Path) -> Listing:
    """The listing of a folder and what is below it; `scratch` is a folder for temporary files."""
    return Listing(tuple(counted(_entries(folder))), last_commit(folder, scratch))


def _entries(folder: Path) -> Iterator[Entry]:
    waiting, folders = [(folder, 0)], 0
    while waiting:
        here, depth = waiting.pop()
        folders += 1
        with os.scandir(here) as entries:
            items = sorted(entries, key=lambda item: item.name)
        for item in items:
            if item.is_dir(follow_symlinks=False):
                is_kept = item.name in KEPT_HIDDEN or not is_ignored(item.name)
                if is_kept and depth < DEEPEST and folders < MOST_ENTRIES:
                    waiting.append((Path(item.path), depth + 1))
                continue
            path = clean_path(Path(item.path).relative_to(folder).as_posix())
            if path is not None:
                yield _entry(Path(item.path), path, item.stat(follow_symlinks=False))


def _entry(file: Path, path: PurePosixPath, about: os.stat_result) -> Entry:
    def read() -> bytes:
        # not a link that took the file's place since, and not a pipe that would never answer
        wished = ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")
        flags = sum(getattr(os, name, 0) for name in wished) | os.O_RDONLY
        with os.fdopen(os.open(file, flags), "rb") as opened:
            return opened.read(TAKEN_BYTES)

    problem = "" if stat.S_ISREG(about.st_mode) else NOT_A_FILE
    return Entry(path, about.st_mtime, read, problem)
