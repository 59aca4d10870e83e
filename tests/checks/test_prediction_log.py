"""What becomes of recorded predictions: with a store that works, hangs, fails, or is killed."""

import contextlib
import hashlib
import hmac
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workbench.boundary.outcomes import LearnerError, mismatch
from workbench.sandbox.deadlines import PACE

PROBE = Path(__file__).parent / "probes" / "keeping.py"
FEATURES = ("days_since_last_order", "total_orders", "lifetime_value", "email_open_rate")
KEY = "0123456789abcdef" * 2
PATIENCE_SECONDS = 6.0
MOST_ROWS = 10_000
CLOSING_SECONDS = 0.5


def ask(project, function: str, *given, said: str, **options):
    """The probe's answer. `options` are those of PredictionLog."""
    shown = ", ".join(f"{name}={value}" for name, value in options.items())
    return project.probe(
        PROBE, function, *given, options, said=f"log = PredictionLog(url, {shown}); {said}"
    )


def written(answer) -> list:
    return [row for batch in answer.value["writes"] for row in batch]


def expect(answer, holds: bool, got: str, expected: str, look: str) -> None:
    if not holds:
        raise answer.fails(got, expected, look)


def expect_each_once(answer, rows: int, look: str) -> None:
    """Every row was written once or dropped."""
    kept, dropped = written(answer), answer.value["dropped"]
    twice = len(kept) - len(set(kept))
    got = f"{len(set(kept))} of {rows} rows were written, {dropped} counted as dropped"
    if twice:
        got += f", {twice} were written twice"
    right = not twice and len(kept) + dropped == rows
    expect(answer, right, got, f"{rows} in all: each row written once, or counted as dropped", look)


def expect_closed(answer, look: str) -> None:
    came_back = answer.value["came_back"]
    expect(answer, came_back, "`close` did not come back", "it returns, if with losses", look)


@contextlib.contextmanager
def opened(file: Path):
    """The SQLite file, whatever it holds: a statement that does not end (of a view, say) is ended."""
    with contextlib.closing(sqlite3.connect(file, timeout=5)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.row_factory = sqlite3.Row
        until = time.monotonic() + PATIENCE_SECONDS * PACE.slowness
        connection.set_progress_handler(lambda: time.monotonic() > until, 10_000)
        yield connection


def rows_of(file: Path) -> list[dict]:
    """The rows in the SQLite file so far, the first MOST_ROWS; none while there is no table."""
    with opened(file) as connection, contextlib.suppress(sqlite3.DatabaseError):
        found = connection.execute("SELECT * FROM predictions LIMIT ?", (MOST_ROWS,))
        return [dict(row) for row in found]
    return []


def wait_for_rows(file: Path, count: int) -> list[dict]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found := rows_of(file)) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def customer_of(rng) -> dict:
    numbers = (rng.randint(1, 300), rng.randint(1, 50), rng.randint(5, 900), rng.random())
    return {"customer_id": f"C-{rng.getrandbits(40)}", **dict(zip(FEATURES, numbers, strict=True))}


def keeping(project, file: Path, answers=()):
    """A service that keeps its predictions in `file`."""
    model = {"model_version": "v41", "answers": list(answers), "default": 0.5}
    settings = {"CHURN_PREDICTION_LOG": str(file), "CHURN_PSEUDONYM_KEY": KEY}
    return project.start_service(model, settings)


def test_rows_reach_the_store_in_order_and_in_batches(project, rng):
    """Rows reach the store in order, in batches, and all of them by the time of close"""
    rows, most = rng.randint(900, 1100), rng.randint(40, 60)
    said = f"{rows} times log.record(row); log.close()"
    options = {"capacity": 5000, "flush_rows": most, "flush_seconds": 0.2}
    answer = ask(project, "record_and_close", rows, said=said, **options)
    expect_each_once(answer, rows, "what `close` does with what still waits")
    sizes = [len(batch) for batch in answer.value["writes"]]
    largest = max(sizes, default=0)
    got = f"There were {len(sizes)} calls of `write`; the largest had {largest} rows"
    right = largest <= most and len(sizes) <= rows / most * 3 + 10
    wanted = f"batches of at most flush_rows ({most}), and about {rows // most} calls"
    expect(answer, right, got, wanted, "how many rows one call of `write` takes")
    ordered = written(answer) == sorted(written(answer))
    look = "the two ends of the queue: `record` adds at one, the thread takes from the other"
    expect(answer, ordered, "The rows came in another order", "first in, first out", look)


def test_close_writes_what_waits(project):
    """Closing writes what waits, however long flush_seconds are, and ends the thread"""
    said = "3 times log.record(row); log.close()"
    answer = ask(project, "record_and_close", 3, said=said, flush_rows=10, flush_seconds=60)
    kept = len(written(answer))
    look = "how `close` wakes the thread, and what the thread does with the queue before it ends"
    expect(answer, kept == 3, f"{kept} of 3 rows were written", "3", look)
    got = "The rows were written, but the thread that wrote them still runs"
    look = "how the thread learns that the log is closed, and what it does then"
    expect(answer, not answer.value["still_runs"], got, "it ends, and `close` waits for that", look)


def test_waiting_costs_nothing(project):
    """The thread rests while there is nothing to do, and between two tries"""
    said = "10 times log.record(row), which is a full batch; then nothing happens"
    answer = ask(project, "rest_after_a_batch", 10, said=said, flush_rows=10, flush_seconds=0.2)
    ours, others = answer.value["ours"], answer.value["others"]
    got = f"While no row came, the log's thread used {others / ours:.0%} of what a busy loop uses"
    look = (
        "how the thread waits: a loop that asks again and again takes a core from the predictions"
    )
    expect(answer, others < ours / 5, got, "next to nothing", look)
    said = "3 times log.record(row); the store raises each time"
    answer = ask(project, "tries_while_it_fails", 3, said=said, flush_rows=10, flush_seconds=0.05)
    tries, passed = answer.value["tries"], answer.value["seconds"]
    most = 3 + round(passed / 0.05)
    got = f"The store was asked {tries} times in {passed:.1f} s"
    look = "what the thread does between two tries: it waits for flush_seconds"
    expect(answer, tries <= most, got, f"one try every flush_seconds: {most} at most", look)


def test_the_caller_does_not_write(project):
    """A thread of its own talks to the store, never the caller of record"""
    said = "20 times log.record(row)"
    answer = ask(project, "record_and_wait", 20, said=said, flush_rows=5, flush_seconds=0.05)
    expect_each_once(answer, 20, "who takes the rows to the store, and when")
    right = not answer.value["wrote_itself"]
    got = "`store.write` was called by the thread that called `record`"
    look = "what `record` does beside putting the row in the queue: the request waits for it"
    expect(answer, right, got, "a thread of the log's own writes", look)
    got = "The thread that writes is no daemon"
    look = "what a process waits for before it may end: every thread that is no daemon"
    expect(answer, answer.value["is_daemon"], got, "a thread that keeps no process alive", look)


def test_a_lonely_row_does_not_wait_for_company(project):
    """One row is written after about flush_seconds; a full batch does not wait for them"""
    cases = ((1, {"flush_rows": 1000, "flush_seconds": 0.1}, "one row, and flush_seconds pass"),)
    for rows, what in ((1, "one row, which is a full batch"), (10, "ten rows, which are one")):
        cases += ((rows, {"flush_rows": rows, "flush_seconds": 60}, what),)
    for rows, options, what in cases:
        answer = ask(project, "record_and_wait", rows, said=f"{what}; nobody closes it", **options)
        kept = len(written(answer))
        look = "what wakes the thread: the time that passes, and a batch that is full"
        expect(answer, kept == rows, f"{kept} of {rows} rows were written", f"{rows}", look)


def test_a_store_that_hangs_holds_nobody_up(project, rng):
    """While the store hangs, record returns at once; what does not fit is dropped and counted"""
    capacity, batch = rng.randint(80, 120), rng.randint(5, 15)
    rows = capacity * 4
    said = (
        "the store hangs with the first row in hand; "
        f"{rows} times log.record(row); it answers again; log.close()"
    )
    options = {"capacity": capacity, "flush_rows": batch, "flush_seconds": 0.05}
    answer = ask(project, "record_while_it_hangs", rows, said=said, **options)
    look = "what `record` does when the queue is full: it may not wait for room"
    came_back = answer.value["came_back"]
    expect(answer, came_back, "`record` did not come back while the store hung", "it does", look)
    look = "that `on_drop` is called for each row that finds the queue full"
    expect_each_once(answer, rows + 1, look)
    dropped = answer.value["dropped_while_hanging"]
    got, wanted = f"{dropped} of these {rows} rows were dropped", f"{rows - capacity}"
    look = f"what bounds the queue: it has room for capacity rows ({capacity}), and for no more"
    expect(answer, dropped == rows - capacity, got, wanted, look)


def test_a_store_that_fails_is_tried_again(project, rng):
    """A batch that cannot be written is tried again until it is: no row lost, none written twice"""
    rows, failures = rng.randint(40, 60), rng.randint(3, 5)
    said = (
        f"the store raises {failures} times; {rows} rows are recorded, half before a second failure"
    )
    options = {"capacity": 1000, "flush_rows": 10, "flush_seconds": 0.02}
    answer = ask(project, "two_outages", rows, failures, said=said, **options)
    tries, look = answer.value["tries"], "what ends the thread: `write` may raise anything"
    got = f"The store was asked {tries} time{'s' * (tries != 1)} in all"
    expect(answer, tries > 1, got, "again and again, until it works", look)
    expect_each_once(answer, rows, "what happens to the batch in hand when `write` raises")
    first, second = answer.value["warnings"]
    got = (
        f"{first} warnings were logged in the first row of failures, {second - first} in the second"
    )
    look = "when you warn: a failure that follows a failure is no news, and a success ends them"
    if first == 1:
        look = "what a success changes: the failure after it is news again"
    expect(answer, (first, second) == (1, 2), got, "one warning for each row of failures", look)


def test_a_store_that_fails_to_the_end_ends_in_drops(project):
    """Closing while the store fails or hangs comes back, and counts what was lost"""
    options = {"capacity": 1000, "flush_rows": 10, "flush_seconds": 0.1}
    said = "50 times log.record(row); the store raises each time; log.close()"
    answer = ask(project, "close_while_it_fails", 50, said=said, **options)
    expect_closed(answer, "how often the thread tries when the log is closing")
    expect_each_once(answer, 50, "the batch that the thread gives up when it is closed")
    said = "50 times log.record(row); the store hangs; log.close()"
    answer = ask(project, "close_while_it_hangs", 50, said=said, **options)
    expect_closed(answer, "how long `close` waits for the thread: CLOSE_WITHIN_SECONDS")
    dropped = answer.value["dropped"]
    look = "what `close` does with the queue when the thread does not come back"
    got = f"{dropped} of 50 rows were counted as dropped"
    expect(answer, 40 <= dropped <= 50, got, "all but the batch that the store has in hand", look)


def test_a_closed_log_drops(project):
    """After close, and while it closes, record does not raise: the row is dropped and counted"""
    said = "log.close() twice; 3 times log.record(row)"
    answer = ask(project, "record_after_close", 3, said=said, flush_seconds=0.05)
    expect_each_once(answer, 3, "what `record` asks before it queues a row")
    said = "log.record(row); while it looks for room, another thread calls log.close()"
    patience = CLOSING_SECONDS * PACE.slowness
    options = {"capacity": 5, "flush_rows": 2, "flush_seconds": 0.05}
    answer = ask(project, "record_while_it_closes", patience, said=said, **options)
    look = (
        "what lies between asking whether the log is closed and queueing the row: all of `close`, "
        "if nothing keeps it out. A lock around both does, when `close` takes it too"
    )
    expect_each_once(answer, 1, look)


def test_threads_may_record_at_the_same_time(project):
    """Rows of eight threads are all kept, each once"""
    said = "8 threads, each 500 times log.record(row); log.close()"
    options = {"capacity": 10_000, "flush_rows": 100, "flush_seconds": 0.05}
    answer = ask(project, "record_from_threads", 8, 500, said=said, **options)
    expect_each_once(answer, 4000, "what two threads do to each other in `record`")


def test_the_service_keeps_what_it_predicts(project, rng, tmp_path):
    """The service's predictions are in the SQLite file, the customer by pseudonym"""
    customers = [customer_of(rng) for _ in range(5)]
    said = [rng.random() for _ in customers]
    table = [[[c[name] for name in FEATURES], p] for c, p in zip(customers, said, strict=True)]
    started, file = datetime.now(UTC) - timedelta(seconds=1), tmp_path / "kept.sqlite3"
    service = keeping(project, file, table)
    for customer in customers:
        reply = service.post("/predict", customer)
    reply.has_status(200, look="the log changes no answer")
    kept = {row["probability"]: row for row in wait_for_rows(file, len(customers))}
    for customer, probability in zip(customers, said, strict=True):
        digest = hmac.new(KEY.encode(), customer["customer_id"].encode(), hashlib.sha256)
        wanted = {name: customer[name] for name in FEATURES}
        wanted |= {"model_version": "v41", "customer_pseudonym": digest.hexdigest()}
        row = kept.get(probability)
        if row is None or any(row[name] != value for name, value in wanted.items()):
            got = f"The row of the probability {probability} was {row}, of {len(kept)} rows"
            look = "the rows as `record` gets them: they go to the store unchanged"
            raise reply.fails(got, f"a row with {wanted}", look)
        moment = datetime.fromisoformat(row["time"])
        if not (started <= moment <= datetime.now(UTC) and row["latency_seconds"] >= 0):
            raise reply.fails(
                f"Its time was {row['time']}", "the moment it was made, in UTC", "time"
            )


def test_a_locked_database_fails_no_prediction(project, rng, tmp_path):
    """While the database is locked predictions are answered; afterwards they are kept"""
    file, count = tmp_path / "locked.sqlite3", 5
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        service = keeping(project, file)
        for _ in range(count):
            reply = service.post("/predict", customer_of(rng))
            reply.has_status(200, look="a prediction does not depend on its record")
        other.execute("ROLLBACK")
    kept = len(wait_for_rows(file, count))
    if kept != count:
        look = "the batch that met the lock: it is tried again"
        raise reply.fails(f"After the lock {kept} rows were kept", f"{count}", look)


def test_a_killed_process_loses_the_last_flush_at_most(project, rng, tmp_path):
    """A killed process leaves a whole file, with every row that was flushed"""
    file, count = tmp_path / "killed.sqlite3", 20
    service = keeping(project, file)
    did = f"The check sent {count} predictions, waited, sent {count} more and killed the process"
    for _ in range(count):
        service.post("/predict", customer_of(rng))
    flushed = len(wait_for_rows(file, count))
    look = (
        "what is written while the process lives: nobody calls `close` on a process that is killed"
    )
    if flushed < count:
        got = f"Before the kill {flushed} rows were in the file, {PATIENCE_SECONDS:g} seconds after"
        raise mismatch(did, got=got, expected=f"{count} rows", look=look)
    for _ in range(count):
        with contextlib.suppress(LearnerError):
            service.post("/predict", customer_of(rng))
    service.kill()
    with opened(file) as connection:
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
    kept = len(rows_of(file))
    if whole != "ok" or not count <= kept <= 2 * count:
        got = f"The file was {whole!r}, with {kept} rows"
        raise mismatch(
            did, got=got, expected=f"a whole file, {count} to {2 * count} rows", look=look
        )
