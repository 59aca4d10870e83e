# fails: test_any_text_makes_a_valid_document
# says: texts may hold quotes
# BEGIN SOLUTION
    more = ""
    if errors:
        more = ', "errors": ' + json.dumps([{"field": e.field, "problem": e.problem} for e in errors])
    body = f'{{"type": "about:blank", "title": "{title}", "status": {status}, "detail": "{detail}"{more}}}'
    return Response(body, status, content_type="application/problem+json")
# END SOLUTION
# BEGIN SOLUTION
    @app.errorhandler(HTTPException)
    def http_problem(error):
        if error.code is None or error.code < 400:
            return error
        response = problem_response(error.code, error.name, error.description)
        for name, value in error.get_headers():
            if name != "Content-Type":
                response.headers[name] = value
        return response

    @app.errorhandler(InvalidCustomer)
    def invalid(error):
        title = HTTP_STATUS_CODES[error.status]
        return problem_response(error.status, title, str(error), errors=error.problems)

    @app.errorhandler(Exception)
    def crash(error):
        logging.getLogger(__name__).exception("crashed")
        return problem_response(500, "Internal Server Error", "Something went wrong.")
# END SOLUTION
