"""queue.Queue bounds the queue and wakes the thread; a sentinel tells it to stop."""

import logging
import queue
import threading
import time

from churn_service import prediction_store

CLOSE_WITHIN_SECONDS = 3.0
LAST = object()


class PredictionLog:
    def __init__(self, url, *, on_drop, capacity=10_000, flush_rows=500, flush_seconds=0.5):
        self.store = prediction_store.open_store(url)
        self.on_drop = on_drop
        self.flush_rows = flush_rows
        self.flush_seconds = flush_seconds
        self.rows = queue.Queue(maxsize=capacity)
        self.closed = threading.Event()
        self.thread = threading.Thread(target=self.run, name="prediction-log", daemon=True)
        self.thread.start()

    def record(self, row):
        if self.closed.is_set():
            self.on_drop(1)
            return
        try:
            self.rows.put_nowait(row)
        except queue.Full:
            self.on_drop(1)

    def close(self):
        if self.closed.is_set():
            return
        self.closed.set()
        try:
            self.rows.put_nowait(LAST)  # wakes a thread that waits for rows
        except queue.Full:
            pass
        self.thread.join(timeout=CLOSE_WITHIN_SECONDS)
        lost = 0
        while True:
            try:
                lost += self.rows.get_nowait() is not LAST
            except queue.Empty:
                break
        if lost:
            self.on_drop(lost)

    def collect(self):
        """A batch: complete, or as old as flush_seconds, or the last one."""
        batch, deadline = [], time.monotonic() + self.flush_seconds
        while len(batch) < self.flush_rows:
            left = 0 if self.closed.is_set() else deadline - time.monotonic()
            try:
                row = self.rows.get(timeout=left) if left > 0 else self.rows.get_nowait()
            except queue.Empty:
                break
            if row is LAST:
                break
            batch.append(row)
        return batch

    def run(self):
        was_fine = True
        while True:
            stopping = self.closed.is_set()
            batch = self.collect()
            while batch:
                try:
                    self.store.write(batch)
                    was_fine, batch = True, []
                except Exception:
                    if was_fine:
                        logging.warning("the prediction store does not take rows", exc_info=True)
                    was_fine = False
                    if stopping or self.closed.is_set():
                        self.on_drop(len(batch))
                        return
                    self.closed.wait(self.flush_seconds)
            if stopping and self.rows.empty():
                return


class NoPredictionLog:
    def record(self, row):
        pass

    def close(self):
        pass
