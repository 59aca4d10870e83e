"""GitHub's expressions: what stands between `${{` and `}}`, or behind `if:`, worked out for one run.

The language is that of docs.github.com, "Evaluate expressions in workflows and actions". What a run does not
tell is null, as on GitHub.
"""

from __future__ import annotations

import re
from typing import Any

from workbench.instruments.github.values import FUNCTIONS, OPERATORS, as_text, is_true, number_of

EXPRESSION = re.compile(r"\$\{\{\s*(?P<text>.*?)\s*\}\}", re.DOTALL)
TOKEN = re.compile(
    r"\s*(?:(?P<number>-?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?))"
    r"|(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>&&|\|\||[=!<>]=|[][()<>!.,*]))"
)
LITERALS = {"true": True, "false": False, "null": None}
STATUS = re.compile(r"\b(success|failure|always|cancelled)\s*\(", re.IGNORECASE)
LEVELS = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))
DEEPEST = 40
LONGEST = 2000  # of an expression and of each value: `format` in `format` grows without end


def evaluate(text: str, run: dict[str, Any]) -> Any:
    """The value of an expression in a run: its contexts by name, and its status functions.

    Raises ValueError for what is no expression, or one that this does not know.
    """
    if len(text) > LONGEST:
        raise ValueError(f"the expression has {len(text):,} characters, of {LONGEST:,}")
    reader = _Reader(text, run)
    value = reader.level(0)
    if reader.tokens:
        raise ValueError(f"{reader.tokens[0]!r} stands behind the end of the expression")
    return value


def holds(condition: Any, run: dict[str, Any]) -> bool:
    """Whether an `if` holds. One that asks for no status holds only after success, as on GitHub."""
    text = str(condition).strip()
    whole = EXPRESSION.fullmatch(text)
    text = whole["text"] if whole else text
    is_well = bool(STATUS.search(text)) or run["success"]()
    return is_well and (not text or is_true(evaluate(text, run)))


def filled(text: str, run: dict[str, Any]) -> str:
    """The text with its expressions put in."""
    return EXPRESSION.sub(lambda match: as_text(evaluate(match["text"], run)), text)


def value_of(expression: str) -> str:
    """What stands in for an expression: a word made of its last name, so that it can be found again."""
    return f"value-of-{re.sub('[^A-Za-z0-9_]+', '-', expression).strip('-')}"


def with_stand_ins(text: str) -> str:
    """The text with a word in place of each expression, whose value only GitHub knows."""
    return EXPRESSION.sub(lambda match: value_of(match["text"]), text)


class _Reader:
    """Reads an expression from left to right and works it out on the way."""

    def __init__(self, text: str, run: dict[str, Any]):
        self.run = {name.lower(): value for name, value in run.items()}
        self.tokens = _tokens_of(text)
        self.depth = 0

    def level(self, number: int) -> Any:
        """A chain of the operators of this level; the first of LEVELS binds least."""
        if number == len(LEVELS):
            return self.operand()
        value = self.level(number + 1)
        while self.tokens and self.tokens[0] in LEVELS[number]:
            sign = self.tokens.pop(0)
            value = OPERATORS[sign](value, self.level(number + 1))
        return value

    def operand(self) -> Any:
        self.depth += 1
        token = self.tokens.pop(0) if self.tokens else ""
        if not token or self.depth > DEEPEST:
            raise ValueError("the expression ends too early, or is too deep")
        if token == "!":
            value = not is_true(self.operand())
        elif token == "(":
            value = self.level(0)
            self.expect(")")
        elif token[0] == "'":
            value = token[1:-1].replace("''", "'")
        elif token[0].isalpha() or token[0] == "_":
            value = self.named(token)
        else:
            value = number_of(token)
        self.depth -= 1
        return value

    def named(self, name: str) -> Any:
        """A literal, a function's answer, or what is found along `context.name.name`."""
        if self.tokens[:1] == ["("]:
            return self.answer(name.lower())
        if name.lower() in LITERALS:
            return LITERALS[name.lower()]
        value = self.run.get(name.lower())
        while self.tokens[:1] in (["."], ["["]):
            opened = self.tokens.pop(0)
            key = self.level(0) if opened == "[" else self.tokens.pop(0) if self.tokens else ""
            if opened == "[":
                self.expect("]")
            value = value.get(as_text(key).lower()) if isinstance(value, dict) else None
        return None if callable(value) else value

    def answer(self, name: str) -> Any:
        self.expect("(")
        values = []
        while self.tokens and self.tokens[0] != ")":
            values.append(self.level(0))
            if self.tokens[:1] != [","]:
                break
            self.tokens.pop(0)
        self.expect(")")
        function = FUNCTIONS.get(name) or self.run.get(name)
        if not callable(function):
            raise ValueError(f"{name}() is no function that is known here")
        try:
            value = function(*values)
        except (TypeError, IndexError, RecursionError):
            raise ValueError(f"{name}() does not take {len(values)} values like these") from None
        if isinstance(value, str) and len(value) > LONGEST:
            raise ValueError(f"{name}() makes a text of more than {LONGEST:,} characters")
        return value

    def expect(self, token: str) -> None:
        if not self.tokens or self.tokens.pop(0) != token:
            raise ValueError(f"{token!r} is missing")


def _tokens_of(text: str) -> list[str]:
    tokens, place = [], 0
    while text[place:].strip():
        found = TOKEN.match(text, place)
        if found is None:
            raise ValueError(f"{text[place:].strip()[:20]!r} is no part of an expression")
        tokens.append(found[0].strip())
        place = found.end()
    return tokens
