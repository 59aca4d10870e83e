"""What a scaffold leaves to its author: a file that holds the mark is not finished."""

from __future__ import annotations

from pathlib import Path

MARK = "TEMPLATE: fill it in"


def is_template(file: Path) -> bool:
    """Whether nobody has filled the file in yet."""
    return MARK in file.read_text(encoding="utf-8", errors="replace")


def complaint_about(file: str) -> str:
    """The sentence about a file, named as an author knows it, that still holds the mark."""
    return f"{file} is a template: fill it in, then take out the words `{MARK}`"
