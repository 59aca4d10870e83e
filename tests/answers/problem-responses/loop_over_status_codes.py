"""One handler per status code, and a Response subclass that knows the media type."""

from flask import Flask, Response, json
from werkzeug.exceptions import default_exceptions

from churn_service.customer import InvalidCustomer


class ProblemResponse(Response):
    default_mimetype = "application/problem+json"


def problem_response(status, title, detail, *, errors=()):
    members = dict(type="about:blank", title=title, status=status, detail=detail)
    if len(errors):
        members |= {"errors": [vars(error) for error in errors]}
    return ProblemResponse(json.dumps(members), status=status)


def of_http_error(error):
    if error.code == 500:
        # Flask itself has logged the crash before it asks for the answer to a 500.
        return problem_response(500, error.name, "The service failed. Its log says why.")
    response = problem_response(error.code, error.name, error.description)
    kept = [pair for pair in error.get_headers() if pair[0].lower() != "content-type"]
    response.headers.extend(kept)
    return response


def of_invalid_customer(error):
    name = default_exceptions[error.status]().name
    return problem_response(error.status, name, error.args[0], errors=error.problems)


def init_app(app: Flask):
    for code in default_exceptions:
        app.register_error_handler(code, of_http_error)
    app.register_error_handler(InvalidCustomer, of_invalid_customer)
