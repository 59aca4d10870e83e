"""The second right service: the body is read as a stream, one byte beyond the limit."""

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge


def init_app(app, max_body_bytes):
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes + 1

    def measure():
        if request.content_length is not None and request.content_length > max_body_bytes:
            raise RequestEntityTooLarge(f"Send at most {max_body_bytes} bytes.")
        if len(request.get_data(cache=True)) > max_body_bytes:
            raise RequestEntityTooLarge(f"Send at most {max_body_bytes} bytes.")

    app.before_request(measure)
