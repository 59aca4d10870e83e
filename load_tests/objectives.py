"""What a run must keep, and whether it did."""

from __future__ import annotations

from dataclasses import dataclass

from load_tests.timeline import Cell, percentile


@dataclass(frozen=True)
class Objectives:
    """Upper limits on latency and on the share of failures; a lower one on throughput where given.

    The defaults are what a page that shows the answer to a person can live with. They are a starting
    point: take those that your users need.
    """

    p50_ms: float = 100
    p95_ms: float = 300
    p99_ms: float = 1000
    error_rate: float = 0.01
    requests_per_second: float | None = None


@dataclass(frozen=True)
class Miss:
    """One objective that was not kept. `measured` is None when nothing could be measured."""

    objective: str
    limit: float
    measured: float | None

    def __str__(self) -> str:
        if self.measured is None:
            return f"{self.objective}: nothing was measured (limit {self.limit:g})"
        return f"{self.objective} was {self.measured:.4g} (limit {self.limit:g})"


def measure(cell: Cell, seconds: float) -> dict[str, float | None]:
    """Return the numbers that objectives are about, of requests that took `seconds` to make."""
    requests = cell.requests
    return {
        "requests": requests,
        "failures": cell.failures,
        "requests_per_second": round(requests / seconds, 3) if seconds > 0 else None,
        "error_rate": round(cell.failures / requests, 6) if requests else None,
        "p50_ms": percentile(cell.latencies, 0.5),
        "p95_ms": percentile(cell.latencies, 0.95),
        "p99_ms": percentile(cell.latencies, 0.99),
        "max_ms": max(cell.latencies, default=None),
    }


def misses(measured: dict, objectives: Objectives) -> list[Miss]:
    """Return the objectives that the numbers of `measure` do not keep, the latency ones first."""
    found = []
    for name in ("p50_ms", "p95_ms", "p99_ms", "error_rate"):
        limit, value = getattr(objectives, name), measured[name]
        if value is None or value > limit:
            found.append(Miss(name, limit, value))
    least, value = objectives.requests_per_second, measured["requests_per_second"]
    if least is not None and (value is None or value < least):
        found.append(Miss("requests_per_second", least, value))
    return found
