"""FastAPI and pydantic around the same ONNX model, with the same metrics and the same log line."""

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field
from watched_model import predict_watched

app = FastAPI()


class Customer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    customer_id: str = Field(min_length=1, max_length=128)
    days_since_last_order: float = Field(ge=0, le=1e9)
    total_orders: float = Field(ge=0, le=1e9)
    lifetime_value: float = Field(ge=0, le=1e9)
    email_open_rate: float = Field(ge=0, le=1)


class Prediction(BaseModel):
    customer_id: str
    churn_probability: float
    churn_prediction: bool
    risk_level: str
    model_version: str


@app.post("/predict")
async def predict(customer: Customer, request: Request) -> Prediction:
    return Prediction(**predict_watched(customer, request.headers.get("x-request-id")))
