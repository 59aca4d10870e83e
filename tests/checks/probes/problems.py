"""Runs beside the project: the app with views that raise, asked in process, its log kept."""

import logging

SECRET_PLACE = "/srv/secret/place"


class Records(logging.Handler):
    """Keeps what is logged, so that the check can see who was told what."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def emit(self, record):
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        self.seen.append({"level": record.levelno, "exception": error})


def make_app():
    from churn_service.app import create_app
    from churn_service.settings import settings_from_environment

    return create_app(None, settings_from_environment({}))


def raise_in_view(kind: str) -> dict:
    """Asks for a view that raises an exception of this kind; returns its answer and the log."""
    app = make_app()
    app.add_url_rule("/raises", "raises", lambda: throw(kind))
    records, root = Records(), logging.getLogger()
    root.addHandler(records)
    try:
        answer = app.test_client().get("/raises")
    finally:
        root.removeHandler(records)
    headers = [[name, value] for name, value in answer.headers.items()]
    return {
        "status": answer.status_code,
        "headers": headers,
        "body": answer.get_data(as_text=True),
        "log": records.seen,
    }


def throw(kind: str):
    from flask import redirect
    from werkzeug.datastructures import WWWAuthenticate
    from werkzeug.exceptions import BadRequest, HTTPException, TooManyRequests, Unauthorized

    class SeeOther(HTTPException):
        code = 303

        def get_headers(self, *_, **__):
            return [("Location", "/elsewhere")]

    kinds = {
        "400": BadRequest("Which one?"),
        "429": TooManyRequests("Wait a moment.", retry_after=7),
        "401": Unauthorized("Who are you?", www_authenticate=WWWAuthenticate("basic")),
        "303": SeeOther(),
        "redirect": HTTPException(response=redirect("/elsewhere")),  # what abort(redirect) raises
        "crash": LookupError(f"no row 42 in {SECRET_PLACE}/customers.db"),
    }
    raise kinds[kind]


def document(title: str, detail: str, errors: list) -> dict:
    """What `problem_response` makes of these texts: status, media type and body."""
    from churn_service.customer import FieldProblem
    from churn_service.problems import problem_response

    told = [FieldProblem(*error) for error in errors]
    with make_app().test_request_context():
        answer = problem_response(422, title, detail, errors=told)
    kind = answer.headers["Content-Type"]
    return {"status": answer.status_code, "kind": kind, "body": answer.get_data(as_text=True)}
