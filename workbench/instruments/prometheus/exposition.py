"""Prometheus' text format, as a scrape of /metrics returns it, read into numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

SAMPLE = re.compile(
    r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? +(?P<value>\S+)(?: +-?\d+)?$"
)
LABEL = re.compile(r'\s*(?P<name>[a-zA-Z_]\w*)="(?P<value>(?:[^"\\]|\\.)*)"\s*(?:,|$)')
ESCAPED = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


@dataclass(frozen=True)
class Sample:
    """One line of the format: a series, by its name and its labels, and its value."""

    name: str
    labels: dict[str, str]
    value: float


class Scrape:
    """All samples of one scrape."""

    def __init__(self, samples: list[Sample]):
        self.samples = samples

    def of(self, name: str, **labels: str) -> list[Sample]:
        """The samples of that name whose labels have these values, whatever else they have."""
        return [
            sample
            for sample in self.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]

    def total(self, name: str, **labels: str) -> float:
        """The sum of `of(name, **labels)`; 0 when there are none."""
        return sum(sample.value for sample in self.of(name, **labels))

    def bounds(self, name: str) -> list[float]:
        """The upper bounds of a histogram's buckets, each once, as the first series lists them."""
        bounds: list[float] = []
        for sample in self.of(f"{name}_bucket"):
            bound = float(sample.labels.get("le", "nan"))
            if bound in bounds:
                break
            bounds.append(bound)
        return bounds


def parse_exposition(text: str) -> Scrape:
    """The samples of a text in Prometheus' format. Raises ValueError naming the line it cannot read."""
    samples = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = SAMPLE.match(line.rstrip("\r"))
        try:
            labels = _labels(match["labels"] or "")
            samples.append(Sample(match["name"], labels, float(match["value"])))
        except (TypeError, ValueError):
            raise ValueError(f"line {number} is no sample: {line[:120]}") from None
    return Scrape(samples)


def _labels(text: str) -> dict[str, str]:
    labels, place = {}, 0
    while place < len(text):
        match = LABEL.match(text, place)
        if not match:
            raise ValueError(text)
        labels[match["name"]] = re.sub(r"\\.", lambda m: ESCAPED.get(m[0], m[0]), match["value"])
        place = match.end()
    return labels
