"""A warm process: it has slow libraries imported already and forks a fresh child for each request.

Run as `python -I warm.py SOCKET PATH PRELOAD...` (POSIX only). It serves requests between imports, so
an early child does not wait for libraries it may not need. It ends when its standard input closes.

One connection is one child. The request is a JSON object (argv, env, cwd) with the child's standard
input, output and error attached; the answers are two lines: the child's pid, then its exit status.
"""

import contextlib
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys

# as they are now: a library that is imported later may put others in their place, as gevent does
from os import fork, waitpid

REQUEST_BYTES = 1 << 20


class WarmProcess:
    def __init__(self, listener: socket.socket):
        self.listener = listener
        self.connections: dict[int, socket.socket] = {}
        self.selector = selectors.DefaultSelector()
        self.wakeup, wake = socket.socketpair()
        self.wakeup.setblocking(False)
        wake.setblocking(False)
        self.wake = wake
        signal.set_wakeup_fd(wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector.register(listener, selectors.EVENT_READ, self.accept)
        self.selector.register(self.wakeup, selectors.EVENT_READ, self.reap)
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ, self.stop)

    def serve(self, preload: list[str]) -> None:
        for module in preload:
            self.handle(timeout=0)
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
        while True:
            self.handle(timeout=None)

    def handle(self, timeout: float | None) -> None:
        for key, _ in self.selector.select(timeout):
            key.data()

    def accept(self) -> None:
        connection, _ = self.listener.accept()
        message, descriptors, _, _ = socket.recv_fds(connection, REQUEST_BYTES, 3)
        if not message or self.is_one_of_ours(
            connection
        ):  # gone before it asked, or not to be served
            for held in (connection.detach(), *descriptors):
                os.close(held)
            return
        request = json.loads(message)
        pid = fork()
        if pid == 0:
            self.become(request, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self.connections[pid] = connection
        connection.sendall(f"{pid}\n".encode())

    def is_one_of_ours(self, connection: socket.socket) -> bool:
        """Whether a child asks, or what it started: learners' code, which would get free of its rules."""
        who = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        with contextlib.suppress(ProcessLookupError):
            return os.getpgid(int.from_bytes(who[:4], sys.byteorder)) in self.connections
        return True

    def become(self, request: dict, descriptors: list[int]) -> None:
        """The child: takes the asked streams, environment and folder, then runs the script."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.selector.close()
            for held in (self.listener, self.wakeup, self.wake, *self.connections.values()):
                held.close()
            os.setsid()
            for target, descriptor in enumerate(descriptors):
                os.dup2(descriptor, target)
                os.close(descriptor)
            # the old objects believe in the old files: a pipe cannot be asked where it stands
            sys.stdin, sys.stdout, sys.stderr = (
                open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
                for number, mode in enumerate("rww")
            )
            os.environ.clear()
            os.environ.update(request["env"])
            os.chdir(request["cwd"])
            sys.dont_write_bytecode = True
            sys.argv = request["argv"]
            runpy.run_path(request["argv"][0], run_name="__main__")
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(bool(end.code))
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.wakeup.recv(4096)
        while self.connections:
            try:
                pid, status = waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            connection = self.connections.pop(pid, None)
            if connection:
                with contextlib.suppress(OSError):
                    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
                connection.close()

    def stop(self) -> None:
        for pid in self.connections:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        os._exit(0)


def main() -> None:
    address, path, *preload = sys.argv[1:]
    load = runpy.run_path(f"{os.path.dirname(__file__)}/kernel/run.py")["load"]  # noqa: PTH120
    load("kernel")
    load("inside")
    if path:
        sys.path.insert(0, path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(address)  # noqa: PTH108 - pathlib is one more import before the first child
    listener.bind(address)
    listener.listen(16)
    WarmProcess(listener).serve(preload)


if __name__ == "__main__":
    main()
