"""A watch on what learners' processes use in all; a group that takes too much is ended.

Limits of the kernel hold for one process each, and the one on their number not for root. The watch is
a thread of the judge; it sees processes where there is /proc (Linux), and nothing elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
from dataclasses import dataclass
from pathlib import Path

from workbench.sandbox.kernel.resources import MEMORY_BYTES

MOST_PROCESSES = 128
MOST_WRITTEN_BYTES = 1 << 30
MOST_SHARE_OF_MEMORY = 0.6
LOOK_EVERY_SECONDS = 0.25
# a group that starts processes may start thousands in that time
MANY_PROCESSES, LOOK_SOON_SECONDS = 16, 0.02


@dataclass(frozen=True)
class Ward:
    """A process group: where its trees are, and what was free on their disk when it began."""

    folder: Path
    free_bytes: int


class Warden:
    """Watches process groups from `guard` to `release`."""

    def __init__(self):
        self.wards: dict[int, Ward] = {}
        self.reasons: dict[int, str] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def guard(self, group: int, folder: Path) -> None:
        """Watches the processes of a group, which write below `folder`."""
        if not Path("/proc/self/stat").exists():
            return
        with self._changed:
            self.wards[group] = Ward(folder, shutil.disk_usage(folder).free)
            self.reasons.pop(group, None)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()
            self._changed.notify()

    def release(self, group: int) -> None:
        with self._changed:
            self.wards.pop(group, None)
            self._changed.notify()

    def reason(self, group: int) -> str:
        """Why the group was ended, as a sentence; empty when it was not ended here."""
        return self.reasons.get(group, "")

    def _watch(self) -> None:
        pause = LOOK_EVERY_SECONDS
        while True:
            with self._changed:
                self._changed.wait(pause)
                watched = dict(self.wards)
                if not watched:
                    self._thread = None
                    return
            with contextlib.suppress(OSError):
                most = self.look(watched)
                pause = LOOK_SOON_SECONDS if most > MANY_PROCESSES else LOOK_EVERY_SECONDS

    def look(self, watched: dict[int, Ward]) -> int:
        """Ends each group that takes more than it may. Returns the size of the largest group."""
        counts, memory = usage_by_group()
        for group, ward in watched.items():
            reason = ""
            if counts.get(group, 0) > MOST_PROCESSES:
                reason = f"It had started more than {MOST_PROCESSES} processes and was stopped"
            elif memory.get(group, 0) > most_memory_bytes():
                reason = (
                    f"It took more than {most_memory_bytes() >> 20:,} MB of memory and was stopped"
                )
            elif wrote_too_much(ward):
                reason = (
                    f"It wrote more than {MOST_WRITTEN_BYTES >> 20:,} MB of files and was stopped"
                )
            if reason:
                self.reasons[group] = reason
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(group, signal.SIGKILL)
        return max((counts.get(group, 0) for group in watched), default=0)


def usage_by_group() -> tuple[dict[int, int], dict[int, int]]:
    """For each process group the number of its processes, and the bytes of memory they hold."""
    counts: dict[int, int] = {}
    memory: dict[int, int] = {}
    page = os.sysconf("SC_PAGE_SIZE")
    for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - names only, and often
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
                fields = file.read().rpartition(b")")[2].split()
            group = int(fields[2])
            counts[group] = counts.get(group, 0) + 1
            memory[group] = memory.get(group, 0) + int(fields[21]) * page
    return counts, memory


def most_memory_bytes() -> int:
    """What a group may hold: the limit of one process, or most of what this machine has."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(MEMORY_BYTES, int(machine * MOST_SHARE_OF_MEMORY))


def wrote_too_much(ward: Ward) -> bool:
    """Whether the trees hold too much; they are counted only when the disk has lost as much."""
    if ward.free_bytes - shutil.disk_usage(ward.folder).free < MOST_WRITTEN_BYTES:
        return False
    sizes = (
        (Path(folder) / name).lstat().st_blocks * 512
        for folder, _, names in os.walk(ward.folder)
        for name in names
    )
    return sum(sizes) > MOST_WRITTEN_BYTES


WARDEN = Warden()
