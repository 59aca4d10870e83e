"""The app factory: where the concerns meet. Importing this module does nothing."""

from flask import Flask

from churn_service import batch, health, limits, logs, metrics, observed, openapi, predict, problems
from churn_service.plain_flask import PlainFlask
from churn_service.predictor import Predictor
from churn_service.settings import Settings


def create_app(predictor: Predictor | None, settings: Settings) -> Flask:
    """Return the churn service as a WSGI app around a predictor.

    Without a predictor it still answers: /health says the process is alive, /ready and /predict
    answer 503. Nothing is read from disk or from the environment. `app.extensions["churn"]` holds
    the Instruments: the metrics, the prediction log, and the predictor that tells them.
    """
    app = PlainFlask(__name__, static_folder=None)
    instruments = observed.attach(app, predictor, settings)
    metrics.init_app(app, instruments.metrics)
    logs.init_app(app, settings, predictor.model_version if predictor else None)
    limits.init_app(app, settings.max_body_bytes, {batch.PATH: settings.max_batch_bytes})
    problems.init_app(app)
    health.init_app(app, predictor)
    predict.init_app(app, instruments.predictor)
    batch.init_app(
        app,
        instruments.predictor,
        max_rows=settings.max_batch_rows,
        count_field_problems=instruments.metrics.count_field_problems,
    )
    openapi.init_app(app)
    return app
