"""Litestar with msgspec, its own choice, around the same model, metrics and log line."""

from typing import Any

from litestar import Litestar, Request, post
from struct_customer import Customer
from watched_model import predict_watched


@post("/predict", status_code=200)
async def predict(data: Customer, request: Request) -> dict[str, Any]:
    return predict_watched(data, request.headers.get("x-request-id"))


app = Litestar([predict], openapi_config=None)
