# fails: test_a_lonely_row_does_not_wait_for_company
# says: one row, which is a full batch
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
# BEGIN SOLUTION
        with self._door:
            fits = not self._closing.is_set() and len(self._waiting) < self._capacity
            if fits:
                self._waiting.append(row)
        if not fits:
            self._on_drop(1)
# END SOLUTION
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
