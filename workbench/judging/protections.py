"""Which protections against a learner's code hold on this machine, in words for `doctor` and reports.

Standard library only: `doctor` runs before anything is installed.
"""

from __future__ import annotations

import os
import sys

from workbench.judging.sandbox import landlock, seccomp

PROCESS = "code runs in a process of its own, with a deadline and an environment without secrets"
LIMITS = "limits on memory, on the size of a file and on processor time"
WATCH = "a watch on the number of processes, their memory and what they write in all"
FILES = "only the judged project can be read and written; solutions, checks and homes cannot"
CONNECTIONS = "a function or a service cannot connect anywhere, so it cannot fetch an answer"
SIGNALS = "no signal reaches the judge or any other process"
GROUP = "nothing that was started outlives the check, and no Unix socket (Docker's) can be reached"
RANK = "root's rights are given up, but for reading and writing files"


def active() -> list[str]:
    """One line for each protection that holds here."""
    return [words for words, holds in _all() if holds]


def missing() -> list[str]:
    """One line for each protection that this system cannot give."""
    return [words for words, holds in _all() if not holds]


def _all() -> list[tuple[str, bool]]:
    is_linux = sys.platform == "linux"
    told = [
        (PROCESS, True),
        (LIMITS, os.name == "posix"),
        (WATCH, is_linux),
        (FILES, landlock.version() > 0),
        (CONNECTIONS, landlock.limits_connections()),
        (SIGNALS, landlock.scopes_signals()),
        (GROUP, seccomp.is_possible()),
    ]
    is_root = is_linux and os.geteuid() == 0
    return [*told, (RANK, True)] if is_root else told
