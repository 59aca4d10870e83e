"""What a WSGI server is pointed at: `churn_service.wsgi:build`, a factory."""

import os
from multiprocessing.util import Finalize
from pathlib import Path

from flask import Flask

from churn_service.app import create_app
from churn_service.artefact import read_metadata
from churn_service.fast_lane import FastLane
from churn_service.logs import log_process_as_json
from churn_service.predictor import Predictor
from churn_service.settings import settings_from_environment


def load_predictor(folder: Path) -> Predictor:
    """Return the predictor in an artefact folder, by its kind of model; raise ModelRefused.

    Only what that kind needs is imported: an image that serves ONNX needs no scikit-learn.
    """
    if read_metadata(folder)["model_file"].endswith(".onnx"):
        from churn_service.onnx_model import load_onnx_model

        return load_onnx_model(folder)
    from churn_service.model import load_model

    return load_model(folder)


def build() -> Flask | FastLane:
    """Return the app around the model in CHURN_MODEL_DIR, with the process logging JSON lines.

    With CHURN_FAST_LANE the app stands behind the fast lane.

    Raises SettingsError for a setting that cannot be used and ModelRefused for a model that
    cannot: a service that starts without its model would only fail later, and in public.
    """
    settings = settings_from_environment(os.environ)
    log_process_as_json()
    app = create_app(load_predictor(settings.model_dir), settings)
    # At the end of the process, of one that multiprocessing forked too: there atexit is not run.
    instruments = app.extensions["churn"]
    Finalize(None, instruments.prediction_log.close, exitpriority=0)
    return FastLane(app, instruments.predictor, settings) if settings.fast_lane else app
