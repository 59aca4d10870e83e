"""Names that learners chose, as a page, a spreadsheet and a file system may carry them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from pathlib import PurePath

LONGEST_NAME = 120
LONGEST_SLUG = 60
SUFFIX = re.compile(r"\.(zip|rar|7z|bundle|tar|tgz|tbz2?|txz|tar\.(gz|bz2|xz))\Z", re.IGNORECASE)
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?\Z", re.IGNORECASE)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def shown_name(path: PurePath) -> str:
    """The submission's name: its file name without the ending, in one line, with nothing invisible."""
    text = SUFFIX.sub("", path.name) or path.name
    return one_line(text)[:LONGEST_NAME].strip() or "unnamed"


def one_line(text: str) -> str:
    """The text without control, format and surrogate characters: none can reorder or end a line."""
    kept = (
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else c
        for c in unicodedata.normalize("NFC", text)
    )
    return "".join(kept)


def printable(text: str) -> str:
    """The text with its line ends, but without what XML 1.0 and a terminal cannot carry."""
    kept = (c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs") else " " for c in text)
    return "".join(c if c not in "\ufffe\uffff" else " " for c in kept)


def unique_names(names: list[str]) -> list[str]:
    """The names in their order, with ` (2)`, ` (3)` after those that came before.

    Two names that a file system or a reader would take for one (case, width) count as the same.
    """
    seen: Counter[str] = Counter()
    taken = {_folded(name) for name in names}
    unique = []
    for name in names:
        seen[_folded(name)] += 1
        number, made = seen[_folded(name)], name
        while number > 1:
            made = f"{name} ({number})"
            if _folded(made) not in taken:
                break
            number += 1
        taken.add(_folded(made))
        unique.append(made)
    return unique


def slug_of(name: str) -> str:
    """A file name for `name` on any system; different names have different slugs."""
    plain = re.sub(r"[^a-z0-9_.-]+", "-", name.lower()).strip("-.")[:LONGEST_SLUG]
    if plain == name and not RESERVED.match(plain):
        return plain
    return f"{plain or 'submission'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def csv_cell(text: str) -> str:
    """The text as a spreadsheet shows it: what would be a formula begins with an apostrophe."""
    line = one_line(text)
    return f"'{line}" if line.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else line


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
