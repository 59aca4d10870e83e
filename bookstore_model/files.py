"""Writing so that a kill at any moment leaves the old or the new, never half of either."""

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextmanager
def writing_alone(target: Path) -> Iterator[None]:
    """Wait until no other process writes `target`, then keep others out.

    The lock is the operating system's, on a hidden file beside `target`, so it ends with the
    process that holds it, even when that is killed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f".{target.name}.lock").open("a+b") as lock:
        if sys.platform == "win32":
            lock.seek(0)
            msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def replacing_file(target: Path) -> Iterator[Path]:
    """Yield a path to write; once the block ends well, that file takes the place of `target`."""
    with writing_alone(target):
        draft = target.with_name(f"{target.name}.new")
        _remove_drafts(draft)  # left by a killed writer
        try:
            yield draft
            flush_to_disk(draft)
            draft.replace(target)
            flush_to_disk(target.parent)
        finally:
            _remove_drafts(draft)


@contextmanager
def replacing_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder to fill; once the block ends well, it takes the place of `target`."""
    with writing_alone(target):
        repair_folder(target)
        draft = _sibling(target, "new")
        draft.mkdir()
        try:
            yield draft
            for path in draft.iterdir():
                flush_to_disk(path)
            flush_to_disk(draft)
            _swap_in(draft, target)
            flush_to_disk(target.parent)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def repair_folder(target: Path) -> None:
    """Finish what a killed `replacing_folder` left: put the old folder back, remove the drafts."""
    old = _sibling(target, "old")
    if old.exists() and not target.exists():
        old.rename(target)
    for leftover in (old, _sibling(target, "new")):
        shutil.rmtree(leftover, ignore_errors=True)


def flush_to_disk(path: Path) -> None:
    """Have the operating system write `path` (a file or a folder) out; folders only on POSIX."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_drafts(draft: Path) -> None:
    """The draft and what a database keeps beside it; a stale journal would spoil the next draft."""
    for path in draft.parent.iterdir():
        if path.name.startswith(draft.name):
            path.unlink(missing_ok=True)


def _sibling(target: Path, role: str) -> Path:
    return target.with_name(f".{target.name}.{role}")


def _swap_in(draft: Path, target: Path) -> None:
    if not target.exists():
        draft.rename(target)
        return
    if _exchange(draft, target):
        return
    old = _sibling(target, "old")
    target.rename(old)
    draft.rename(target)
    shutil.rmtree(old)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step where the system can (Linux's renameat2); False where it cannot.

    Elsewhere the swap takes two renames, and a kill between them is what `repair_folder` mends.
    """
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    if renameat2 is None:
        return False
    relative_to_working_folder, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of linux/fs.h
    here = relative_to_working_folder
    return renameat2(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0
