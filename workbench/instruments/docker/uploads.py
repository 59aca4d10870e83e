"""Requests held in flight: begun, not finished, until the check says so."""

from __future__ import annotations

import http.client
import socket


class Upload:
    """A POST of a JSON body whose first half has been sent. `finish` sends the rest."""

    def __init__(self, port: int, path: str, body: bytes, patience_seconds: float = 15):
        self.body = body
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=patience_seconds)
        head = [f"POST {path} HTTP/1.1", "Host: check", "Content-Type: application/json"]
        head += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
        self.connection.sendall("\r\n".join(head).encode() + body[: len(body) // 2])

    def finish(self) -> int | str:
        """The status of the answer, or what broke: the name of the exception."""
        try:
            self.connection.sendall(self.body[len(self.body) // 2 :])
            reply = http.client.HTTPResponse(self.connection)
            reply.begin()
            return reply.status
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            self.connection.close()
