"""Reads files that a learner's process has made, or may have replaced by something else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

LONGEST_MADE = 64 << 20
NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def read_made(file: Path, most_bytes: int = LONGEST_MADE) -> str:
    """The text of a plain file; empty when there is none, or a link, a pipe or a device in its place."""
    try:
        descriptor = os.open(file, os.O_RDONLY | NO_LINKS)
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        return opened.read(most_bytes).decode("utf-8", "replace")
