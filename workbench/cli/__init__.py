"""The command line, but for `start`, `test` and `doctor`, which work before anything is installed."""

from __future__ import annotations

import sys

import typer

from workbench.cli.author import dev, docs
from workbench.cli.grade import teaching
from workbench.cli.learn import learning
from workbench.course.problems import UserError

app = typer.Typer(
    name="workbench",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Learn ML engineering by doing it: check, explain, hint, remember.",
)
app.add_typer(learning)
app.add_typer(teaching)
app.add_typer(docs, name="docs")
app.add_typer(dev, name="dev")


def main(argv: list[str] | None = None) -> int:
    """Runs a command; returns its exit status. What the user can mend is told in one sentence."""
    for stream in (sys.stdout, sys.stderr):  # a Windows console may not know every sign
        stream.reconfigure(errors="replace")
    try:
        status = app(args=argv, standalone_mode=False)
        return status if isinstance(status, int) else 0
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except typer.Exit as end:
        return end.exit_code
    except Exception as error:
        if not hasattr(error, "show"):  # only the parser's own errors know how to show themselves
            raise
        error.show()
        return error.exit_code
