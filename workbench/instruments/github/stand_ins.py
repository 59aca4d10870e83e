"""Programs that stand in for what a workflow's steps call: each notes its call, and fails where it must."""

from __future__ import annotations

from pathlib import Path

from workbench.boundary.made_files import read_made
from workbench.instruments.github.calls import Words

NAMES = "python python3 pip pip3 pytest uv docker curl wget gh git sudo sleep trivy grype timeout"
# A stand-in notes its call, then succeeds, unless its call holds what is to fail.
SCRIPT = """#!/bin/sh
call="$(basename "$0") $*"
printf '%s\\n' "$call" | tr '\\n' ' ' >> "$CALLS"
echo >> "$CALLS"
printf '%s\\037' "${0##*/}" "$@" >> "$WORDS"
printf '\\036' >> "$WORDS"
if [ -n "$FAILING" ]; then
  case "$call" in *"$FAILING"*) echo "$call: failed on purpose" >&2; exit 1 ;; esac
fi
case "$call" in
  *inspect*) echo healthy ;;
  *record_known*) echo '{}' ;;
  "sudo "*) exec "$@" ;;
  "timeout "*) shift; exec "$@" ;;
esac
exit 0
"""


def write_stand_ins(folder: Path) -> None:
    """Makes the folder, with a program for each name."""
    folder.mkdir()
    for name in NAMES.split():
        (folder / name).write_text(SCRIPT, encoding="utf-8")
        (folder / name).chmod(0o755)


def settings_of(noted: Path, failing: str) -> dict[str, str]:
    """The variables by which the stand-ins know where to note a call, and which calls fail."""
    return {"CALLS": str(noted / "calls.txt"), "WORDS": str(noted / "words"), "FAILING": failing}


def calls_in(noted: Path) -> list[str]:
    return read_made(noted / "calls.txt").splitlines()


def words_in(noted: Path) -> list[Words]:
    """The calls again, each as the name and the arguments that the shell handed over."""
    return [
        Words(call.split("\037")[:-1]) for call in read_made(noted / "words").split("\036")[:-1]
    ]
