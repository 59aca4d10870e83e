"""Every prediction kept for later, without a request ever waiting for it."""

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable

from churn_service.prediction_store import LoggedPrediction, open_store

CLOSE_WITHIN_SECONDS = 3.0


class PredictionLog:
    """A queue in memory, and a thread that writes what is in it to a store, in batches.

    The store is `open_store(url)`, asked for once, in the constructor. Its `write(rows)` keeps all
    the rows or none. It may take long, and it may raise anything: the disk is full, the database is
    locked or gone. None of that is a reason to fail a prediction, so:

    - `record` only puts the row in the queue. Only the thread talks to the store.
    - The queue holds `capacity` rows at most. A row that finds it full is dropped, and so is one
      that comes after `close`. Dropped rows are counted: `on_drop(n)` is called for every n of them.
      The batch that the thread has in hand is not in the queue.
    - A batch has `flush_rows` rows at most, in the order they came. It is written as soon as that
      many wait, and no later than about `flush_seconds` after its first row came: a lonely row does
      not wait for company. So a killed process loses the rows of about `flush_seconds`.
    - A batch that cannot be written is kept and tried again every `flush_seconds`, until it is
      written. It is never written twice.
    - The first failure of a row of failures is logged as one warning through `logging`; the tries
      after it are not. The next failure after a success is logged again.

    Every row is written once or counted as dropped, never both, as long as the store keeps its word.
    """

    def __init__(
        self,
        url: str,
        *,
        on_drop: Callable[[int], None],
        capacity: int = 10_000,
        flush_rows: int = 500,
        flush_seconds: float = 0.5,
    ):
        """Open the store and start the thread, a daemon: it must not keep a process alive."""
        # BEGIN SOLUTION
        self._store = open_store(url)
        self._on_drop = on_drop
        self._capacity = capacity
        self._flush_rows = flush_rows
        self._flush_seconds = flush_seconds
        self._waiting: deque[LoggedPrediction] = deque()
        self._door = threading.Lock()  # nothing comes in once close has held it
        self._enough = threading.Event()
        self._closing = threading.Event()
        self._is_failing = False
        self._writer = threading.Thread(target=self._write_until_closed, daemon=True)
        self._writer.start()
        # END SOLUTION

    def record(self, row: LoggedPrediction) -> None:
        """Queue the row, or drop it and say so. Never waits, never raises; threads may call it."""
        # BEGIN SOLUTION
        with self._door:
            fits = not self._closing.is_set() and len(self._waiting) < self._capacity
            if fits:
                self._waiting.append(row)
        if not fits:
            self._on_drop(1)
        elif len(self._waiting) >= self._flush_rows:
            self._enough.set()
        # END SOLUTION

    def close(self) -> None:
        """Write what waits, trying once, and end the thread; closing twice does no harm.

        Returns within CLOSE_WITHIN_SECONDS, or not much later, even while the store hangs. What
        could not be written is dropped, and counted; a batch that the store still has in its hands
        is not, for it may yet be written.
        """
        # BEGIN SOLUTION
        with self._door:
            self._closing.set()
        self._enough.set()
        self._writer.join(CLOSE_WITHIN_SECONDS)
        self._drop_what_waits()
        # END SOLUTION

    # BEGIN SOLUTION
    def _write_until_closed(self) -> None:
        is_last = False
        while not is_last:
            self._enough.wait(self._flush_seconds)
            self._enough.clear()
            is_last = self._closing.is_set()
            self._write_what_waits()
        self._store.close()

    def _write_what_waits(self) -> None:
        while batch := self._take(self._flush_rows):
            while not self._is_written(batch):
                if self._closing.is_set():
                    self._on_drop(len(batch))
                    return
                self._closing.wait(self._flush_seconds)

    def _take(self, most: int) -> list[LoggedPrediction]:
        taken = []
        with contextlib.suppress(IndexError):  # empty
            while len(taken) < most:
                taken.append(self._waiting.popleft())
        return taken

    def _drop_what_waits(self) -> None:
        if left := self._take(len(self._waiting)):
            self._on_drop(len(left))

    def _is_written(self, batch: list[LoggedPrediction]) -> bool:
        try:
            self._store.write(batch)
        except Exception as error:
            if not self._is_failing:
                logging.getLogger(__name__).warning("predictions cannot be kept: %s", error)
            self._is_failing = True
            return False
        self._is_failing = False
        return True

    # END SOLUTION


class NoPredictionLog:
    """The prediction log that is off."""

    def record(self, row: LoggedPrediction) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Do nothing."""
