"""A blueprint; the refusal is an abort, which problems.py turns into a document."""

from flask import Blueprint, abort, current_app, jsonify

from churn_service.predictor import Customer


def init_app(app, predictor):
    pages = Blueprint("probes", __name__)
    version = None if predictor is None else predictor.model_version

    @pages.route("/health", methods=["GET"])
    def alive():
        return jsonify(status="healthy", model_version=version), 200

    @pages.route("/ready")
    def ready():
        if not can_predict(predictor):
            abort(503, "Not ready to predict.")
        return jsonify(model_version=version, status="ready")

    app.register_blueprint(pages)


def can_predict(predictor) -> bool:
    if predictor is None:
        return False
    try:
        p = predictor.predict_probability(Customer("probe", 10, 2, 30, 0))
    except Exception as error:
        current_app.logger.warning("not ready: %s", error)
        return False
    return p == min(max(p, 0.0), 1.0)
