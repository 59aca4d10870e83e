"""What comes of an exception that the learner's code raised and nobody asked for."""

from __future__ import annotations

import errno
import shutil
import tempfile

from workbench.boundary.outcomes import EnvironmentProblem, LearnerError, NotStarted, Outcome
from workbench.setup.layout import spelled

FULL_DISK = f"[Errno {errno.ENOSPC}]"
OWN_PROJECT_ONLY = "a check lets your code use only its own project, and connect to nothing"
LITTLE_ROOM = 16 << 20  # bytes


def raised_outcome(did: str, error: dict, expected: str = "", look: str = "") -> Outcome:
    """The outcome for an exception that was not asked for: an error, or a placeholder still there."""
    if "NotImplementedError" in error["bases"] and error.get("file"):
        return NotStarted(
            f"{error['file']}, line {error['line']}, still holds the placeholder `{error['code']}`",
            look="replace that line with your answer",
        )
    if (
        FULL_DISK in error["message"]
        and shutil.disk_usage(tempfile.gettempdir()).free < LITTLE_ROOM
    ):
        return EnvironmentProblem(
            f"{did}; the disk is full, your answer is not to blame",
            f"It raised {error['type']}: {error['message']}",
            look=f"the space that is left; `{spelled('doctor')}`",
        )
    if "PermissionError" in error["bases"]:
        look = "; ".join(filter(None, (look, OWN_PROJECT_ONLY)))
    place, where = "", ""
    if error.get("file"):
        place = f" ({error['file']}, line {error['line']}: `{error['code']}`)"
        where = f"line {error['line']} of {error['file']}"
    if "SyntaxError" in error["bases"]:  # nothing ran, so what the check had in mind does not help
        look = ""
    pointers = "; ".join(filter(None, (where, look)))
    return LearnerError(
        did, f"It raised {error['type']}: {error['message']}{place}", expected, pointers
    )
