"""Runs beside the project: small forests, their ONNX models, and what the project makes of both."""

import contextlib
import threading

import numpy as np

SCALES = (200.0, 40.0, 900.0, 1.0)


def train(seed, trees=4, depth=5, features=4, pure=False):
    """A forest on drawn customers; with `pure`, one whose every leaf is certain."""
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(seed)
    rows = rng.random((400, features)) * np.array(SCALES[:features])
    noise = 0 if pure else rng.normal(0, 0.3, 400)
    churned = rows[:, 0] / 200 + noise > 0.5
    if pure:
        # every tree sees all rows and all features, so all of them agree
        options = {"bootstrap": False, "max_features": None, "random_state": seed}
        return RandomForestClassifier(trees, **options).fit(rows, churned)
    return RandomForestClassifier(trees, max_depth=depth, random_state=seed).fit(rows, churned)


def plain_export(forest, features=4, name="features", zipmap=False):
    """The forest as skl2onnx writes it."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    return to_onnx(
        forest,
        initial_types=[(name, FloatTensorType([None, features]))],
        options={id(forest): {"zipmap": zipmap}},
    )


def last_left(threshold):
    nearest = np.float32(threshold)
    return np.nextafter(nearest, np.float32(-np.inf)) if nearest > threshold else nearest


def around_thresholds(forest, rng):
    """Random rows, each moved to one side of a threshold: every threshold of the forest, both sides."""
    rows = []
    for tree in (one.tree_ for one in forest.estimators_):
        for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
            if feature >= 0:
                left = last_left(threshold)
                for value in (left, np.nextafter(left, np.float32(np.inf))):
                    row = (rng.random(4) * np.array(SCALES)).astype(np.float32)
                    row[feature] = value
                    rows.append(row)
    return np.array(rows, np.float32)


def exported(seed):
    """What a client of the exported model sees, and how far it is from the forest."""
    import onnxruntime

    from pipeline.export_onnx import export_forest

    forest = train(seed, trees=8, depth=7)
    session = onnxruntime.InferenceSession(export_forest(forest))
    inputs = [[one.name, one.type, one.shape[1:]] for one in session.get_inputs()]
    outputs = {one.name: one.type for one in session.get_outputs()}
    told = {"inputs": inputs, "output": outputs.get("probabilities"), "outputs": list(outputs)}
    if inputs == [["features", "tensor(float)", [4]]] and told["output"] == "tensor(float)":
        rows = around_thresholds(forest, np.random.default_rng(seed))
        (said,) = session.run(["probabilities"], {"features": rows})
        told["shape"] = list(said.shape) == [len(rows), 2]
        wrong = (
            np.abs(said[:, 1] - forest.predict_proba(rows)[:, 1]) > 1e-6 if told["shape"] else []
        )
        told |= {"rows": len(rows), "wrong": int(np.sum(wrong))}
    return told


def threshold_rows(seed):
    """How many splits of a forest the project's rows reach, on the left edge and on the right one."""
    from sklearn.ensemble import RandomForestClassifier

    from pipeline.export_onnx import rows_at_thresholds

    forest = train(seed, trees=3, depth=6)
    rows = rows_at_thresholds(forest)
    alike = RandomForestClassifier(2, random_state=seed).fit(np.ones((4, 4)), [0, 1, 0, 1])
    nothing = rows_at_thresholds(alike)
    told = {
        "without_splits": [str(nothing.dtype), *nothing.shape],
        "dtype": str(rows.dtype),
        "shape": list(rows.shape),
        "finite": bool(np.isfinite(rows).all()),
    }
    if not told["finite"]:
        return told
    splits = left = right = 0
    for estimator in forest.estimators_:
        tree = estimator.tree_
        reached = estimator.decision_path(rows).toarray().astype(bool)
        for node in np.flatnonzero(tree.children_left >= 0):
            values = rows[reached[:, node], tree.feature[node]]
            edge = last_left(tree.threshold[node])
            splits += 1
            left += bool((values == edge).any())
            right += bool((values == np.nextafter(edge, np.float32(np.inf))).any())
    return told | {"splits": splits, "left": left, "right": right}


def truly_apart(forest, content, rows):
    """How many rows are apart, and the largest difference, measured here."""
    import onnxruntime

    (said,) = onnxruntime.InferenceSession(content).run(["probabilities"], {"features": rows})
    gaps = np.abs(said[:, 1] - forest.predict_proba(rows)[:, 1])
    return int((~(gaps <= 1e-6)).sum()), float(gaps.max())


def changed(forest, change, rows):
    """The forest's ONNX model, changed."""
    model = plain_export(forest)
    (trees,) = (node for node in model.graph.node if node.op_type.startswith("TreeEnsemble"))
    fields = {field.name: field for field in trees.attribute}
    if change == "all to NaN":
        weights = fields["class_weights"].floats
        weights[:] = [float("nan")] * len(weights)
    if change == "one threshold":  # the first one that any row notices
        modes, values = fields["nodes_modes"].strings, fields["nodes_values"].floats
        for place in (number for number, mode in enumerate(modes) if mode == b"BRANCH_LEQ"):
            usual = values[place]
            values[place] = float(np.nextafter(np.float32(usual), np.float32(-np.inf)))
            if truly_apart(forest, model.SerializeToString(), rows)[0]:
                break
            values[place] = usual
    return model.SerializeToString()


def compared(seed, change):
    """What `compare` says of a changed model: "nothing", "no rows", "one threshold", "all to NaN"."""
    from pipeline.export_onnx import compare

    forest, rng = train(seed), np.random.default_rng(seed)
    rows = around_thresholds(forest, rng)
    content = changed(forest, change, rows)
    rows = rows[:0] if change == "no rows" else rows
    found, true = compare(forest, content, rows), (0, 0.0)
    if len(rows):
        true = truly_apart(forest, content, rows)
    wide = compare(forest, content, rows, tolerance=2.0).apart
    told = {"rows": found.rows, "apart": found.apart, "largest": found.largest_difference}
    return told | {
        "true_rows": len(rows),
        "true_apart": true[0],
        "true_largest": true[1],
        "wide": wide,
    }


@contextlib.contextmanager
def noted_sessions(options):
    """Notes with which options and providers onnxruntime is asked for a session."""
    import onnxruntime

    usual = onnxruntime.InferenceSession

    def noting(model, sess_options=None, providers=None, **rest):
        threads = sess_options.intra_op_num_threads if sess_options else 0
        options.append([threads, list(providers or [])])
        return usual(model, sess_options, providers=providers, **rest)

    onnxruntime.InferenceSession = noting
    try:
        yield
    finally:
        onnxruntime.InferenceSession = usual


def predictor_for(forest):
    from churn_service.onnx_model import OnnxPredictor

    return OnnxPredictor(plain_export(forest).SerializeToString(), "v7")


def customers_of(rows):
    from churn_service.predictor import Customer

    return [Customer("C-1", *map(float, row)) for row in rows]


def predicted(seed):
    """One by one, as a list, and from eight threads: what the predictor says beside the forest."""
    forest, options = train(seed), []
    rows = around_thresholds(forest, np.random.default_rng(seed))[:60]
    customers = customers_of(rows)
    with noted_sessions(options):
        predictor = predictor_for(forest)
    singles = [predictor.predict_probability(customer) for customer in customers]
    from_threads = [None] * 8

    def ask(number):
        mine = [predictor.predict_probability(customer) for customer in customers]
        from_threads[number] = bool(np.allclose(mine, singles, rtol=0, atol=1e-6))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "version": predictor.model_version,
        "type": type(singles[0]).__name__,
        "singles": [float(p) for p in singles],
        "forest": forest.predict_proba(rows)[:, 1].tolist(),
        "many": predictor.predict_probabilities(customers),
        "none": predictor.predict_probabilities([]),
        "threads": from_threads,
        "options": options,
    }


def certain(seed):
    """Probabilities for customers of whom every tree is certain, for the tree counts whose sum is off."""
    import onnxruntime

    row, said, raw = np.array([[190.0, 5, 50, 0.5]], np.float32), [], 0.0
    for trees in range(3, 60):
        forest = train(seed, trees=trees, pure=True)
        content = plain_export(forest).SerializeToString()
        (both,) = onnxruntime.InferenceSession(content).run(["probabilities"], {"features": row})
        if both[0, 1] > 1:
            predictor = predictor_for(forest)
            said += [predictor.predict_probability(customers_of(row)[0])]
            said += predictor.predict_probabilities(customers_of(row))
            raw = float(both[0, 1])
            break
    return {"said": [float(p) for p in said], "raw": raw}


def refused(kind, seed):
    """Makes a predictor of what is no churn forest."""
    from churn_service.onnx_model import OnnxPredictor

    if kind == "rubbish":
        content = b"not a model"
    elif kind == "cut short":
        content = plain_export(train(seed)).SerializeToString()[:-200]
    elif kind == "three features":
        content = plain_export(train(seed, features=3), features=3).SerializeToString()
    elif kind == "another name for the output":
        content = plain_export(train(seed), zipmap=True).SerializeToString()
    else:
        content = plain_export(train(seed), name="X").SerializeToString()
    OnnxPredictor(content, "v7")
