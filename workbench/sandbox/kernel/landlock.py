"""Landlock: the Linux kernel's own way for a process to give up files, ports and signals for good.

Constants and structures: linux/landlock.h; the meaning of each version: docs.kernel.org, "Landlock:
unprivileged access control".
"""

import contextlib
import ctypes
import functools
import os
import stat
import struct
import sys

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture but alpha
NO_NEW_PRIVILEGES = 38
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE, DEVICE_CONTROL = 1 << 13, 1 << 14, 1 << 15
FIRST_VERSION = (1 << 13) - 1
ADDED = {2: REFER, 3: TRUNCATE, 5: DEVICE_CONTROL}
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_CONTROL
READING = EXECUTE | READ_FILE | READ_DIR
# devices, sockets, pipes with a name, and links: the judge reads and writes in the same folders, and would
# wait for a pipe, or be led to another file
NEVER_MADE = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12
CONNECT_TCP = 1 << 1
ABSTRACT_SOCKETS, SIGNALS = 1 << 0, 1 << 1
# /dev holds disks and terminals too, so its harmless part is named
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")


@functools.cache
def version() -> int:
    """The version of the kernel's Landlock; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    with contextlib.suppress(OSError, AttributeError, ValueError):
        return max(0, _libc().syscall(CREATE_RULESET, None, 0, 1))
    return 0


def limits_connections() -> bool:
    return version() >= 4


def scopes_signals() -> bool:
    return version() >= 6


def restrict(read: tuple[str, ...], write: tuple[str, ...], *, may_connect: bool) -> bool:
    """From now on this process and its children read and write beneath these paths only.

    A path that does not exist counts for nothing. Returns whether the kernel agreed.
    """
    known = version()
    if not known:
        return False
    files = FIRST_VERSION
    for since, right in ADDED.items():
        files |= right if known >= since else 0
    connections = CONNECT_TCP if limits_connections() and not may_connect else 0
    scopes = ABSTRACT_SOCKETS | SIGNALS if scopes_signals() else 0
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    asked = struct.pack("QQQ", files, connections, scopes)[:size]
    ruleset = _libc().syscall(CREATE_RULESET, asked, size, 0)
    if ruleset < 0:
        return False
    for path in read:
        _allow(ruleset, path, READING & files)
    for path in (*write, *DEVICES):
        _allow(ruleset, path, files & ~NEVER_MADE)
    _libc().prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    agreed = _libc().syscall(RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return agreed


def _allow(ruleset: int, path: str, rights: int) -> None:
    with contextlib.suppress(OSError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= OF_A_FILE
        _libc().syscall(ADD_RULE, ruleset, 1, struct.pack("=Qi", rights, place), 0)
        os.close(place)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
