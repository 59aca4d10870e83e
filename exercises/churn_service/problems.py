"""Every error as an RFC 9457 problem document, and no error telling more than it should."""

import json
import logging
from collections.abc import Sequence

from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from churn_service.customer import FieldProblem, InvalidCustomer


def problem_response(
    status: int, title: str, detail: str, *, errors: Sequence[FieldProblem] = ()
) -> Response:
    """Return a problem document (RFC 9457) as a response with that status.

    The media type is `application/problem+json`. The members are `type` (always "about:blank": the
    status says what kind of problem it is), `title`, `status`, `detail` and, when there are any,
    `errors`: a list of `{"field": ..., "problem": ...}`, an extension member of ours. Texts may
    hold any character; the body is valid JSON all the same.
    """
    raise NotImplementedError("problem-responses")


def init_app(app: Flask) -> None:
    """Turn every error of the app into a problem document.

    - An HTTPException (404, 405, 413, 415, ...) keeps its status, its `name` as the title, its
      `description` (plain text, no HTML) as the detail, and its headers: a 405 still carries Allow.
      One with a code below 400 or with none is no error and passes unchanged.
    - An InvalidCustomer has a `status` and `problems`: the title is the name of that status, the
      detail its message, and the problems become `errors`.
    - Anything else is a crash: 500, the detail saying nothing of the cause, and the exception
      logged with its stack trace through `logging` (not printed: the process logs JSON lines). The
      service goes on.
    """
    raise NotImplementedError("problem-responses")
