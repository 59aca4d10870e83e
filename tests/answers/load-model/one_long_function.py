"""Everything in one function, the file read through an open handle and hashed in pieces."""

import hashlib
import io
import json
import pathlib
import sys

import numpy
import sklearn

from churn_service.predictor import FEATURE_ORDER


class ModelRefused(Exception):
    pass


class ForestPredictor:
    def __init__(self, forest, model_version):
        self.forest, self.model_version = forest, model_version

    def predict_probability(self, customer):
        numbers = [
            customer.days_since_last_order,
            customer.total_orders,
            customer.lifetime_value_gbp,
            customer.email_open_rate,
        ]
        return self.forest.predict_proba(numpy.asarray([numbers], float)).tolist()[0][-1]


def load_model(folder):
    folder = pathlib.Path(folder)
    meta_file = folder / "metadata.json"
    if not meta_file.is_file():
        raise ModelRefused(f"there is no metadata.json in {folder}")
    try:
        meta = json.loads(meta_file.read_bytes())
        name, digest, order = meta["model_file"], meta["sha256"], meta["feature_order"]
        built, model_version = meta["library_versions"], meta["model_version"]
    except (ValueError, KeyError, TypeError) as problem:
        raise ModelRefused(f"metadata.json is not usable: {problem!r}") from problem
    if pathlib.PurePath(name).name != name or not name or "\\" in name or name == "..":
        raise ModelRefused(f"model_file must be a bare name, not {name!r}")
    seen, hasher = io.BytesIO(), hashlib.new("sha256")
    try:
        with open(folder / name, "rb") as stream:
            while piece := stream.read(65536):
                hasher.update(piece)
                seen.write(piece)
    except (OSError, ValueError) as problem:
        raise ModelRefused(f"{name} could not be read: {problem}") from problem
    if hasher.hexdigest() != digest:
        raise ModelRefused(f"{name} is corrupt: its hash is {hasher.hexdigest()}")
    if tuple(order) != tuple(FEATURE_ORDER):
        raise ModelRefused(f"unexpected features or order: {order}")
    here = {
        "python": "%d.%d" % sys.version_info[:2],
        "numpy": ".".join(numpy.__version__.split(".")[:2]),
        "scikit-learn": ".".join(sklearn.__version__.split(".")[:2]),
    }
    for library, wanted in here.items():
        found = built.get(library)
        if not isinstance(found, str) or not (found + ".").startswith(wanted + "."):
            raise ModelRefused(f"{library} {found} is not {wanted}")
    seen.seek(0)
    try:
        import joblib

        forest = joblib.load(seen)
        classes = [int(c) for c in forest.classes_]
    except Exception as problem:
        raise ModelRefused(f"{name} holds no classifier: {problem}") from problem
    if classes != [0, 1] or forest.n_features_in_ != 4 or not hasattr(forest, "predict_proba"):
        raise ModelRefused(f"{name} holds another classifier")
    forest.set_params(n_jobs=1)
    return ForestPredictor(forest, model_version)
