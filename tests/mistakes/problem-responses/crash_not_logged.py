# fails: test_a_crash_is_logged_with_its_stack_trace
# says: The log has no stack trace
# BEGIN SOLUTION
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if errors:
        document["errors"] = [{"field": e.field, "problem": e.problem} for e in errors]
    return Response(json.dumps(document), status, content_type="application/problem+json")
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
        return problem_response(500, "Internal Server Error", "Something went wrong.")
# END SOLUTION
