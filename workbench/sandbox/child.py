"""Runs on the learner's side of the boundary: takes requests, calls the project, answers in JSON.

Run as `python -I child.py RULES PROJECT [PATH...]`, RULES being the sandbox's. One JSON object a line
comes in on standard input; one goes out on what was standard output (prints of the learner go to
standard error). Nothing here decides whether an answer is right, and nothing here knows the expected one.
"""

import builtins
import dataclasses
import gc
import importlib
import io
import json
import os
import pathlib
import runpy
import sys
import threading
import time
import traceback
import types

LONGEST_REPR = 300
BUILT_IN = dict(vars(builtins))


def plain(value):
    """The value as JSON can carry it; what is no plain value is named by its type and its repr."""
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind in (list, tuple):
        return [plain(item) for item in value]
    if kind is dict:
        return {str(key): plain(item) for key, item in value.items()}
    if kind.__module__ == "numpy" and hasattr(value, "tolist"):
        return plain(value.tolist())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return {
        "$object": f"{kind.__module__}.{kind.__qualname__}",
        "$repr": repr(value)[:LONGEST_REPR],
    }


def name_of(kind):
    """The name of an exception's class; in full when it only calls itself like a built-in one."""
    name = kind.__name__
    return name if BUILT_IN.get(name, kind) is kind else f"{kind.__module__}.{name}"


def described(error, project):
    """The error as JSON: type, message, and the last line of the learner's project it came through."""
    place = {}
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(project):
            place = {"file": frame.filename, "line": frame.lineno, "code": frame.line or ""}
    if isinstance(error, SyntaxError) and error.filename:
        place = {"file": error.filename, "line": error.lineno, "code": (error.text or "").strip()}
    if place:
        place["file"] = os.path.relpath(place["file"], project).replace(os.sep, "/")
    bases = [name_of(base) for base in type(error).__mro__[:-2]]
    try:
        said = str(error)[:2000].splitlines()
        message = "\n".join(
            line for line in said if line.strip(" ^~")
        )  # arrows point at nothing here
    except BaseException:  # an exception of the learner's own may not even have a text
        message = "(its message could not be made)"
    return {"type": type(error).__name__, "bases": bases, "message": message, **place}


def described_safely(error, project):
    """The same; where the learner's code has broken what it takes to say more, the type alone."""
    try:
        return described(error, project)
    except BaseException:
        return {"type": "Exception", "bases": [], "message": "(it could not be described)"}


class Script:
    """What a scripted predictor answers, a table from the four features to a probability; and how it
    was asked."""

    def __init__(self, model_version, answers, default, delay_seconds=0.0):
        self.model_version = model_version
        self.delay_seconds = delay_seconds
        self.table = {tuple(map(float, row)): probability for row, probability in answers}
        self.default = default
        self.broken = default is None
        self.singles, self.batches = 0, []

    def begin(self):
        time.sleep(self.delay_seconds)
        if self.broken:
            raise RuntimeError("the model is broken")

    def probability_of(self, customer):
        row = (
            customer.days_since_last_order,
            customer.total_orders,
            customer.lifetime_value_gbp,
            customer.email_open_rate,
        )
        return self.table.get(tuple(map(float, row)), self.default)


def predictor_of(script):
    """A predictor that follows the script, and shows nothing of it to who does not ask."""

    class Predictor:
        model_version = script.model_version

        def predict_probability(self, customer):
            script.begin()
            script.singles += 1
            return script.probability_of(customer)

        def predict_probabilities(self, customers):
            """All of them in one call, which a check can count in `batches`."""
            script.begin()
            script.batches.append(len(customers))
            return [script.probability_of(customer) for customer in customers]

    return Predictor()


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

    def run_tests(self, path, stop_at_first_failure):
        """Runs a pytest file of the project; says how each test ended and what was not collected.

        A test is `passed`, `failed` or `skipped` (an expected failure is skipped too).
        """
        import pytest

        tests, broken = {}, []

        class Record:
            def pytest_collectreport(self, report):
                if report.failed:
                    broken.append(crash_of(report))

            def pytest_runtest_logreport(self, report):
                name = report.nodeid.partition("::")[2]
                outcome = "skipped" if hasattr(report, "wasxfail") else report.outcome
                failed = (
                    tests.get(name, {}).get("outcome") == "failed"
                )  # a part of it, or its set-up
                if not failed and (report.when == "call" or outcome != "passed"):
                    tests[name] = {"outcome": outcome, **crash_of(report)}

        options = ["-q", "--disable-plugin-autoload", "-p", "no:cacheprovider"]
        options += ["-p", "no:faulthandler", *["-x"] * stop_at_first_failure]
        options += ["--rootdir", self.project, "--confcutdir", self.project]
        options += ["-c", os.devnull, path]
        status = pytest.main(options, plugins=[Record()])
        return {"status": int(status), "tests": tests, "broken": broken}


def crash_of(report):
    """Where a test or a file went wrong: its line, the message, and pytest's text as it would print it."""
    if not report.failed:
        return {}
    crash = getattr(report.longrepr, "reprcrash", None)
    place = {"line": crash.lineno, "message": crash.message[:1000]} if crash else {}
    return {"text": str(report.longrepr)[-1500:], **place}


def main():
    rules, project, *paths = sys.argv[1:]
    here = pathlib.Path(__file__).parent
    sandbox = runpy.run_path(str(here / "kernel" / "run.py"))["load"]()
    # an editable course on the path would let a project import its own checks by accident
    outside = [p for p in sys.path if not pathlib.Path(p, "workbench", "judging").is_dir()]
    sys.path[:] = [project, *paths, *outside]
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False))
    sys.stdout = os.fdopen(1, "w", closefd=False, buffering=1)
    sys.stderr = os.fdopen(2, "w", closefd=False, buffering=1)
    gc.freeze()  # what a warm process handed down: to look through it again copies its memory
    sandbox.confine(sandbox.rules_from(rules))
    asked = Requests(project)
    for line in requests:
        request = json.loads(line)
        name, method = request.pop("id"), getattr(asked, request.pop("do"))
        try:
            answer = {"value": plain(method(**request))}
        except BaseException as error:
            answer = {"error": described_safely(error, project)}
        answers.write(json.dumps({"id": name, **answer}).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    main()
