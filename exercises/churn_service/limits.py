"""How much of a request is read: never more than the limit, however its length was announced."""

from flask import Flask, abort, request


def init_app(app: Flask, max_body_bytes: int) -> None:
    """Abort with 413 every request whose body is over the limit, before a view reads it.

    A body sent in chunks announces no length. Flask's own MAX_CONTENT_LENGTH then cuts it off at
    the limit and hands over the beginning as if it were all. So one byte more than the limit is
    read here, to see that there is more. The views find the body in `request.get_data()` as usual.
    """
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes + 1

    @app.before_request
    def refuse_large_body() -> None:
        announced = request.content_length or 0
        if announced > max_body_bytes or len(request.get_data()) > max_body_bytes:
            abort(413, f"The body is over the limit of {max_body_bytes} bytes.")
