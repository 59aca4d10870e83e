"""Files that are either the old or the new, whenever the machine stops."""

import os
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Replace the file in one step: a reader, or a kill, sees the old text or the new.

    What a kill leaves is a draft beside the file; the next write of the same file takes its place.
    Two processes that may write one file at the same time must hold a lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
