"""Limits on memory, processor, files and rank of this process and what it starts."""

import contextlib
import ctypes
import os
import struct
import sys

MEMORY_BYTES = 6 << 30
FILE_BYTES = 64 << 20
CPU_SECONDS = 300  # what is left running when its judge was killed ends by itself
DROP_FROM_BOUNDS, CAPABILITY_VERSION = 24, 0x20080522
# what root keeps (linux/capability.h): to read and write files that another account owns (Landlock says
# which), and to serve on a port below 1024. Gone are signals to anybody, the clock, mounts, raised limits
KEPT_CAPABILITIES = (0, 1, 2, 3, 4, 10)
LAST_CAPABILITY = 40
SET_SECURE_BITS, NO_SETUID_FIXUP = 28, 1 << 2
AMBIENT, RAISE = 47, 2
FIRST_USER, USERS = 1_700_000_000, 4_000_000
MOST_TASKS = 512  # processes and threads


def limit() -> None:
    """Sets the limits. On Windows there are none of these, and the deadline alone holds."""
    try:
        import resource
    except ImportError:
        return
    for name, most in (
        ("RLIMIT_AS", MEMORY_BYTES),
        ("RLIMIT_FSIZE", FILE_BYTES),
        ("RLIMIT_CPU", CPU_SECONDS),
        ("RLIMIT_CORE", 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            kind = getattr(resource, name)
            before = resource.getrlimit(kind)[1]
            least = most if before == resource.RLIM_INFINITY else min(most, before)
            resource.setrlimit(kind, (least, least))
    if sys.platform == "linux":
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
            file.write("1000")  # short of memory, the kernel ends this process before any other


def drop_privileges() -> None:
    """Root becomes a user of no name who may use all files: no signals to others, no clock, no mounts.

    Each tree of processes gets a number of its own, because the kernel's limit on the number of
    processes holds for a user, and never for root.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    for number in range(LAST_CAPABILITY + 1):
        if number not in KEPT_CAPABILITIES:
            libc.prctl(DROP_FROM_BOUNDS, number, 0, 0, 0)
    # else the change of user would take the rest away too, and access() would answer as if it had
    libc.prctl(SET_SECURE_BITS, NO_SETUID_FIXUP, 0, 0, 0)
    with contextlib.suppress(OSError):  # in a container that knows few users, root stays
        nobody = FIRST_USER + os.getpid() % USERS
        os.setresuid(nobody, nobody, nobody)
        limit_processes()
    kept = sum(1 << number for number in KEPT_CAPABILITIES)
    low, high = kept & 0xFFFFFFFF, kept >> 32
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    libc.capset(header, struct.pack("IIIIII", low, low, low, high, high, high))
    for number in KEPT_CAPABILITIES:  # so that a command it runs has them too
        libc.prctl(AMBIENT, RAISE, number, 0, 0)


def limit_processes() -> None:
    """At most so many processes and threads for this process's user."""
    import resource

    resource.setrlimit(resource.RLIMIT_NPROC, (MOST_TASKS, MOST_TASKS))
