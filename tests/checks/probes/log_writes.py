"""Runs beside the project: records how the request log writes to standard error."""

import sys
from pathlib import Path


class Recorder:
    """A standard error that remembers each call of `write`."""

    encoding = "utf-8"

    def __init__(self):
        self.written = []

    def write(self, text):
        self.written.append(text)
        return len(text)

    def flush(self):
        pass


class Predictor:
    model_version = "v2"

    def predict_probability(self, customer):
        return 0.5


def writes_of_one_request(path: str) -> list[str]:
    """What is written when `path` is asked for, call by call, by an app made before that."""
    from churn_service.app import create_app
    from churn_service.settings import Settings

    client = create_app(Predictor(), Settings(Path("unused"), b"k" * 32)).test_client()
    usual, sys.stderr = sys.stderr, Recorder()
    try:
        client.get(path)
        return [text for text in sys.stderr.written if text]
    finally:
        sys.stderr = usual
