"""The second right service: other words, and one handler for everything."""

import logging
from http import HTTPStatus

from flask import jsonify
from werkzeug.exceptions import HTTPException

from churn_service.customer import InvalidCustomer


def problem_response(status, title, detail, *, errors=()):
    document = {"status": status, "detail": detail, "title": title, "type": "about:blank"}
    if errors:
        document["errors"] = [{"problem": e.problem, "field": e.field} for e in errors]
    response = jsonify(document)
    response.status_code = status
    response.headers["Content-Type"] = "application/problem+json"
    return response


def init_app(app):
    app.register_error_handler(Exception, answer)


def answer(error):
    if isinstance(error, InvalidCustomer):
        title = HTTPStatus(error.status).phrase
        return problem_response(error.status, title, str(error), errors=error.problems)
    if isinstance(error, HTTPException):
        if not error.code or error.code < 400:
            return error
        response = problem_response(error.code, error.name, error.description or error.name)
        for name, value in error.get_headers():
            response.headers.setdefault(name, value)
        return response
    logging.getLogger("churn_service").error("unexpected", exc_info=error)
    return problem_response(500, "Internal Server Error", "This should not have happened.")
