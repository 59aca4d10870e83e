"""Markdown tables and code spans that hold what they are given, whatever signs are in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a `|` in a cell is escaped, a line break becomes a space."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def code(text: str) -> str:
    """A code span of one line. Its quotes are longer than any run of backticks in it."""
    text = " ".join(text.split())
    longest = run = 0
    for sign in text:
        run = run + 1 if sign == "`" else 0
        longest = max(longest, run)
    quotes = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{quotes}{space}{text}{space}{quotes}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
