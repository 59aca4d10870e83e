"""One set-up at a time in one clone.

The operating system holds the lock, so a killed process leaves none behind. The file's text only
says who holds it.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

FAR = 1 << 20  # Windows locks bytes, and a locked byte cannot be read: lock one past the text


def _try_lock(descriptor: int) -> bool:
    try:
        if fcntl:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            os.lseek(descriptor, FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        # This file system has no locks (some network shares): better to go on than to stop.
        return True
    return True


def holder(path: Path) -> str:
    """Who took the lock last, as written in its file."""
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else ""


def held_by(path: Path) -> str | None:
    """Who holds the lock now, or None when it is free."""
    if not path.exists():
        return None
    descriptor = os.open(path, os.O_RDWR)
    try:
        return None if _try_lock(descriptor) else (holder(path) or "another process")
    finally:
        os.close(descriptor)


@contextmanager
def only_one(path: Path, waiting: Callable[[str], None]) -> Iterator[int]:
    """Hold the lock at ``path``; yield its descriptor.

    While another process holds it, ``waiting`` is called with that holder every 0.2 seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while not _try_lock(descriptor):
            waiting(holder(path) or "another process")
            time.sleep(0.2)
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"process {os.getpid()}\n".encode())
        yield descriptor
    finally:
        os.close(descriptor)
