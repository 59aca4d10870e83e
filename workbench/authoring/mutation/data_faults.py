"""Faults in YAML and JSON: a key or an item left out, a value or its unit changed, a query bent.

The judge's parser says where each value stands; the edit is made in the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from workbench.authoring.mutation.edits import Edit
from workbench.instruments.documents import parse_yaml, yaml_nodes

UNITS = {"s": "m", "m": "h", "h": "m", "d": "h", "k": "m", "g": "m"}
AMOUNT = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>[smhdkg]?)\Z")
# in a longer text: a query or the lines of a script
WORDS = (
    (r"(?<![<>=!~$\w]) (?P<op>>|<|>=|<=|==) (?=\d)", None, "comparison"),
    (r"(?<![\w.$/\[@-])\d+(?:\.\d+)?(?![\w.])", None, "constant"),
    (r"\[(?P<number>\d+)(?P<unit>[smhd])\]", None, "unit"),
    (r"(?<= )--?[a-z][\w-]*(?:=\S+)? ?", ("",), "dropped flag"),
    (r"\b(?P<name>\w+)=(?P<like>~?)\"(?P<value>[^\"$]+)\",? ?", ("",), "dropped label"),
    (r"\brate\(", ("increase(",), "other function"),
    (r"\bincrease\(", ("rate(",), "other function"),
    (r"\bsum\(", ("avg(", "max("), "other function"),
    (r"\babs\(", ("(",), "dropped function"),
    (r"\bsum by \(le\) \(", ("sum(",), "dropped function"),
    (r"\bby \([^)]*\)", ("",), "dropped function"),
    (r" offset \d+[smhd]", ("",), "dropped function"),
    (r"\n[ ]*and [^\n]+", ("",), "dropped condition"),
    (r"\band\b", ("or",), "and, or"),
    (r" (?:&&|\|\|) [^\n]+", ("",), "dropped condition"),
    (r" - ", (" + ",), "arithmetic"),
    (r"(?m)^[ ]+(?!(?:for|do|done|if|then|fi|\[)\b)[a-z][^\n]*\n", ("",), "dropped command"),
    (r"==", ("!=",), "comparison"),
)
TURNED = {">": (">=", "<"), "<": ("<=", ">"), ">=": (">", "<="), "<=": ("<", ">="), "==": ("!=",)}


def data_edits(source: str) -> Iterator[Edit]:
    """All faults in a YAML or JSON file."""
    waiting: list[Any] = [yaml_nodes(source)]
    while waiting:
        node = waiting.pop()
        if node.id == "mapping":
            pairs = node.value
            yield from _left_out(source, node, [(k, v) for k, v in pairs], "dropped key")
            waiting += [value for _, value in pairs]
            yield from (_renamed(key) for key, _ in pairs if _is_plain(source, key))
        elif node.id == "sequence":
            yield from _left_out(
                source, node, [(item, item) for item in node.value], "dropped item"
            )
            waiting += node.value
        else:
            yield from _changed(source, node)


def data_meaning(source: str) -> str | None:
    """What two files share when they differ in comments and layout only; None when they are no YAML."""
    try:
        return repr(parse_yaml(source))
    except ValueError:
        return None


def _left_out(source: str, node: Any, pairs: list, operator: str) -> Iterator[Edit]:
    is_flow = bool(node.flow_style)
    for number, (first, last) in enumerate(pairs):
        start, end = first.start_mark.index, _end(source, last)
        if is_flow and len(pairs) == 1:
            yield Edit(start, end, "", operator)
        elif is_flow and number + 1 < len(pairs):
            yield Edit(start, pairs[number + 1][0].start_mark.index, "", operator)
        elif is_flow:
            yield Edit(_end(source, pairs[number - 1][1]), end, "", operator)
        else:
            line = source.rfind("\n", 0, start) + 1
            head = source[line:start]
            follows_a_dash = bool(head.strip()) and not head.strip("- ")
            if follows_a_dash and operator == "dropped key" and number + 1 < len(pairs):
                yield Edit(start, pairs[number + 1][0].start_mark.index, "", operator)
                continue  # the dash stays
            if len(pairs) > 1 or operator == "dropped item":
                yield Edit(line, min(end + 1, len(source)), "", operator)


def _end(source: str, node: Any) -> int:
    """Where a node's own text ends: the parser counts the blank lines and comments that follow."""
    lines = source[node.start_mark.index : node.end_mark.index].split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return node.start_mark.index + len("\n".join(lines).rstrip())


def _is_plain(source: str, node: Any) -> bool:
    return node.style in (None, '"')


def _renamed(key: Any) -> Edit:
    end = key.end_mark.index - (key.style == '"')
    return Edit(end, end, "X", "other key")


def _changed(source: str, node: Any) -> Iterator[Edit]:
    start, end = node.start_mark.index, _end(source, node)
    text = source[start:end]
    if node.style in ("|", ">") or "{" in text or " " in text:
        yield from _bent(text, start)
        if node.style in ("|", ">"):
            return
    quoted = node.style in ("'", '"')
    inner = (start + quoted, end - quoted)
    amount = AMOUNT.match(node.value)
    if node.tag.endswith(":bool"):
        yield Edit(
            start, end, "false" if node.value in ("true", "yes", "on") else "true", "constant"
        )
    elif amount:
        number, unit = amount["number"], amount["unit"]
        for other in _other_sizes(number):
            yield Edit(*inner, other + unit, "constant")
        if unit:
            yield Edit(*inner, number + UNITS[unit], "unit")
    elif not node.tag.endswith(":null"):
        yield Edit(inner[1], inner[1], "X", "string")
        for match in re.finditer(r"(?<![\w.$])\d+(?![\w.])", text if len(text) < 60 else ""):
            yield Edit(
                start + match.start(), start + match.end(), str(int(match[0]) + 1), "constant"
            )


def _other_sizes(number: str) -> tuple[str, ...]:
    """Of a size that its author chose, one more or less is as good: a tenth of it is not."""
    if number.isdigit() and int(number) > 20:
        return (str(int(number) * 10), str(int(number) // 10))
    return _other_numbers(number)


def _other_numbers(number: str) -> tuple[str, ...]:
    value = (
        json.loads(number) if number == "0" or not number.startswith("0") or "." in number else 0
    )
    if isinstance(value, float):
        return (f"{value * 2:g}", f"{value / 2:g}")
    return (str(value + 1), str(value - 1)) if value > 1 else (str(value + 1),)


def _bent(text: str, offset: int) -> Iterator[Edit]:
    for pattern, others, operator in WORDS:
        for match in re.finditer(pattern, text):
            start, end = offset + match.start(), offset + match.end()
            if others is not None:
                for other in others:
                    yield Edit(start, end, other, operator)
            elif operator == "comparison":
                for other in TURNED[match["op"]]:
                    yield Edit(start, end, f" {other} ", operator)
            elif operator == "unit":
                yield Edit(start, end, f"[{match['number']}{UNITS[match['unit']]}]", operator)
                yield Edit(start, end, f"[{int(match['number']) + 1}{match['unit']}]", operator)
            else:
                for other in _other_numbers(match[0]):
                    yield Edit(start, end, other, operator)
