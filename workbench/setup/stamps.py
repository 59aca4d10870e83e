"""Proof that a step is done: facts about its inputs and results, written after it, at once."""

import hashlib
import json
from pathlib import Path

from workbench.setup.files import write_atomically


def read_stamp(path: Path) -> dict | None:
    """The facts in a stamp, or None when it is absent or was not written by us."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


def write_stamp(path: Path, facts: dict) -> None:
    """Write a stamp that is either whole or not there, whenever the machine stops."""
    write_atomically(path, json.dumps(facts, indent=1))


def content_hash(paths: list[Path]) -> str:
    """SHA-256 over the files' names and bytes, in name order, whatever their line ends."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def inventory(folder: Path) -> dict[str, list[int]]:
    """Size in bytes and modification time in nanoseconds of every file below ``folder``."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): [path.stat().st_size, path.stat().st_mtime_ns]
        for path in files
    }
