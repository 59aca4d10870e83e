"""A constant, from granian's own interface: what the server in Rust and one call into Python take."""

ANSWER = b'{"customer_id":"C-1","churn_probability":0.5}'
HEADERS = [("content-type", "application/json")]


async def app(scope, protocol):
    await protocol()  # the body
    protocol.response_bytes(200, HEADERS, ANSWER)
