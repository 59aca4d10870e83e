"""Runs beside the project: a prediction log in front of a store that does what a check wants."""

import importlib
import logging
import operator
import sys
import threading
import time
from datetime import UTC, datetime

# how long nothing may happen before the waiting ends; a check has ten seconds for all of it
PATIENCE_SECONDS = 2.5
BUSY_SECONDS = 0.1


class Store:
    """Keeps rows in memory. Its first `failures` writes raise; while `gate` is shut, writes wait."""

    def __init__(self):
        self.failures = 0
        self.gate = threading.Event()
        self.gate.set()
        self.writes = []
        self.threads = set()
        self.is_daemon = True
        self.tries = 0
        self.kept = 0

    def write(self, rows):
        self.tries += 1
        self.threads.add(threading.get_ident())
        self.is_daemon = threading.current_thread().daemon
        self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("no space left on the store")
        self.writes.append([row.total_orders for row in rows])
        self.kept += len(rows)

    def close(self):
        pass


class Warnings(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record):
        self.count += 1


class Capacity(int):
    """A capacity that does something, once, in the moment in which a log compares it."""

    action = None

    def _compared(self, compare, other):
        action, self.action = self.action, None
        if action:
            action()
        return compare(int(self), other)

    def __lt__(self, other):
        return self._compared(operator.lt, other)

    def __le__(self, other):
        return self._compared(operator.le, other)

    def __gt__(self, other):
        return self._compared(operator.gt, other)

    def __ge__(self, other):
        return self._compared(operator.ge, other)

    def __eq__(self, other):
        return self._compared(operator.eq, other)

    __hash__ = int.__hash__


class Bench:
    """A prediction log in front of a Store, and what became of each row."""

    def __init__(self, **options):
        from churn_service import prediction_store

        self.store = Store()
        prediction_store.open_store = lambda url: self.store
        sys.modules.pop("churn_service.prediction_log", None)
        self.module = importlib.import_module("churn_service.prediction_log")
        self.module.CLOSE_WITHIN_SECONDS = 0.5
        self.dropped = 0
        self.lock = threading.Lock()
        self.log = self.module.PredictionLog("a-store", on_drop=self.drop, **options)

    def drop(self, rows):
        with self.lock:
            self.dropped += rows

    def record(self, *numbers):
        from churn_service.prediction_store import LoggedPrediction

        for number in numbers:
            now = datetime.now(UTC)
            self.log.record(LoggedPrediction(now, "v1", 1.0, number, 2.0, 0.5, 0.25, 0.001, "p"))

    def wait_for(self, rows):
        """Waits until that many rows are kept or dropped, or nothing happens any more."""
        seen, deadline = 0, time.monotonic() + PATIENCE_SECONDS
        while (done := self.store.kept + self.dropped) < rows and time.monotonic() < deadline:
            if done > seen:
                seen, deadline = done, time.monotonic() + PATIENCE_SECONDS
            time.sleep(0.005)

    def returns(self, function, *given):
        """Whether the call comes back within patience; in a thread, so that it may stay away."""
        caller = threading.Thread(target=function, args=given, daemon=True)
        caller.start()
        caller.join(PATIENCE_SECONDS)
        return not caller.is_alive()

    def still_runs(self):
        """Whether a thread that has written is there still, a while after it should have ended."""
        writers = [thread for thread in threading.enumerate() if thread.ident in self.store.threads]
        for writer in writers:
            if writer is not threading.current_thread():
                writer.join(PATIENCE_SECONDS)
                if writer.is_alive():
                    return True
        return False

    def told(self, **more):
        """What became of the rows: batches as they were written, drops, and who wrote."""
        ours = threading.get_ident() in self.store.threads
        return {
            "writes": list(self.store.writes),
            "dropped": self.dropped,
            "wrote_itself": ours,
            "is_daemon": self.store.is_daemon,
            **more,
        }


def record_and_close(rows: int, options: dict) -> dict:
    bench = Bench(**options)
    bench.record(*range(rows))
    bench.log.close()
    return bench.told(still_runs=bench.still_runs())


def record_and_wait(rows: int, options: dict) -> dict:
    """The rows that are kept without anyone closing the log."""
    bench = Bench(**options)
    bench.record(*range(rows))
    bench.wait_for(rows)
    told = bench.told()
    bench.log.close()
    return told


def record_while_it_hangs(rows: int, options: dict) -> dict:
    """Records a row that the store does not let go of, and `rows` more; then it answers again."""
    bench = Bench(**options)
    bench.store.gate.clear()
    bench.record(rows)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not bench.store.tries and time.monotonic() < deadline:
        time.sleep(0.005)
    came_back = bench.returns(bench.record, *range(rows))
    at_once = bench.dropped
    bench.store.gate.set()
    bench.wait_for(rows + 1)
    bench.returns(bench.log.close)
    return bench.told(dropped_while_hanging=at_once, came_back=came_back)


def close_while_it_hangs(rows: int, options: dict) -> dict:
    bench = Bench(**options)
    bench.store.gate.clear()
    bench.record(*range(rows))
    time.sleep(0.1)  # a batch gets into its hands
    came_back = bench.returns(bench.log.close)
    told = bench.told(came_back=came_back)
    bench.store.gate.set()
    return told


def record_after_close(rows: int, options: dict) -> dict:
    bench = Bench(**options)
    bench.log.close()
    bench.log.close()
    bench.record(*range(rows))
    return bench.told()


def record_while_it_closes(patience_seconds: float, options: dict) -> dict:
    """One row, and while `record` looks for room another thread closes the log, if it is let."""
    capacity = Capacity(options.pop("capacity"))
    bench = Bench(capacity=capacity, **options)
    closer = threading.Thread(target=bench.log.close, daemon=True)

    def close_meanwhile():
        closer.start()
        closer.join(patience_seconds)

    capacity.action = close_meanwhile
    bench.record(0)
    if capacity.action is None:
        closer.join(PATIENCE_SECONDS)
    else:  # nothing was compared
        bench.returns(bench.log.close)
    return bench.told()


def two_outages(rows: int, failures: int, options: dict) -> dict:
    """The store fails, recovers, fails and recovers; how many warnings were logged."""
    warnings = Warnings()
    logging.root.addHandler(warnings)
    try:
        bench = Bench(**options)
        counts = []
        for half in (range(rows // 2), range(rows // 2, rows)):
            bench.store.failures = failures
            bench.record(*half)
            bench.wait_for(half.stop)
            counts.append(warnings.count)
        told = bench.told(warnings=counts, tries=bench.store.tries)
        bench.returns(bench.log.close)
        return told
    finally:
        logging.root.removeHandler(warnings)


def close_while_it_fails(rows: int, options: dict) -> dict:
    bench = Bench(**options)
    bench.store.failures = 1_000_000
    bench.record(*range(rows))
    came_back = bench.returns(bench.log.close)
    return bench.told(came_back=came_back)


def record_from_threads(threads: int, rows: int, options: dict) -> dict:
    bench = Bench(**options)
    shares = [range(n * rows, (n + 1) * rows) for n in range(threads)]
    callers = [threading.Thread(target=bench.record, args=share) for share in shares]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    bench.wait_for(threads * rows)
    bench.log.close()
    return bench.told()


def rest_after_a_batch(rows: int, options: dict) -> dict:
    """How much of the processor a busy thread of ours used, and how much all other threads did.

    On a machine without a moment to spare both get less, and neither more than its share.
    """
    bench = Bench(**options)
    bench.record(*range(rows))
    bench.wait_for(rows)
    patience = time.monotonic() + PATIENCE_SECONDS
    ours, everyone = time.thread_time(), time.process_time()
    while time.thread_time() - ours < BUSY_SECONDS and time.monotonic() < patience:
        pass
    ours, everyone = time.thread_time() - ours, time.process_time() - everyone
    told = bench.told(ours=ours, others=everyone - ours)
    bench.returns(bench.log.close)
    return told


def tries_while_it_fails(rows: int, options: dict) -> dict:
    """How often a store that raises is asked, and in how many seconds."""
    bench = Bench(**options)
    bench.store.failures = 1_000_000
    began = time.monotonic()
    bench.record(*range(rows))
    time.sleep(0.3)
    told = bench.told(tries=bench.store.tries, seconds=time.monotonic() - began)
    bench.store.failures = 0
    bench.returns(bench.log.close)
    return told
