"""The error catalogue: every sentence the code can raise, read from the code without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from workbench.authoring.lookup.tables import code, table

# heading, what stands before the table, the folders that are read, the exceptions that are messages
GROUPS = (
    (
        "Set-up: `start`, `test`, `doctor`",
        "More on each of these is in [Troubleshooting](../start/troubleshooting.md).",
        ("workbench/setup",),
        ("SetupError",),
    ),
    (
        "Commands of the workbench",
        "The exit status is 2.",
        ("workbench",),
        ("UserError", "CatalogError", "MarkerError", "MistakeError", "NotYet"),
    ),
    (
        "A file that a check cannot take",
        "The verdict is `failed`.",
        ("workbench",),
        ("SubmissionProblem",),
    ),
    (
        "A check that could not judge",
        "The verdict is `environment`: it costs no points.",
        ("workbench/boundary", "workbench/instruments", "workbench/judging"),
        ("EnvironmentProblem",),
    ),
    (
        "A grading that cannot begin",
        "Nothing is graded, and nothing that was graded before is lost.",
        ("workbench/grading",),
        ("GradingProblem", "NoImage", "OtherCourse"),
    ),
    (
        "A submission that cannot be taken in",
        "It gets a row in the gradebook and a feedback page that says so; the others go on.",
        ("workbench/grading",),
        ("Unreadable",),
    ),
    (
        "The service, when it starts",
        "It ends with the sentence on its standard error.",
        ("solutions/churn_service",),
        ("SettingsError", "ModelRefused"),
    ),
    (
        "The pipeline",
        "",
        ("solutions/pipeline",),
        ("FeaturesError", "ScoringError", "ReleaseError"),
    ),
    (
        "Orders and their model",
        "How to mend an import: [Use your own orders](../do/own-orders.md).",
        ("bookstore_model",),
        ("ImportRefusedError",),
    ),
)

LABELS = {"expected": "Expected: ", "look": "Look at: "}
INDEXERS = ("iloc", "loc")


def catalogue(root: Path, api: dict) -> str:
    """Every message by the program that says it; a name in braces stands for what is filled in."""
    parts = []
    for heading, before, folders, kinds in GROUPS:
        files = [f for folder in folders for f in sorted((root / folder).rglob("*.py"))]
        rows = {}
        for file in files:
            where = file.relative_to(root).as_posix()
            rows |= {text: where for text in messages_of(file.read_text("utf-8"), kinds)}
        if folders == ("workbench/setup",):
            from workbench.setup.problems import SYMPTOMS

            rows |= {text: "workbench/setup/problems.py" for _, _, text in SYMPTOMS}
        listed = [(code(text), code(where)) for text, where in rows.items()]
        parts += [f"## {heading}", before, table(("message", "raised in"), listed)]
    parts += ["## Answers of the service", _problems(api)]
    return "\n\n".join(part for part in parts if part)


def messages_of(source: str, kinds: tuple[str, ...]) -> Iterator[str]:
    """The sentences handed to the exceptions `kinds` in a source, with names for what is filled in."""
    tree = ast.parse(source)
    for node in ast.walk(_Spelled(tree).visit(tree)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds:
            given = [("", _template(argument)) for argument in node.args]
            given += [(LABELS.get(k.arg, ""), _template(k.value)) for k in node.keywords]
            sentences = [label + text for label, text in given if text]
            if any(" " in text for text in sentences):
                yield ". ".join(text.rstrip(".") for text in sentences) + "."


class _Spelled(ast.NodeTransformer):
    """Puts a module's own texts, such as a command to type, where f-strings name them."""

    def __init__(self, module: ast.Module):
        self.texts = {
            node.targets[0].id: node.value
            for node in module.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        }

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        return self.texts.get(getattr(node.value, "id", ""), node)


def _template(node: ast.expr) -> str:
    """A string or f-string as a template; of a choice the last; "" for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _filled_in(part.value) if isinstance(part, ast.FormattedValue) else part.value
            for part in node.values
        )
    if isinstance(node, ast.BoolOp):
        return _template(node.values[-1])
    return ""


def _filled_in(expression: ast.expr) -> str:
    """What stands for an expression in a template: the text of a command, else the name it is about."""
    if isinstance(expression, ast.Call) and getattr(expression.func, "id", "") == "spelled":
        return f"python3 -m workbench {_template(expression.args[0])}"
    return f"{{{_subject(expression) or '...'}}}"


def _subject(expression: ast.expr) -> str:
    """The name an expression is about: of `len(rows)` rows, of `error.strerror` strerror."""
    match expression:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=_, attr=name) if name not in INDEXERS:
            return name
        case ast.Call(func=ast.Attribute(value=ast.Constant()), args=[first, *_]):
            return _subject(first)  # " ".join(words)
        case ast.Call(func=ast.Attribute(value=owner)) | ast.Attribute(value=owner):
            return _subject(owner)  # text.strip()
        case ast.Call(args=[first, *_]):
            return _subject(first)  # len(rows)
        case ast.Subscript(value=owner, slice=ast.Constant(value=str(key))):
            return key if owner else ""
        case ast.Subscript(value=owner):
            return _subject(owner)
        case ast.BinOp(left=left):
            return _subject(left)
    return ""


def _problems(api: dict) -> str:
    seen: dict[str, str] = {}
    for operations in api["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    seen[status] = response["description"]
    return table(("status", "meaning"), sorted(seen.items()))
