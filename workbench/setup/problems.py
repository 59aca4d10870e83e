"""What can go wrong in set-up, each as one sentence with its remedy.

docs/start/troubleshooting.md lists the same sentences; a test keeps the two in step.
"""

import errno
from pathlib import Path

from workbench.setup.layout import spelled


class SetupError(Exception):
    """A failure the reader can act on; its text is the whole message."""


# (name, what a tool's output says, the sentence). First match wins.
SYMPTOMS = (
    (
        "disk",
        ("No space left on device", "os error 28", "Errno 28", "os error 112", "quota exceeded"),
        "The disk is full: free some space (a complete set-up takes about 2.5 GB), "
        "then run the same command again.",
    ),
    (
        "certificate",
        ("CERTIFICATE_VERIFY_FAILED", "invalid peer certificate", "self-signed certificate"),
        "The package index's certificate was not accepted: behind a proxy that inspects traffic, "
        "set SSL_CERT_FILE and PIP_CERT to your organisation's certificate file.",
    ),
    (
        "network",
        (
            "Failed to establish a new connection",
            "NewConnectionError",
            "ConnectTimeoutError",
            "ReadTimeoutError",
            "ProxyError",
            "Temporary failure in name resolution",
            "error sending request",
            "dns error",
            "Connection refused",
            "operation timed out",
            "Network is unreachable",
        ),
        "The package index could not be reached: connect to the internet, or behind a proxy set "
        "HTTPS_PROXY, or offline follow docs/start/offline.md.",
    ),
    (
        "hash",
        ("DO NOT MATCH THE HASHES", "Hash mismatch"),
        "A downloaded package is not the one the course pins: use an index that serves the "
        "original files, then run the same command again.",
    ),
    (
        "missing package",
        ("No matching distribution found", "No solution found", "Could not find a version"),
        "A pinned package is not on offer for this Python and platform: use a 64-bit Python 3.11, "
        "3.12 or 3.13, and if you install from a folder of wheels, fill it again as "
        "docs/start/offline.md says.",
    ),
    (
        "permission",
        ("Permission denied", "os error 13", "Errno 13", "Access is denied", "WinError 5"),
        "A file could not be written: close programs that use this folder, and check that you "
        "own it.",
    ),
    (
        "memory",
        ("MemoryError", "Cannot allocate memory", "std::bad_alloc"),
        "The machine ran out of memory: close other programs (the course needs about 4 GB), then "
        "run the same command again.",
    ),
)


def recognise(output: str) -> str | None:
    """Return the name of the first symptom that a tool's output shows, or None."""
    lowered = output.lower()
    return next((n for n, signs, _ in SYMPTOMS if any(s.lower() in lowered for s in signs)), None)


def explain(step: str, output: str, log: str) -> SetupError:
    """Turn a failed step's output into a problem that names the cause, remedy and log."""
    name = recognise(output)
    sentence = next((text for n, _, text in SYMPTOMS if n == name), None)
    if sentence is None:
        sentence = (
            f"{step} did not finish: read the end of the log, mend what it names, "
            f"then run the same command again, or ask `{spelled('doctor')}`."
        )
    return SetupError(f"{sentence} (Step: {step}. Log: {log})")


def explain_os_error(error: OSError, root: Path) -> SetupError:
    """Turn an operating system's refusal into a problem with its remedy."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return SetupError(next(text for name, _, text in SYMPTOMS if name == "disk"))
    where = error.filename or root
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return SetupError(
            f"Cannot write to {where}: copy the course to a folder you own, on a disk that is not "
            "read-only, close programs that use it, and run the command there."
        )
    return SetupError(f"{where}: {error.strerror or error}. Mend that, then run it again.")
