"""Faults in SQL and in the files of an image: edits found by their words, outside comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.authoring.mutation.edits import Edit

SQL_COMMENT = re.compile(r"--[^\n]*")
SQL_WORDS = (
    (r"\bLEFT JOIN\b", ("JOIN", "RIGHT JOIN", "FULL JOIN"), "join kind"),
    (r"(?<!LEFT )\bJOIN\b", ("LEFT JOIN",), "join kind"),
    (r"(?<![<>=])<(?![=>])", ("<=", ">"), "comparison"),
    (r"<=", ("<", ">="), "comparison"),
    (r"(?<![<>=-])>(?!=)", (">=", "<"), "comparison"),
    (r"\bmax\(", ("min(", "avg("), "aggregate"),
    (r"\bmin\(", ("max(",), "aggregate"),
    (r"\bsum\(", ("avg(", "max("), "aggregate"),
    (r"\bavg\(", ("sum(", "max("), "aggregate"),
    (r"\bcount\(\*\)", ("count(DISTINCT ordered_at)", "sum(1) + 1"), "aggregate"),
    (r"\bdate_sub\b", ("date_diff",), "aggregate"),
    (r"'day'", ("'hour'", "'week'"), "constant"),
    (r"\bAND\b", ("OR",), "and, or"),
    (r"\bDISTINCT\b", ("",), "dropped word"),
    (r"::\w+", ("", "::BOOLEAN"), "dropped conversion"),
    (r"(?<![\w.])\d+\.\d+", ("1.5",), "constant"),
    (r"(?<![\w.$])\d+(?![\w.])", ("0", "9"), "off by one"),
    (r"\bround\((?P<kept>.+), \d+\)", (r"\g<kept>",), "dropped conversion"),
    (r"\bcoalesce\((?P<kept>\w+), [^)]+\)", (r"\g<kept>",), "dropped conversion"),
    (r"\bordered_at\b", ("sent_at",), "other column"),
    (r"\bsent_at\b", ("ordered_at",), "other column"),
    (r"\b(?P<a>\w+), (?P<b>\$\w+)\)", (r"\g<b>, \g<a>)",), "swapped arguments"),
    (r"(?m)^[ \t]*WHERE [^\n]+\n", ("",), "dropped clause"),
    (r"(?m)^[ \t]*GROUP BY [^\n]+\n", ("",), "dropped clause"),
    (r"(?m)^[ \t]*(?:LEFT )?JOIN [^\n]+\n", ("",), "dropped clause"),
    (r"(?m)^ +[^\n]+ AS (?P<name>\w+),?\n", ("",), "dropped column"),
    (r"\bAS (?P<name>\w+)(?=,?\n)", (r"AS \g<name>_x",), "other name"),
)

INSTRUCTION = re.compile(r"(?m)^[A-Z]+ (?:[^\n]*\\\n)*[^\n]*\n")
DOCKER_WORDS = (
    (r"(?<=\s)--[\w-]+(?:=\S+)? ?", ("",), "dropped flag"),
    (r"(?<=\s)-[a-z] \S+ ?", ("",), "dropped flag"),
    (r"(?<=[=\s])\d+(?=[smh]?\b)", ("1", "99"), "constant"),
    (r"(?<=:)\d+(?=\n)", ("1",), "constant"),
    (r"(?<=\d)s\b", ("m",), "unit"),
    (r"(?m)(?<=^USER )\S+", ("root", "churn"), "other user"),
    (r"(?m)(?<=^COPY )(?!--)\S+", (".",), "constant"),
    (r", \"[^\"\n]*\"(?=[,\]])", ("",), "dropped item"),
    (
        r"(?m)^(?P<head>ENV |    )(?P<pair>[A-Z_]+=\S+)(?P<tail> \\\n)",
        (r"\g<head>",),
        "dropped key",
    ),
    (r"(?m)(?<=[A-Z]=)[^\s\\]+", ("other",), "constant"),
    (r" \\\n && [^\n]+", ("",), "dropped command"),
    (r"/[\w/.-]+", (r"\g<0>-x",), "constant"),
    (r"\b(?:127\.0\.0\.1|0\.0\.0\.0)\b", ("127.0.0.2",), "constant"),
)


def sql_edits(source: str) -> Iterator[Edit]:
    """Joins, comparisons, aggregates, columns, and clauses that are left out."""
    hidden = SQL_COMMENT.sub(lambda m: " " * len(m[0]), source)
    yield from _words(hidden, SQL_WORDS)


def sql_meaning(source: str) -> str:
    return " ".join(SQL_COMMENT.sub(" ", source).split())


def dockerfile_edits(source: str) -> Iterator[Edit]:
    """Instructions left out or in another order; flags, users, paths and values changed."""
    hidden = _without_comments(source)
    instructions = list(INSTRUCTION.finditer(hidden))
    for number, one in enumerate(instructions):
        yield Edit(one.start(), one.end(), "", "dropped instruction")
        if number + 1 < len(instructions):
            two = instructions[number + 1]
            between = source[one.end() : two.start()]
            text = source[two.start() : two.end()] + between + source[one.start() : one.end()]
            yield Edit(one.start(), two.end(), text, "order")
    yield from _words(hidden, DOCKER_WORDS)


def ignore_edits(source: str) -> Iterator[Edit]:
    """Patterns left out, changed, or in another order."""
    lines = list(re.finditer(r"(?m)^[^#\n]+\n", source))
    for number, one in enumerate(lines):
        yield Edit(one.start(), one.end(), "", "dropped pattern")
        yield Edit(one.end() - 1, one.end() - 1, "x", "other pattern")
        if number + 1 < len(lines):
            two = lines[number + 1]
            between = source[one.end() : two.start()]
            yield Edit(one.start(), two.end(), two[0] + between + one[0], "order")


def plain_meaning(source: str) -> str:
    """A file whose comments are whole lines: what is left of it without them."""
    return "\n".join(
        line.rstrip() for line in source.split("\n") if line.strip() and not line.startswith("#")
    )


def _without_comments(source: str) -> str:
    return re.sub(r"(?m)^#[^\n]*", lambda m: "#" * len(m[0]), source)


def _words(hidden: str, rules: tuple) -> Iterator[Edit]:
    for pattern, others, operator in rules:
        for match in re.finditer(pattern, hidden):
            if "#" in match[0]:
                continue
            for other in others:
                yield Edit(*match.span(), match.expand(other), operator)
