"""The steps of ``start --prepare``, in order, under the set-up lock."""

import os
from contextlib import contextmanager

from workbench.setup.environment import Run, make_environment
from workbench.setup.layout import Layout
from workbench.setup.lock import only_one
from workbench.setup.packages import install_packages
from workbench.setup.problems import SetupError, explain
from workbench.setup.progress import Steps
from workbench.setup.stamps import content_hash, inventory, read_stamp, write_stamp

NEEDED_FILES = ("requirements.txt", "bookstore_model", "solutions", "notebooks")
RELEASE_FOLDERS = ("solutions/model", "exercises/model")


def require_clone(layout: Layout, *needed: str) -> None:
    """Refuse to start in half a clone, naming what is not there."""
    absent = [name for name in needed or NEEDED_FILES if not (layout.root / name).exists()]
    if absent:
        raise SetupError(
            f"{', '.join(absent)} is missing from {layout.root}, so this is not a complete copy of "
            f"the course: run `git checkout -- {' '.join(absent)}` there, or clone it again."
        )


@contextmanager
def one_setup(layout: Layout, progress: Steps):
    """Yield a ``Run`` that no other set-up of this clone overlaps."""
    has_said = False

    def waiting(holder: str) -> None:
        nonlocal has_said
        if not has_said:
            print(f"Another set-up of this folder is running ({holder}); waiting for it to finish.")
        has_said = True

    layout.logs.mkdir(parents=True, exist_ok=True)
    with only_one(layout.lock, waiting) as descriptor:
        yield Run(layout, progress, descriptor)


def prepare(layout: Layout, *, for_tests: bool = False) -> None:
    """Make the environment, install the pins, and see that orders and model are there.

    Raises ``SetupError`` with one sentence and its remedy. Finished steps are not repeated.
    """
    require_clone(layout)
    os.chdir(layout.root)
    with one_setup(layout, Steps(total=5 if for_tests else 4)) as run:
        make_environment(run)
        install_packages(run, "requirements.txt", "Packages")
        make_orders_and_model(run)
        make_release(run)
        if for_tests:
            require_clone(layout, "requirements-test.txt")
            install_packages(run, "requirements-test.txt", "Test packages")


def orders_facts(layout: Layout) -> dict:
    """What made the orders and the model, and the files that came of it."""
    sources = [*(layout.root / "bookstore_model").rglob("*.py"), layout.root / "requirements.txt"]
    return {"sources": content_hash(sources), "data": inventory(layout.root / "data")}


def orders_ready(layout: Layout) -> bool:
    facts = orders_facts(layout)
    return bool(facts["data"]) and read_stamp(layout.orders_stamp) == facts


def make_orders_and_model(run: Run) -> None:
    """Have the handover generate its orders and train its model; it skips what it has."""
    layout = run.layout
    run.progress.begin("Orders and model")
    if orders_ready(layout):
        return run.progress.say("ready")
    run.progress.announce()
    command = [str(layout.python), "-m", "bookstore_model", "prepare"]
    status, output, log = run.execute(command, "orders-and-model")
    if status:
        raise explain("Orders and model", output, log)
    write_stamp(layout.orders_stamp, orders_facts(layout))
    return run.progress.done()


def release_facts(layout: Layout) -> dict:
    """What the shipped model was made of, and the copies of it that the projects hold."""
    sources = [*(layout.root / "solutions/pipeline").glob("*.py")]
    copies = {name: inventory(layout.root / name) for name in RELEASE_FOLDERS}
    made_of = {"sources": content_hash(sources), "handover": inventory(layout.root / "data/model")}
    return {**made_of, "copies": copies}


def release_ready(layout: Layout) -> bool:
    facts = release_facts(layout)
    return all(facts["copies"].values()) and read_stamp(layout.release_stamp) == facts


def make_release(run: Run) -> None:
    """Have the reference pipeline compress and export the model that both projects ship."""
    layout = run.layout
    run.progress.begin("Model to ship")
    if release_ready(layout):
        return run.progress.say("ready")
    run.progress.announce()
    command = [str(layout.python), "-m", "pipeline.release", "--data", str(layout.root / "data")]
    for name in RELEASE_FOLDERS:
        command += ["--out", str(layout.root / name)]
    status, output, log = run.execute(command, "model-to-ship", folder=layout.root / "solutions")
    if status:
        raise explain("Model to ship", output, log)
    write_stamp(layout.release_stamp, release_facts(layout))
    return run.progress.done()
