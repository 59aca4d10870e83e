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
        raise NotImplementedError("prediction-log")

    def record(self, row: LoggedPrediction) -> None:
        """Queue the row, or drop it and say so. Never waits, never raises; threads may call it."""
        raise NotImplementedError("prediction-log")

    def close(self) -> None:
        """Write what waits, trying once, and end the thread; closing twice does no harm.

        Returns within CLOSE_WITHIN_SECONDS, or not much later, even while the store hangs. What
        could not be written is dropped, and counted; a batch that the store still has in its hands
        is not, for it may yet be written.
        """
        raise NotImplementedError("prediction-log")

    # TODO(prediction-log): your answer goes here.


class NoPredictionLog:
    """The prediction log that is off."""

    def record(self, row: LoggedPrediction) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Do nothing."""
