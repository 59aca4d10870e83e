"""Progress on a terminal (one live line per step) and in a pipe (plain lines)."""

import itertools
import shutil
import sys
import time

SPINNER = "|/-\\"  # ASCII: some consoles can show nothing else
HEARTBEAT_SECONDS = 10


def plain_bar(done: int, total: int, width: int = 20) -> str:
    """``#####...............  43/172``; ``total`` must be above zero."""
    filled = min(width, width * done // total)
    return f"{'#' * filled}{'.' * (width - filled)}  {done}/{total}"


class Steps:
    """Says which of ``total`` steps is running, for how long, and how far it is."""

    def __init__(self, total: int, stream=None, clock=time.monotonic):
        self.total, self.stream, self.clock = total, stream or sys.stdout, clock
        self.live = self.stream.isatty()
        self.step, self.name, self.began, self.spoke = 0, "", 0.0, 0.0
        self._spinner = itertools.cycle(SPINNER)

    def begin(self, name: str) -> None:
        self.step, self.name = self.step + 1, name
        self.began = self.spoke = self.clock()

    def tick(self, detail: str = "") -> None:
        """Call often while a step runs; in a pipe a line appears every ten seconds."""
        seconds = self.clock() - self.began
        if self.live:
            self._rewrite(f"{self._label()} {next(self._spinner)} {seconds:3.0f} s  {detail}")
        elif self.clock() - self.spoke >= HEARTBEAT_SECONDS:
            self.spoke = self.clock()
            self._line(f"{self._label()}: {seconds:.0f} s  {detail}".rstrip())

    def announce(self) -> None:
        """Say, in a pipe, that the step has work to do."""
        if not self.live:
            self._line(f"{self._label()} ...")

    def say(self, text: str) -> None:
        self._line(f"{self._label()}: {text}")

    def done(self) -> None:
        self.say(f"done in {self.clock() - self.began:.1f} s")

    def _label(self) -> str:
        return f"[{self.step}/{self.total}] {self.name}"

    def _line(self, text: str) -> None:
        if self.live:
            self._rewrite(text)
            text = ""
        print(text, file=self.stream, flush=True)

    def _rewrite(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        print("\r" + text[:width].ljust(width), end="", file=self.stream, flush=True)
