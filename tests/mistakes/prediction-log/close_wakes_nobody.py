# fails: test_close_writes_what_waits
# says: how `close` wakes the thread
        # BEGIN SOLUTION
        self._store = open_store(url)
        self._on_drop = on_drop
        self._capacity = capacity
        self._flush_rows = flush_rows
        self._flush_seconds = flush_seconds
        # A deque's append and popleft are atomic, so that record takes no lock.
        self._waiting: deque[LoggedPrediction] = deque()
        self._enough = threading.Event()
        self._closing = threading.Event()
        self._is_failing = False
        self._writer = threading.Thread(target=self._write_until_closed, daemon=True)
        self._writer.start()
        # END SOLUTION
        # BEGIN SOLUTION
        waiting = self._waiting
        if self._closing.is_set() or len(waiting) >= self._capacity:
            self._on_drop(1)
            return
        waiting.append(row)
        if len(waiting) >= self._flush_rows and not self._enough.is_set():
            self._enough.set()
        if self._closing.is_set() and not self._writer.is_alive():  # closed since we looked
            self._drop_what_waits()
        # END SOLUTION
        # BEGIN SOLUTION
        self._closing.set()
        self._writer.join(CLOSE_WITHIN_SECONDS)
        self._drop_what_waits()
        # END SOLUTION
    # BEGIN SOLUTION
    def _write_until_closed(self) -> None:
        while not self._closing.is_set():
            self._enough.wait(self._flush_seconds)
            self._enough.clear()
            self._write_what_waits()
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
