# One handler for everything; the headers of an HTTPException come from its own response.
# BEGIN SOLUTION
    from flask import jsonify

    optional = {"errors": [{"field": p.field, "problem": p.problem} for p in errors]} if errors else {}
    response = jsonify(type="about:blank", title=title, status=status, detail=detail, **optional)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response
# END SOLUTION
# BEGIN SOLUTION
    from http import HTTPStatus

    def answer(error: Exception):
        match error:
            case HTTPException(code=int(code)) if code >= 400:
                made = error.get_response()
                document = problem_response(code, error.name, error.description or error.name)
                made.set_data(document.get_data())
                made.headers["Content-Type"] = "application/problem+json"
                return made
            case HTTPException():
                return error
            case InvalidCustomer(status=status, problems=problems):
                return problem_response(status, HTTPStatus(status).phrase, f"{error}", errors=problems)
        app.logger.exception("crash", exc_info=error)
        return problem_response(500, "Internal Server Error", "We have been told. Try again later.")

    app.register_error_handler(Exception, answer)
# END SOLUTION
