"""Which protections against a learner's code hold on this machine, in words for `doctor` and reports.

Standard library only: `doctor` runs before anything is installed.
"""

from __future__ import annotations

import os
import sys

from workbench.sandbox.kernel import landlock, seccomp

WORDS = {
    "process": "code runs in a process of its own, with a deadline and an environment without secrets",
    "limits": "limits on memory, on the size of a file and on processor time",
    "watch": "a watch on the number of processes, their memory and what they write in all",
    "files": "only the judged project can be read and written; solutions, checks and homes cannot",
    "connections": "a function or a service cannot connect anywhere, so it cannot fetch an answer",
    "signals": "no signal reaches the judge or any other process",
    "group": "nothing outlives the check, and no Unix socket (that of Docker) can be reached",
    "rank": "root's rights are given up, but for reading and writing files",
}


def active() -> list[str]:
    """One line for each protection that holds here."""
    return [WORDS[name] for name in _all() if holds(name)]


def missing() -> list[str]:
    """One line for each protection that this system cannot give."""
    return [WORDS[name] for name in _all() if not holds(name)]


def holds(name: str) -> bool:
    """Whether the protection with this name (a key of WORDS) holds here."""
    return _HOLDS[name]()


def _all() -> list[str]:
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [name for name in WORDS if name != "rank" or is_root]


def _is_linux() -> bool:
    return sys.platform == "linux"


_HOLDS = {
    "process": lambda: True,
    "limits": lambda: os.name == "posix",
    "watch": _is_linux,
    "files": lambda: landlock.version() > 0,
    "connections": landlock.limits_connections,
    "signals": landlock.scopes_signals,
    "group": seccomp.is_possible,
    "rank": _is_linux,
}
