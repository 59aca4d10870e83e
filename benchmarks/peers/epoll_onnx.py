"""The bare model on bare sockets: no server, no checks, no metrics, no log. No service is like that.

One thread waits for all connections, finds the end of a request in what it got, reads four numbers,
runs the model and writes the probability. It is as fast as Python with this model can be.
"""

import os
import selectors
import socket
import sys

import msgspec
import numpy as np
import onnxruntime
from struct_customer import Customer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"


def main() -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        os.environ["BENCHMARK_ONNX"], options, providers=["CPUExecutionProvider"]
    )
    decode = msgspec.json.Decoder(Customer).decode

    def answer(body: bytes) -> bytes:
        asked = decode(body)
        row = (
            asked.days_since_last_order,
            asked.total_orders,
            asked.lifetime_value,
            asked.email_open_rate,
        )
        (both,) = session.run(["probabilities"], {"features": np.array([row], np.float32)})
        content = b'{"churn_probability":%r}' % both[0, 1].item()
        return HEAD % (len(content), content)

    waiting = selectors.DefaultSelector()
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    waiting.register(server, selectors.EVENT_READ)
    received: dict[socket.socket, bytes] = {}
    while True:
        for chosen, _ in waiting.select():
            if chosen.fileobj is server:
                connection, _ = server.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                waiting.register(connection, selectors.EVENT_READ)
                received[connection] = b""
                continue
            connection = chosen.fileobj
            try:
                got = connection.recv(65536)
                head, end, body = (received[connection] + got).partition(b"\r\n\r\n")
                length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
                is_whole = bool(end) and len(body) >= int(length)
                if is_whole:
                    connection.sendall(answer(body))
            except ConnectionError:  # wrk hangs up with answers on their way
                got = b""
            if not got:
                waiting.unregister(connection)
                connection.close()
                del received[connection]
            else:
                received[connection] = b"" if is_whole else received[connection] + got


if __name__ == "__main__":
    main()
