"""The commands of `python -m bookstore_model`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bookstore_model.artefact import load_training_report
from bookstore_model.console import errors_as_sentences, print_scores, showing_progress
from bookstore_model.orders import (
    DEFAULT_CUSTOMERS,
    DEFAULT_SEED,
    DEFAULT_TODAY,
    DEFAULT_WEEKS,
)
from bookstore_model.prepare import MODEL_FOLDER, Shop, build_model, build_orders, prepare
from bookstore_model.refusals import DEFAULT_MAX_REFUSED
from bookstore_model.store import DATA_FOLDER, ORDERS_FILE

REFUSED_FILE = "import_refused.csv"

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="BookStore's orders and its churn model."
)

Data = Annotated[Path, typer.Option("--data", help="Folder that holds orders and model.")]
Seed = Annotated[int, typer.Option(min=0, help="Same seed, same result.")]
Today = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The orders end before it.")]
DEFAULT_DAY = datetime.combine(DEFAULT_TODAY, datetime.min.time())


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 cannot be done (one sentence), 2 wrong usage."""
    app(prog_name="python -m bookstore_model")


@app.command()
def generate(
    data: Data = DATA_FOLDER,
    customers: Annotated[int, typer.Option(min=1)] = DEFAULT_CUSTOMERS,
    seed: Seed = DEFAULT_SEED,
    today: Today = DEFAULT_DAY,
    weeks: Annotated[int, typer.Option(min=1, max=520)] = DEFAULT_WEEKS,
    out: Annotated[Path | None, typer.Option(help="DuckDB file to write.")] = None,
) -> None:
    """Draw an order log and marketing emails; replaces the orders there."""
    path = out or data / ORDERS_FILE
    with errors_as_sentences():
        with showing_progress() as report:
            build_orders(path, Shop(customers, seed, today.date(), weeks), report)
        typer.echo(f"Orders of {customers:,} customers are in {path}.")


@app.command()
def train(
    data: Data = DATA_FOLDER,
    orders: Annotated[Path | None, typer.Option(help="DuckDB file to read.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write the model to.")] = None,
    seed: Seed = DEFAULT_SEED,
    plots: Annotated[Path | None, typer.Option(help="Folder to write plots to.")] = None,
) -> None:
    """Train and evaluate on the orders' own time range; replaces the model there."""
    folder = out or data / MODEL_FOLDER
    with errors_as_sentences():
        now = datetime.now(UTC)
        with showing_progress() as report:
            run = build_model(
                orders or data / ORDERS_FILE, folder, seed=seed, now=now, report=report
            )
        if plots is not None:
            from bookstore_model.plots import save_plots

            save_plots(plots, run)
        typer.echo(f"The model is in {folder}.")
        print_scores(load_training_report(folder))


@app.command()
def evaluate(data: Data = DATA_FOLDER) -> None:
    """Show how the model in the data folder scored when it was trained."""
    with errors_as_sentences():
        print_scores(load_training_report(data / MODEL_FOLDER))


@app.command("prepare")
def prepare_command(
    data: Data = DATA_FOLDER,
    customers: Annotated[int | None, typer.Option(min=1)] = None,
    seed: Annotated[int | None, typer.Option(min=0)] = None,
    today: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
) -> None:
    """Generate and train, skipping what is already there and complete."""
    asked = {"customers": customers, "seed": seed, "today": today.date() if today else None}
    asked = {name: value for name, value in asked.items() if value is not None}
    with errors_as_sentences():
        with showing_progress() as report:
            done = prepare(data, asked, now=datetime.now(UTC), report=report)
        typer.echo(f"Orders and model are ready in {data} ({', '.join(done) or 'nothing to do'}).")


@app.command("import")
def import_command(
    orders: Annotated[Path, typer.Argument(metavar="ORDERS.csv")],
    emails: Annotated[Path | None, typer.Option(help="CSV of customer, sent, opened.")] = None,
    data: Data = DATA_FOLDER,
    customer_column: str | None = None,
    date_column: str | None = None,
    amount_column: str | None = None,
    sent_column: str | None = None,
    opened_column: str | None = None,
    date_format: Annotated[str | None, typer.Option(help="For instance %d/%m/%Y.")] = None,
    decimal: Annotated[str | None, typer.Option(help="The mark before the pence: . or ,")] = None,
    delimiter: Annotated[str | None, typer.Option(help="A character, or tab or space.")] = None,
    encoding: str = "utf-8-sig",
    max_refused: Annotated[
        float, typer.Option(min=0, max=1, help="Share of bad rows.")
    ] = DEFAULT_MAX_REFUSED,
) -> None:
    """Take your own orders (customer, date, amount in GBP); replaces the orders in the data folder.

    Bad rows are left out and listed with file, line and reason. A file with more than --max-refused
    bad rows is refused as a whole.
    """
    from bookstore_model.import_orders import CsvFormat, import_orders

    named = {
        "customer": customer_column,
        "date": date_column,
        "amount": amount_column,
        "sent": sent_column,
        "opened": opened_column,
    }
    columns = {role: name for role, name in named.items() if name is not None}
    form = CsvFormat(columns, date_format, decimal, delimiter, encoding)
    with errors_as_sentences():
        summaries = import_orders(
            orders,
            emails,
            form,
            into=data / ORDERS_FILE,
            refused_list=data / REFUSED_FILE,
            max_refused=max_refused,
            now=datetime.now(),
        )
        for summary in summaries:
            typer.echo(summary)
        typer.echo(
            f"The orders are in {data / ORDERS_FILE}; now run `python -m bookstore_model train`."
        )
