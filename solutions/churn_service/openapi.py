"""skeleton"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add GET /openapi.json and GET /docs."""

    @app.get("/openapi.json")
    def openapi():
        return {"openapi": "3.1.0"}
