"""Which ports of this machine are free."""

import errno
import os
import socket

LOOPBACK = (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` of this machine's loopback addresses."""
    return all(_free_at(address, family, port) for address, family in LOOPBACK)


def _free_at(address: str, family: socket.AddressFamily, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as caller:
            caller.settimeout(0.5)
            # Asked first: macOS and Windows allow a second server on a port that is in use.
            if caller.connect_ex((address, port)) == 0:
                return False
        with socket.socket(family, socket.SOCK_STREAM) as server:
            if os.name == "posix":
                server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((address, port))
    except OSError as error:
        # No IPv6 here is not a port that is taken.
        return error.errno not in (errno.EADDRINUSE, errno.EACCES)
    return True


def first_free(start: int, count: int = 50) -> int | None:
    """The first free port from ``start`` on, or None after ``count`` that are taken."""
    return next((port for port in range(start, start + count) if is_free(port)), None)
