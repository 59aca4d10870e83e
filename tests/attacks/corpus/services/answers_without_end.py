from flask import Response


def init_app(app, predictor):
    def flood():
        while True:
            yield b"x" * (1 << 20)

    app.add_url_rule(
        "/health", "health", lambda: Response(flood(), content_type="application/json")
    )
    app.add_url_rule("/ready", "ready", lambda: Response(flood(), content_type="application/json"))
