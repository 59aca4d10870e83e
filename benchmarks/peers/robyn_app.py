"""Robyn, whose server is written in Rust, around the same model, metrics and log line."""

import sys

import msgspec
from robyn import Request, Response, Robyn
from struct_customer import Customer
from watched_model import predict_watched

app = Robyn(__file__)
decode = msgspec.json.Decoder(Customer).decode


@app.post("/predict")
async def predict(request: Request) -> Response:
    answer = predict_watched(decode(request.body), request.headers.get("x-request-id"))
    content = msgspec.json.encode(answer)
    return Response(200, {"Content-Type": "application/json"}, content)


if __name__ == "__main__":
    port = int(sys.argv.pop())
    app.start(host="127.0.0.1", port=port)
