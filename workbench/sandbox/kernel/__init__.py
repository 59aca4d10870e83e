"""What a learner's process may do, set by the process itself before it meets the learner's code.

Standard library only, and no import of the workbench: it is loaded by path into processes that must not
see the course. Nothing here fails where the kernel lacks something; `confine` says what holds.
"""

import json
import os
from collections import namedtuple

from . import landlock, resources, seccomp


class Rules(
    namedtuple(
        "Rules",
        ("read", "write", "may_connect", "shares_memory", "protected"),
        defaults=((), (), False, False, ()),
    )
):
    """Paths a process may read, and may also write; `may_connect`: to TCP ports of any machine.

    `shares_memory`: it may make semaphores for processes of its own. `protected`: ids of processes that
    it may not signal, for kernels that cannot keep all signals inside.
    """

    __slots__ = ()

    def as_text(self) -> str:
        return json.dumps(self)


def rules_from(text: str) -> Rules | None:
    """The inverse of `as_text`; None for an empty text, which asks for limits on resources only."""
    return Rules(*json.loads(text)) if text else None


def confine(rules: Rules | None) -> None:
    """Binds this process, and all it will ever start, to the limits and to the rules."""
    resources.limit()
    if rules is None:
        return
    resources.drop_privileges()
    write = (*rules.write, "/dev/shm") if rules.shares_memory else rules.write
    landlock.restrict(rules.read, write, may_connect=rules.may_connect)
    protected = () if landlock.scopes_signals() else (*rules.protected, os.getppid())
    seccomp.filter_calls(protected)
