"""What the commands print: progress on stderr, results on stdout, errors as one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bookstore_model.errors import HandoverError
from bookstore_model.prepare import Report

SCORES = {
    "roc_auc": "ROC AUC (higher is better)",
    "average_precision": "average precision (higher is better)",
    "brier_score": "Brier score (lower is better)",
}


@contextmanager
def showing_progress() -> Iterator[Report]:
    """Yield a `report(step, done, total)` that moves one bar per step."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    progress = Progress(*columns, console=Console(stderr=True))
    tasks = {}

    def report(step: str, done: int, total: int) -> None:
        progress.start()  # only now, so that a command without steps prints nothing
        if step not in tasks:
            tasks[step] = progress.add_task(step, total=total)
        progress.update(tasks[step], completed=done)

    try:
        yield report
    finally:
        if tasks:
            progress.stop()


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """Print what a user can put right and leave with exit code 1; let real bugs show themselves."""
    try:
        yield
    except (HandoverError, OSError, duckdb.Error) as error:
        typer.echo(f"Error: {_sentence(error)}", err=True)
        raise typer.Exit(1) from error


def print_scores(metadata: dict) -> None:
    """The stored scores of an artefact, the model beside its baseline."""
    window, metrics = metadata["training_window"], metadata["metrics"]
    table = Table(title=f"Model {metadata['model_version']}, tested on later customers")
    table.add_column("score")
    for name in metrics:
        table.add_column(name, justify="right")
    for key, label in SCORES.items():
        table.add_row(label, *(f"{scores[key]:.3f}" for scores in metrics.values()))
    console = Console()
    console.print(table)
    tested = metrics["model"]
    console.print(
        f"Learned from customers as of {window['cutoff'][:10]} and their orders until "
        f"{window['label_end'][:10]}; tested on {tested['customers']:,} customers as of "
        f"{window['label_end'][:10]}, of whom {tested['churn_rate']:.1%} churned.",
        highlight=False,
    )
    if metrics["model"]["roc_auc"] < metrics["baseline"]["roc_auc"]:
        console.print("Days since the last order alone rank these customers better than the model.")


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename or 'check disk space and permissions'}."
    if isinstance(error, duckdb.Error):
        return f"DuckDB reports: {str(error).splitlines()[0]}"
    return str(error)
