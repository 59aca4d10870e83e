"""What happened in which second: counts, failures and latencies, small enough to send to a master."""

from __future__ import annotations

from collections import Counter, defaultdict

ALL = "all"


def percentile(latencies: Counter, share: float) -> float | None:
    """Return the smallest latency that `share` of the requests did not exceed (nearest rank).

    `latencies` counts requests by milliseconds. None when there are none.
    """
    total = sum(latencies.values())
    reached = 0
    for latency in sorted(latencies):
        reached += latencies[latency]
        if reached >= share * total:
            return latency
    return None


class Cell:
    """The requests of one name in one second."""

    def __init__(self, failures: int = 0, latencies: dict | None = None):
        self.failures = failures
        self.latencies = Counter(latencies or {})

    @property
    def requests(self) -> int:
        return sum(self.latencies.values())

    def add(self, other: Cell) -> None:
        self.failures += other.failures
        self.latencies.update(other.latencies)


class Timeline:
    """Cells by second (of the Unix time at which the answer was there) and request name.

    Latencies are in milliseconds, kept to three digits. `errors` counts (name, error) pairs, `unsent`
    the arrivals that were due before the end and were never sent.
    """

    def __init__(self):
        self.cells: dict[tuple[int, str], Cell] = defaultdict(Cell)
        self.errors: Counter = Counter()
        self.unsent = 0

    def note(self, at: float, name: str, latency_ms: float, error: str | None) -> None:
        """Count one request."""
        cell = self.cells[int(at), name]
        cell.latencies[float(f"{latency_ms:.3g}")] += 1
        if error is not None:
            cell.failures += 1
            self.errors[name, error] += 1

    def drain(self) -> dict:
        """Return everything as plain values, and start again empty: what a worker reports."""
        plain = {
            "cells": [
                [second, name, cell.failures, list(cell.latencies.items())]
                for (second, name), cell in self.cells.items()
            ],
            "errors": [[*key, count] for key, count in self.errors.items()],
            "unsent": self.unsent,
        }
        self.__init__()
        return plain

    def merge(self, plain: dict) -> None:
        """Add what another timeline drained."""
        for second, name, failures, latencies in plain["cells"]:
            self.cells[second, name].add(Cell(failures, dict(map(tuple, latencies))))
        for name, error, count in plain["errors"]:
            self.errors[name, error] += count
        self.unsent += plain["unsent"]

    def total(self, *, start: float = 0, end: float = float("inf"), name: str = ALL) -> Cell:
        """Return one cell of all whole seconds in [start, end), of one name or all of them."""
        total = Cell()
        for (second, of), cell in self.cells.items():
            if start <= second < end and name in (ALL, of):
                total.add(cell)
        return total

    def names(self) -> list[str]:
        return sorted({name for _, name in self.cells})
