"""What no HTTP library would send: bodies in chunks, broken requests, uploads that stall."""

import contextlib
import json
import socket

import pytest

from .serving import VALID

HEAD = b"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"


def in_chunks(body: bytes, *, size: int = 1000) -> bytes:
    """Return a request that sends the body in chunks, so without a Content-Length."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    coded = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + coded + b"0\r\n\r\n"


def status_of(answer: bytes) -> int:
    """Return the status of a raw HTTP answer."""
    assert answer.startswith(b"HTTP/1.1 "), answer
    return int(answer.split(b" ", 2)[1])


def test_a_body_in_chunks_is_read_up_to_the_limit(service):
    body = json.dumps(VALID).encode()

    assert status_of(service.send_raw(in_chunks(body, size=7))) == 200
    assert status_of(service.send_raw(in_chunks(body.ljust(16_384)))) == 200


def test_a_body_in_chunks_over_the_limit_is_413_and_not_cut_off(service):
    # Cut at the limit it would be a valid customer.
    body = json.dumps(VALID).encode().ljust(16_384) + b"x"

    answer = service.send_raw(in_chunks(body))

    assert status_of(answer) == 413
    assert b"application/problem+json" in answer


def test_an_endless_body_is_not_read_to_its_end(service):
    endless = (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + (b"1000\r\n" + b"x" * 4096 + b"\r\n") * 12
    )

    assert status_of(service.send_raw(endless)) == 413


def test_an_announced_body_over_the_limit_is_413_before_it_arrives(service):
    assert status_of(service.send_raw(HEAD + b"Content-Length: 999999\r\n\r\n{")) == 413


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"garbage\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        HEAD + b"Content-Length: ten\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        HEAD + b"\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: test\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: test\r\nX-Request-ID: a\r\n b\r\n\r\n",
    ],
)
def test_a_malformed_request_is_answered_400_and_the_service_goes_on(service, request_bytes):
    assert status_of(service.send_raw(request_bytes)) == 400
    assert service.get("/health").ok


@pytest.mark.parametrize(
    "line",
    [
        b"GET /%00%0d%0a HTTP/1.1",
        b"GET /../../etc/passwd HTTP/1.1",
        b"GET /predict%2f HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"BREW /predict HTTP/1.1",
        b"GET /predict?%ff=%fe HTTP/1.1",
    ],
)
def test_an_odd_request_line_is_a_client_error(service, line):
    assert status_of(service.send_raw(line + b"\r\nHost: te st\r\n\r\n")) in (400, 404, 405)


def test_a_body_that_ends_early_is_no_customer(service):
    whole = json.dumps(VALID).encode()
    announced = HEAD + b"Content-Length: %d\r\n\r\n" % len(whole)

    with socket.create_connection(("127.0.0.1", service.port), timeout=5) as connection:
        connection.sendall(announced + whole[:-5])
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536)

    assert status_of(answer) == 400


def test_sixty_uploads_that_stall_do_not_stop_the_others(service):
    with contextlib.ExitStack() as stalled:
        for _ in range(60):
            connection = socket.create_connection(("127.0.0.1", service.port), timeout=5)
            stalled.enter_context(connection)
            connection.sendall(HEAD + b"Content-Length: 200\r\n\r\n{")

        assert service.predict(VALID).status_code == 200
        assert service.get("/health").ok
