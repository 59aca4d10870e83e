"""How long to wait for a learner's code: longer on a machine that is slow, or busy with other things.

The machine is measured once per run, beside the check's own preparations, and again when a deadline has
passed: what slowed the machine down meanwhile must not cost marks.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

# seconds that `measure` may take on a machine that is not slow: its median was 7 ms on two cores of an Intel
# Xeon, Linux 6.18, Python 3.11.7, 2026-11-25
NOMINAL_SECONDS = 0.010
# at most, or a machine in trouble would wait for ever
SLOWEST = 10.0
MOST_MORE_SECONDS = 60.0
LOOPS = 20_000


def measure() -> float:
    """Seconds of wall time for a small fixed computation and the start of a Python."""
    started = time.perf_counter()
    sum(number * number for number in range(LOOPS))
    subprocess.run([sys.executable, "-I", "-S", "-c", ""], stdin=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


class Pace:
    """How many times slower than nominal this machine is, never less than 1."""

    def __init__(self):
        self._slowness = 1.0
        self._measuring: threading.Thread | None = None
        self._beginning = threading.Lock()  # a check may ask from several threads at once

    def begin(self) -> None:
        """Starts the run's one measurement, unless it is done or under way."""
        with self._beginning:
            if self._measuring is None:
                self._measuring = threading.Thread(target=self._measure, daemon=True)
                self._measuring.start()

    @property
    def slowness(self) -> float:
        self.begin()
        self._measuring.join()
        return self._slowness

    def measured_again(self) -> float:
        """The slowness after another measurement; it never becomes less."""
        self._measuring.join()
        self._measure()
        return self._slowness

    def _measure(self) -> None:
        with contextlib.suppress(OSError):  # no process can be started: the check will say so
            self._slowness = max(self._slowness, min(SLOWEST, measure() / NOMINAL_SECONDS))


PACE = Pace()


def waits(base_seconds: float) -> Iterator[float]:
    """Seconds to wait, and then, where the machine proves slower than it was, how much longer."""
    longest = base_seconds + MOST_MORE_SECONDS
    first = min(longest, base_seconds * PACE.slowness)
    yield first
    more = min(longest, base_seconds * PACE.measured_again()) - first
    if more > 0:
        yield more


class Clock:
    """`expired` once the deadline has passed; `seconds` is how long was waited."""

    def __init__(self):
        self.expired = False
        self.seconds = 0.0
        self._done = threading.Event()

    def run(self, base_seconds: float, on_expiry: Callable[[], object]) -> None:
        for seconds in waits(base_seconds):
            self.seconds += seconds
            if self._done.wait(seconds):
                return
        self.expired = True
        on_expiry()

    def stop(self) -> None:
        self._done.set()


@contextlib.contextmanager
def deadline(base_seconds: float, on_expiry: Callable[[], object]) -> Iterator[Clock]:
    """Calls `on_expiry`, from another thread, when the block takes longer than it may."""
    clock = Clock()
    threading.Thread(target=clock.run, args=(base_seconds, on_expiry), daemon=True).start()
    try:
        yield clock
    finally:
        clock.stop()
