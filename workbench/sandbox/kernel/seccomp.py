"""A filter on system calls: what no answer to an exercise needs, and an attack does.

It keeps a process in its group, so that one kill ends all it started: `setsid` and `setpgid` report
success and do nothing. It takes away Unix sockets (the Docker engine, the desktop, the judge's own),
what outlives a process (System V memory, keys), and what looks into other processes.
Numbers of calls: arch/x86/entry/syscalls and include/uapi/asm-generic/unistd.h of Linux.
"""

import contextlib
import ctypes
import errno
import os
import struct
import sys

NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER_MODE = 38, 22, 2
ALLOW, FAIL = 0x7FFF0000, 0x00050000
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
UNIX_SOCKETS, EVERYBODY = 1, 0xFFFFFFFF
OTHER_ABI = 0x40000000  # x32: the same calls under other numbers
# architecture's audit number, then the numbers of the calls
MACHINES = {
    "x86_64": (
        0xC000003E,
        {"setsid": 112, "setpgid": 109, "socket": 41, "kill": 62, "tkill": 200, "tgkill": 234}
        | {"rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "ptrace": 101, "shmget": 29}
        | {"semget": 64, "msgget": 68, "mq_open": 240, "add_key": 248, "request_key": 249}
        | {"keyctl": 250, "process_vm_readv": 310, "process_vm_writev": 311, "bpf": 321}
        | {"perf_event_open": 298, "userfaultfd": 323, "unshare": 272, "setns": 308, "mount": 165}
        | {"umount2": 166, "pivot_root": 155, "kexec_load": 246, "io_uring_setup": 425}
        | {"pidfd_open": 434, "pidfd_getfd": 438},
    ),
    "aarch64": (
        0xC00000B7,
        {"setsid": 157, "setpgid": 154, "socket": 198, "kill": 129, "tkill": 130, "tgkill": 131}
        | {"rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "ptrace": 117, "shmget": 194}
        | {"semget": 190, "msgget": 186, "mq_open": 180, "add_key": 217, "request_key": 218}
        | {"keyctl": 219, "process_vm_readv": 270, "process_vm_writev": 271, "bpf": 280}
        | {"perf_event_open": 241, "userfaultfd": 282, "unshare": 97, "setns": 268, "mount": 40}
        | {"umount2": 39, "pivot_root": 41, "kexec_load": 104, "io_uring_setup": 425}
        | {"pidfd_open": 434, "pidfd_getfd": 438},
    ),
}
PRETENDED = ("setsid", "setpgid")
SIGNALLING = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")


def is_possible() -> bool:
    """Whether this kernel and machine know such filters."""
    if sys.platform != "linux" or os.uname().machine not in MACHINES or sys.maxsize < 2**32:
        return False
    return os.path.exists("/proc/sys/kernel/seccomp/actions_avail")  # noqa: PTH110 - no pathlib here


def filter_calls(protected: tuple[int, ...]) -> bool:
    """From now on the filter holds for this process and its children. Returns whether it does.

    `protected`: ids of processes that may not be signalled; with any, nor may everybody at once.
    """
    if not is_possible():
        return False
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        steps = program(*MACHINES[os.uname().machine], protected)
        code = ctypes.create_string_buffer(b"".join(steps))
        told = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
        libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return libc.prctl(SET_SECCOMP, FILTER_MODE, told, 0, 0) == 0
    return False


def program(audit_number: int, calls: dict[str, int], protected: tuple[int, ...]) -> list[bytes]:
    """The filter as instructions of the kernel's classic BPF machine."""
    refuse = _step(RETURN, FAIL | errno.EPERM)
    steps = [_step(LOAD, ARCHITECTURE), _step(EQUAL, audit_number, 1, 0), refuse]
    steps += [_step(LOAD, NUMBER), _step(AT_LEAST, OTHER_ABI, 0, 1), refuse]
    pretend = _step(RETURN, FAIL | 0)
    for name in PRETENDED:
        steps += [_step(EQUAL, calls[name], 0, 1), pretend]
    steps += _refused_for(calls["socket"], (UNIX_SOCKETS,), refuse)
    if protected:
        for name in SIGNALLING:
            steps += _refused_for(calls[name], (EVERYBODY, *protected), refuse)
    kept = {*PRETENDED, "socket", *SIGNALLING}
    for number in (number for name, number in calls.items() if name not in kept):
        steps += [_step(EQUAL, number, 0, 1), refuse]
    return [*steps, _step(RETURN, ALLOW)]


def _refused_for(number: int, arguments: tuple[int, ...], refuse: bytes) -> list[bytes]:
    """Refuses a call when its first argument is one of these; the call's number is loaded again after."""
    tests = [step for value in arguments for step in (_step(EQUAL, value, 0, 1), refuse)]
    body = [_step(LOAD, FIRST_ARGUMENT), *tests, _step(LOAD, NUMBER)]
    return [_step(EQUAL, number, 0, len(body)), *body]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
