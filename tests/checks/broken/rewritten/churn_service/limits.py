"""The second right service: the body is read as a stream, one byte beyond the limit."""

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge


def init_app(app, max_body_bytes, by_path=()):
    special = dict(by_path)

    def measure():
        most = special.get(request.path) or max_body_bytes
        request.max_content_length = most + 1
        if request.content_length is not None and request.content_length > most:
            raise RequestEntityTooLarge(f"Send at most {most} bytes.")
        if len(request.get_data(cache=True)) > most:
            raise RequestEntityTooLarge(f"Send at most {most} bytes.")

    app.before_request(measure)
