import time

from flask import Response


def init_app(app, predictor):
    def drip():
        while True:
            yield b" "
            time.sleep(0.2)

    app.add_url_rule("/health", "health", lambda: Response(drip(), content_type="application/json"))
    app.add_url_rule("/ready", "ready", lambda: Response(drip(), content_type="application/json"))
