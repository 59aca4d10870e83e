# file: churn_service/onnx_model.py
"""A predictor that scores through one bound method, and checks the model by trying it."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime as rt

from churn_service.artefact import ModelRefused, read_metadata
from churn_service.predictor import FEATURE_ORDER

INPUT, PROBABILITIES = "features", "probabilities"


class OnnxPredictor:
    def __init__(self, model, model_version):
        settings = rt.SessionOptions()
        settings.intra_op_num_threads = 1
        settings.execution_mode = rt.ExecutionMode.ORT_SEQUENTIAL
        settings.log_severity_level = 3
        try:
            self.session = rt.InferenceSession(
                model, sess_options=settings, providers=["CPUExecutionProvider"]
            )
            trial = self.score(np.zeros((2, len(FEATURE_ORDER)), dtype="float32"))
            if trial.shape != (2,):
                raise ValueError(trial.shape)
        except Exception as trouble:
            raise ModelRefused(f"this is no churn forest: {type(trouble).__name__}") from trouble
        self.model_version = model_version

    def score(self, features):
        probabilities = self.session.run([PROBABILITIES], {INPUT: features})[0]
        return np.minimum(probabilities[:, 1], np.float32(1))

    def predict_probabilities(self, customers):
        table = np.empty((len(customers), 4), dtype="float32")
        for place, c in enumerate(customers):
            table[place] = (
                c.days_since_last_order, c.total_orders, c.lifetime_value_gbp, c.email_open_rate
            )
        return [float(p) for p in self.score(table)] if customers else []

    def predict_probability(self, customer):
        return self.predict_probabilities([customer])[0]


def load_onnx_model(folder: Path):
    metadata = read_metadata(folder)
    content = (folder / Path(metadata["model_file"]).name).read_bytes()
    if hashlib.sha256(content).hexdigest() != metadata["sha256"]:
        raise ModelRefused(json.dumps({"sha256": "another file"}))
    return OnnxPredictor(content, metadata["model_version"])
