"""From nothing to orders and a model on disk, repeating nothing that is already done."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from bookstore_model.artefact import (
    ArtefactError,
    TrainingWindow,
    library_versions,
    load_orders_origin,
    load_training_report,
    save_artefact,
)
from bookstore_model.files import repair_folder, writing_alone
from bookstore_model.orders import (
    CUSTOMERS_PER_CHUNK,
    DEFAULT_CUSTOMERS,
    DEFAULT_SEED,
    DEFAULT_TODAY,
    DEFAULT_WEEKS,
    GENERATOR_VERSION,
    OrderLog,
    iter_orders,
)
from bookstore_model.store import (
    ORDERS_FILE,
    OrdersError,
    OrdersInUseError,
    count_customers,
    iter_order_log,
    load_origin,
    load_time_range,
    save_order_log,
)

MODEL_FOLDER = "model"

Report = Callable[[str, int, int], None]  # step, done so far, total


@dataclass(frozen=True)
class Shop:
    """Which orders to draw: so many customers, from this seed, in the weeks before `today`."""

    customers: int = DEFAULT_CUSTOMERS
    seed: int = DEFAULT_SEED
    today: date = DEFAULT_TODAY
    weeks: int = DEFAULT_WEEKS

    def origin(self) -> dict:
        """What is kept beside the orders, to tell later whether they are these."""
        return {
            "made_by": "generate",
            "generator_version": GENERATOR_VERSION,
            **vars(self),
            "today": self.today.isoformat(),
        }


def build_orders(path: Path, shop: Shop, report: Report) -> None:
    """Draw the shop's orders into `path`, chunk by chunk, so that memory stays bounded."""
    chunks = iter_orders(shop.customers, seed=shop.seed, today=shop.today, weeks=shop.weeks)
    total = -(-shop.customers // CUSTOMERS_PER_CHUNK)
    save_order_log(path, _reported(chunks, "drawing orders", total, report), made_by=shop.origin())


def build_model(orders: Path, folder: Path, *, seed: int, now: datetime, report: Report):
    """Train on the orders in `orders`, save the artefact in `folder`, return the TrainingRun.

    The cut-offs come from the orders' own time range. Raises OrdersError or TrainingError.
    """
    # scikit-learn takes a second to import, and finding that all is done must not.
    from bookstore_model.train import choose_split, train_and_evaluate

    split = choose_split(*load_time_range(orders))
    train, test = _load_examples(orders, (split.train_cutoff, split.test_cutoff), report)
    report("training 100 trees", 0, 1)
    run = train_and_evaluate(train, test, seed=seed)
    save_artefact(
        folder,
        run.model,
        training_window=TrainingWindow(
            first_order=split.first_order.isoformat(),
            cutoff=split.train_cutoff.isoformat(),
            label_end=split.test_cutoff.isoformat(),
        ),
        seed=seed,
        metrics=run.metrics,
        created_at=now,
        orders_origin=load_origin(orders),
    )
    report("training 100 trees", 1, 1)
    return run


def _load_examples(orders: Path, cutoffs: tuple, report: Report) -> list:
    """The Examples at each cut-off, read in one pass over chunks of customers."""
    from bookstore_model.train import examples_at, join_examples

    chunks = iter_order_log(orders, customers_per_chunk=CUSTOMERS_PER_CHUNK)
    total = -(-count_customers(orders) // CUSTOMERS_PER_CHUNK)
    parts = [
        [examples_at(log, cutoff) for cutoff in cutoffs]
        for log in _reported(chunks, "computing features", total, report)
    ]
    return [join_examples(list(of_one_cutoff)) for of_one_cutoff in zip(*parts, strict=True)]


def prepare(data: Path, asked: dict, *, now: datetime, report: Report) -> list[str]:
    """Have orders and a model in `data`; returns what was done, one word each, [] when nothing was.

    `asked` holds the fields of Shop that the caller insists on. Orders that differ from those are
    drawn anew; otherwise complete orders stay, and imported ones always do (asking for others then
    raises OrdersError). The model is trained again when its orders or the libraries changed.
    """
    with writing_alone(data / "prepare"):
        orders, folder = data / ORDERS_FILE, data / MODEL_FOLDER
        repair_folder(folder)
        done = []
        if not _orders_stay(orders, asked):
            build_orders(orders, Shop(**asked), report)
            done.append("generated")
        if not model_is_current(folder, orders):
            seed = asked.get("seed", DEFAULT_SEED)
            build_model(orders, folder, seed=seed, now=now, report=report)
            done.append("trained")
        return done


def model_is_current(folder: Path, orders: Path) -> bool:
    """Whether a complete artefact of these orders, made with these libraries, is in `folder`."""
    try:
        metadata = load_training_report(folder)
        trained_on = load_orders_origin(folder)
    except ArtefactError:
        return False
    fits = metadata.get("library_versions") == library_versions()
    try:
        return fits and load_origin(orders) == trained_on
    except OrdersInUseError:
        return fits  # a notebook is reading the orders: no reason to stop a finished course


def _orders_stay(path: Path, asked: dict) -> bool:
    try:
        origin = load_origin(path)
    except OrdersInUseError:
        return True
    except OrdersError:
        return False
    if origin.get("made_by") == "import" and asked:
        raise OrdersError(
            f"{path} holds orders imported from {origin.get('orders_file')}; to replace them by "
            "generated ones run `python -m bookstore_model generate`."
        )
    wanted = Shop(**asked).origin()
    settled = ("generator_version", *asked)
    return origin.get("made_by") == "import" or all(origin.get(k) == wanted[k] for k in settled)


def _reported(
    chunks: Iterable[OrderLog], step: str, total: int, report: Report
) -> Iterator[OrderLog]:
    report(step, 0, total)
    for done, chunk in enumerate(islice(chunks, total), start=1):
        yield chunk
        report(step, done, total)
