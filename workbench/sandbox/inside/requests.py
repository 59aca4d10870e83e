"""The kinds of request that a learner's process understands."""

import importlib
import pathlib
import threading
import types

from .errors import described
from .script import Script, predictor_of
from .suites import run_tests


class Requests:
    """What a check may ask of this process. Each method is one kind of request."""

    def __init__(self, project):
        self.project = project
        self.raised = []

    def call(self, module, function, args, kwargs):
        return getattr(importlib.import_module(module), function)(*args, **kwargs)

    def probe(self, file, source, function, args, kwargs):
        module = types.ModuleType("_probe")
        module.__file__ = file
        exec(compile(source, file, "exec"), vars(module))
        return vars(module)[function](*args, **kwargs)

    def run_tests(self, path, stop_at_first_failure):
        """Runs a pytest file of the project; see `run_tests` in suites.py."""
        return run_tests(self.project, path, stop_at_first_failure)

    def raised_in_views(self):
        raised, self.raised = self.raised, []
        return raised

    def serve(self, model, settings):
        """Starts the service on a free port and returns the port. `model` says which predictor."""
        from flask import got_request_exception
        from werkzeug.serving import WSGIRequestHandler, make_server

        app = self.create_app(model, settings)
        got_request_exception.connect(self.note_unhandled, app)
        for name, view in list(app.view_functions.items()):
            app.view_functions[name] = self.watched(view)
        handler = type("Quiet", (WSGIRequestHandler,), {"log": lambda *a: None})
        handler.protocol_version = "HTTP/1.1"
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.port

    def create_app(self, model, settings):
        from churn_service.app import create_app
        from churn_service.settings import settings_from_environment

        predictor = None
        if model and "folder" in model:
            predictor = importlib.import_module("churn_service.model").load_model(
                pathlib.Path(model["folder"])
            )
        elif model:
            self.script = Script(**model)
            predictor = predictor_of(self.script)
        told = {"CHURN_PREDICTION_LOG": "off"} | settings
        return create_app(predictor, settings_from_environment(told))

    def break_model(self):
        """From now on the scripted predictor raises."""
        self.script.broken = True

    def predictions_asked(self):
        """How the scripted predictor was asked since the last time: one by one, and in batches."""
        asked = {"singles": self.script.singles, "batches": self.script.batches}
        self.script.singles, self.script.batches = 0, []
        return asked

    def note_unhandled(self, app, exception, **_):
        self.raised.append(described(exception, self.project))

    def watched(self, view):
        """The view, with what it raises remembered: the check can then say where."""

        def remembering(*args, **kwargs):
            try:
                return view(*args, **kwargs)
            except Exception as error:
                self.raised.append(described(error, self.project))
                raise

        remembering.__name__ = getattr(view, "__name__", "view")
        return remembering
