"""The API's own description: /openapi.json for programs, /docs for people, both offline."""

from functools import cache
from http import HTTPStatus

from flask import Flask, render_template
from pydantic import BaseModel, Field

from churn_service import customer
from churn_service.predictor import FEATURE_ORDER

PROBLEMS = {
    400: "The body is not JSON.",
    413: "The body is over the limit.",
    415: "The media type is not application/json.",
    422: "The body is JSON, but not a valid customer.",
    500: "The service failed; its log says why.",
    503: "No model is loaded, or it cannot predict.",
}
REQUEST_ID = {
    "X-Request-ID": {
        "description": "The id of this request in the service's log.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    }
}
EXAMPLE = {
    "customer_id": "C-1001",
    "days_since_last_order": 45,
    "total_orders": 12,
    "lifetime_value": 310.5,
    "email_open_rate": 0.35,
}
ASKED = {
    "ChurnPrediction": "Will this customer leave?",
    "BatchAnswer": "Which of these customers will leave?",
}
# What a row must be is said of each row in the answer, so the document asks no more of it.
BATCH = {
    "type": "object",
    "required": ["customers"],
    "properties": {
        "customers": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1000,
            "description": "each a Customer; one that is not is refused alone",
        }
    },
    "additionalProperties": False,
}


class Health(BaseModel):
    """The process is alive. The version is null while no model is loaded."""

    status: str = Field(pattern="^healthy$")
    model_version: str | None


class Ready(BaseModel):
    """A model is loaded and has just made a prediction."""

    status: str = Field(pattern="^ready$")
    model_version: str


class ChurnPrediction(BaseModel):
    """How likely the customer is to place no order in the next 90 days."""

    customer_id: str
    churn_probability: float = Field(ge=0, le=1)
    churn_prediction: bool = Field(description="true when the probability is above 0.5")
    risk_level: str = Field(pattern="^(high|medium|low)$")
    model_version: str


class ProblemOfField(BaseModel):
    """One thing wrong with one field; "body" stands for the whole body."""

    field: str
    problem: str


class RowPrediction(BaseModel):
    """The prediction for one customer of a batch."""

    customer_id: str
    churn_probability: float = Field(ge=0, le=1)
    churn_prediction: bool
    risk_level: str = Field(pattern="^(high|medium|low)$")


class RowRefusal(BaseModel):
    """Why one row of a batch is no customer."""

    errors: list[ProblemOfField] = Field(min_length=1)


class BatchAnswer(BaseModel):
    """One result for each row of a batch, in their order."""

    model_version: str
    predicted: int = Field(ge=0)
    refused: int = Field(ge=0)
    results: list[RowPrediction | RowRefusal]


class Problem(BaseModel):
    """Problem details as of RFC 9457."""

    type: str
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    errors: list[ProblemOfField] = Field(default=[], description="present when there are any")


def init_app(app: Flask) -> None:
    """Add GET /openapi.json (OpenAPI 3.1) and GET /docs, a page that needs no other site.

    The document is made when it is first asked for: a service starts without waiting for it.
    """

    @app.get("/openapi.json")
    def openapi_document():
        return describe_api()

    @app.get("/docs")
    def docs_page():
        return render_template("docs.html", document=describe_api())


@cache
def describe_api() -> dict:
    """Return the OpenAPI document, its schemas made by pydantic from the models."""
    models = (Health, Ready, ChurnPrediction, BatchAnswer, RowPrediction, RowRefusal)
    schemas = {model.__name__: _schema_of(model) for model in (*models, ProblemOfField, Problem)}
    schemas["Customer"] = customer_schema()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "BookStore churn service",
            "version": "1",
            "description": "A request id sent as X-Request-ID is kept when it has 1 to 64 letters, "
            "digits, dots, underscores or hyphens, and replaced otherwise.",
        },
        "paths": {
            "/health": {"get": _operation("Is the process alive?", "Health", (500,))},
            "/ready": {"get": _operation("Can it predict?", "Ready", (500, 503))},
            "/predict": {"post": _predict_operation("ChurnPrediction", _reference("Customer"))},
            "/predict/batch": {"post": _predict_operation("BatchAnswer", BATCH)},
        },
        "components": {"schemas": schemas},
    }


def customer_schema() -> dict:
    """Return the JSON Schema of the body of POST /predict.

    It comes from the pydantic model `CustomerRequest` in `customer.py`. A `customer.py` that checks
    by hand has none: then the schema names the fields and leaves their limits to `parse_customer`.
    """
    model = getattr(customer, "CustomerRequest", None)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return {**_schema_of(model), "examples": [EXAMPLE]}
    return {
        "type": "object",
        "required": ["customer_id", *FEATURE_ORDER],
        "properties": {name: {} for name in ("customer_id", *FEATURE_ORDER)},
    }


def _schema_of(model: type[BaseModel]) -> dict:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)  # each model is a component of its own
    return schema


def _operation(summary: str, schema: str, problems: tuple[int, ...]) -> dict:
    responses = {"200": _response("The answer.", "application/json", schema)}
    for status in problems:
        described = f"{HTTPStatus(status).phrase}: {PROBLEMS[status]}"
        responses[str(status)] = _response(described, "application/problem+json", "Problem")
    return {"summary": summary, "operationId": schema, "responses": responses}


def _predict_operation(answer: str, body: dict) -> dict:
    operation = _operation(ASKED[answer], answer, tuple(PROBLEMS))
    content = {"application/json": {"schema": body}}
    return {**operation, "requestBody": {"required": True, "content": content}}


def _response(description: str, media_type: str, schema: str) -> dict:
    content = {media_type: {"schema": _reference(schema)}}
    return {"description": description, "headers": REQUEST_ID, "content": content}


def _reference(schema: str) -> dict:
    return {"$ref": f"#/components/schemas/{schema}"}
