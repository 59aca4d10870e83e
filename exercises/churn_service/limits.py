"""How much of a request is read: never more than the limit, however its length was announced."""

from collections.abc import Mapping

from flask import Flask, abort, request


def init_app(app: Flask, max_body_bytes: int, by_path: Mapping[str, int] | None = None) -> None:
    """Abort with 413 every request whose body is over the limit, before a view reads it.

    `by_path` names the paths with a limit of their own. A body sent in chunks announces no length.
    Flask's own MAX_CONTENT_LENGTH then cuts it off at the limit and hands over the beginning as if
    it were all. So one byte more than the limit is read here, to see that there is more. The views
    find the body in `request.get_data()` as usual.
    """
    limits = dict(by_path or {})

    @app.before_request
    def refuse_large_body() -> None:
        limit = limits.get(request.path, max_body_bytes)
        request.max_content_length = limit + 1
        announced = request.content_length or 0
        if announced > limit or len(request.get_data()) > limit:
            abort(413, f"The body is over the limit of {limit} bytes.")
