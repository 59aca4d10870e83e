"""When a checkout was last committed to, asked without reading anything that could run a program.

git runs what a repository's own configuration names. So a new, empty repository of ours borrows the
objects of the learner's, and the commit's name is read from its files as text.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from workbench.grading.bundles import run_git
from workbench.grading.listing import Unreadable

COMMIT = re.compile(r"[0-9a-f]{40}\Z")
BRANCH = re.compile(r"ref: (refs/heads/[\w./-]{1,200})\Z")
LONGEST_REFS = 1 << 20


def last_commit(folder: Path, scratch: Path) -> float | None:
    """The time of the commit that is checked out in `folder`, or above its exercises/; None if unknown."""
    for place in (folder, folder.parent) if folder.name == "exercises" else (folder,):
        repository = place / ".git"
        if repository.is_dir() and not repository.is_symlink():
            commit = _commit_of(repository)
            return _time_of(repository, commit, scratch) if commit else None
    return None


def _commit_of(repository: Path) -> str:
    """The name of the commit that HEAD stands for; empty when it cannot be told."""
    head = _text(repository / "HEAD")
    if COMMIT.match(head):
        return head
    branch = BRANCH.match(head)
    if not branch or ".." in branch[1]:
        return ""
    loose = _text(repository / branch[1])
    if COMMIT.match(loose):
        return loose
    packed = (line.split(" ") for line in _text(repository / "packed-refs").splitlines())
    return next((row[0] for row in packed if row[1:] == [branch[1]] and COMMIT.match(row[0])), "")


def _text(file: Path) -> str:
    if file.is_symlink() or not file.is_file():
        return ""
    with file.open("rb") as opened:
        return opened.read(LONGEST_REFS).decode("utf-8", "replace").strip()


def _time_of(repository: Path, commit: str, scratch: Path) -> float | None:
    ours = Path(tempfile.mkdtemp(prefix="checkout-", dir=scratch))
    try:
        run_git(ours, "init", "--bare", "--quiet", ".")
        borrowed = (repository / "objects").absolute()
        (ours / "objects" / "info" / "alternates").write_text(f"{borrowed}\n", encoding="utf-8")
        return float(run_git(ours, "rev-list", "--max-count=1", "--timestamp", commit).split()[0])
    except (Unreadable, OSError, ValueError, IndexError):
        return None
