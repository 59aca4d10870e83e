"""What a build context holds: which files of a project `.dockerignore` lets through to the engine."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable
from pathlib import Path

from workbench.boundary.outcomes import mismatch
from workbench.instruments.docker.engine import Engine

DID = "The check planted secrets, caches and a .git, and sent the build context to the engine"


def sent_files(docker: Engine, folder: Path, scratch: Path) -> set[str]:
    """The paths that the engine gets to build from, told by an image that is nothing but them."""
    (scratch / "All").write_text("FROM scratch\nCOPY . /\n", encoding="utf-8")
    sent = scratch / "sent.tar"
    options = ("--file", str(scratch / "All"), "--output", f"type=tar,dest={sent}")
    docker.build_with(folder, *options, what="docker build")
    with tarfile.open(sent) as archive:
        return {member.name.removeprefix("./") for member in archive if not member.isdir()}


def patterns_of(text: str) -> list[str]:
    """The patterns of a .dockerignore."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def require_sent(sent: set[str], needed: Iterable[str]) -> None:
    missing = [path for path in needed if path not in sent]
    if missing:
        raise mismatch(
            DID,
            got=f"{missing[0]} was not sent",
            expected=f"{', '.join(needed)} and what lies beside them are sent",
            look=".dockerignore: the last pattern that matches a path decides; `!` lets it in again",
        )


def require_kept_back(sent: set[str], unwanted: Iterable[str]) -> None:
    """None of these files is sent; one that ends with a slash stands for all below it."""
    folders = tuple(path for path in unwanted if path.endswith("/"))
    extra = sorted(path for path in sent if path in unwanted or path.startswith(folders))
    if extra:
        raise mismatch(
            DID,
            got=f"{extra[0]} was sent" + (f", and {len(extra) - 1} more" if extra[1:] else ""),
            expected="it stays out, at any depth",
            look=".dockerignore: `.env` matches at the top only, `**/.env` everywhere; and a key that "
            "was sent is one `COPY . .` away from the image",
        )
