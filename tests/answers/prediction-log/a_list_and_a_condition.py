"""A plain list under a condition; the thread swaps it for an empty one and writes slices of it."""

import logging
import threading

from churn_service.prediction_store import open_store

CLOSE_WITHIN_SECONDS = 3.0
log = logging.getLogger("prediction-log")


class PredictionLog:
    def __init__(self, url, *, on_drop, capacity=10_000, flush_rows=500, flush_seconds=0.5):
        self._on_drop, self._capacity = on_drop, capacity
        self._flush_rows, self._flush_seconds = flush_rows, flush_seconds
        self._store = open_store(url)
        self._change = threading.Condition()
        self._rows = []
        self._open = True
        self._broken = False
        self._thread = threading.Thread(target=self._work)
        self._thread.daemon = True
        self._thread.start()

    def record(self, row):
        with self._change:
            fits = self._open and len(self._rows) < self._capacity
            if fits:
                self._rows.append(row)
                if len(self._rows) == self._flush_rows:
                    self._change.notify_all()
        if not fits:
            self._on_drop(1)

    def close(self):
        with self._change:
            self._open = False
            self._change.notify_all()
        self._thread.join(CLOSE_WITHIN_SECONDS)
        with self._change:
            lost, self._rows = len(self._rows), []
        if lost:
            self._on_drop(lost)

    def _enough(self):
        return not self._open or len(self._rows) >= self._flush_rows

    def _work(self):
        batch = []
        while True:
            with self._change:
                if batch:  # it failed: give the store time
                    self._change.wait_for(lambda: not self._open, self._flush_seconds)
                else:
                    self._change.wait_for(self._enough, self._flush_seconds)
                    batch = self._rows[: self._flush_rows]
                    del self._rows[: self._flush_rows]
                last = not self._open
            if batch and self._try(batch):
                batch = []
            if last and batch:
                self._on_drop(len(batch))
                return
            if last and not self._rows:
                return

    def _try(self, batch):
        try:
            self._store.write(batch)
        except Exception as trouble:
            if not self._broken:
                log.error("cannot write predictions (%r), trying again", trouble)
            self._broken = True
            return False
        self._broken = False
        return True


class NoPredictionLog:
    def record(self, row):
        pass

    def close(self):
        pass
