"""Lists a git bundle: its history goes into a new repository of ours, where no file is checked out."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from workbench.grading.listing import (
    LARGEST_ARCHIVE_BYTES,
    LARGEST_UNPACKED_BYTES,
    TAKEN_BYTES,
    Entry,
    Listing,
    Unreadable,
    clean_path,
    counted,
)
from workbench.grading.resources import limit

NOT_A_FILE = "is a link or a submodule; only plain files are taken"
GIT_SECONDS = 60
MOST_OUTPUT = 16 << 20
AGAIN = "Make it with `git bundle create NAME.bundle --all` and hand it in again."
BRANCHES = ("HEAD", "refs/heads/main", "refs/heads/master")
PLAIN_FILES = ("100644", "100755")
MAGICS = (b"# v2 git bundle", b"# v3 git bundle")


def is_bundle(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(20).startswith(MAGICS)


def list_bundle(file: Path, folder: Path) -> Listing:
    """The listing of a bundle's main branch; its objects are kept in a new folder below `folder`.

    Raises Unreadable when there is no git here, or the bundle is damaged or holds no branch.
    """
    if not shutil.which("git"):
        raise Unreadable("It is a git bundle, and there is no git here to read it. Hand in a zip.")
    if file.stat().st_size > LARGEST_ARCHIVE_BYTES:
        raise Unreadable(
            f"The bundle has more than {LARGEST_ARCHIVE_BYTES:,} bytes. Hand in a zip."
        )
    repository = Path(tempfile.mkdtemp(prefix="bundle-", dir=folder))
    bundle = str(file.resolve())
    run_git(repository, "init", "--bare", "--quiet", ".")
    commit, ref = _main_branch(run_git(repository, "bundle", "list-heads", bundle).decode())
    run_git(repository, "fetch", "--quiet", "--no-tags", bundle, ref)
    rows = run_git(repository, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")
    committed = float(run_git(repository, "log", "-1", "--format=%ct", commit, "--"))
    entries = []
    for row in counted(filter(None, rows)):
        about, _, name = row.partition(b"\t")
        mode, _, sha = about.decode().split()
        path = clean_path(name.decode("utf-8", "replace"))
        if path is not None:
            problem = "" if mode in PLAIN_FILES else NOT_A_FILE
            entries.append(Entry(path, committed, _reader(repository, sha), problem))
    return Listing(tuple(entries), committed)


def _main_branch(heads: str) -> tuple[str, str]:
    """The commit and the ref to grade: HEAD, main, master, or the only one there is."""
    refs = {ref: sha for sha, _, ref in (line.partition(" ") for line in heads.splitlines())}
    branches = {
        ref: sha for ref, sha in refs.items() if ref == "HEAD" or ref.startswith("refs/heads/")
    }
    for ref in (*BRANCHES, *([next(iter(branches))] if len(branches) == 1 else [])):
        if ref in branches:
            return branches[ref], ref
    listed = ", ".join(sorted(branches)) or "none"
    raise Unreadable(
        f"The bundle has no branch HEAD, main or master (its branches: {listed}). {AGAIN}"
    )


def _reader(repository: Path, sha: str) -> Callable[[], bytes]:
    return lambda: run_git(repository, "cat-file", "blob", sha, most=TAKEN_BYTES, or_less=True)


def run_git(repository: Path, *argv: str, most: int = MOST_OUTPUT, or_less: bool = False) -> bytes:
    """What git writes, at most `most` bytes: more is cut (`or_less`) or refused. No configuration but
    its own default is read, no file is checked out, and nothing of the learner's is run.

    Raises Unreadable, in git's own words, when it fails.
    """
    with tempfile.TemporaryFile() as errors:
        process = _start(repository, argv, errors)
        stopper = threading.Timer(GIT_SECONDS, process.kill)
        stopper.start()
        try:
            with process.stdout:
                output = process.stdout.read(most + 1)
            if len(output) > most:
                process.kill()
            status = process.wait()
        finally:
            stopper.cancel()
        errors.seek(0)
        errors_text = " ".join(errors.read(400).decode("utf-8", "replace").split())
    if len(output) > most and or_less:
        return output[:most]
    if len(output) > most or status != 0:
        errors_text = (
            errors_text.replace(str(repository), "").strip()
            or "git gave up on it: it holds too much"
        )
        raise Unreadable(f"The git bundle cannot be read ({errors_text}). {AGAIN}")
    return output


def _start(repository: Path, argv: tuple[str, ...], errors: IO[bytes]) -> subprocess.Popen:
    env = {n: os.environ[n] for n in ("PATH", "SYSTEMROOT", "TMPDIR") if n in os.environ}
    env |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    env |= {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "file", "HOME": str(repository)}
    process = subprocess.Popen(
        ["git", "--git-dir", str(repository), "-c", "gc.auto=0", *argv],
        cwd=repository,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
    )
    limit(process.pid, memory_bytes=2 << 30, file_bytes=LARGEST_UNPACKED_BYTES, cpu_seconds=60)
    return process
