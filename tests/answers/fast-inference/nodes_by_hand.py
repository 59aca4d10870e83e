"""No skl2onnx: the tree ensemble is written node by node. Rows come from each node's own path."""

from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

INPUT, PROBABILITIES = "features", "probabilities"


@dataclass(frozen=True)
class Parity:
    rows: int
    apart: int
    largest_difference: float


def floor32(value):
    rounded = np.float32(value)
    while float(rounded) > value:
        rounded = np.nextafter(rounded, np.float32("-inf"))
    return rounded


def export_forest(forest):
    nodes = {name: [] for name in ("treeids", "nodeids", "featureids", "values", "modes",
                                   "truenodeids", "falsenodeids", "hitrates",
                                   "missing_value_tracks_true")}
    leaves = {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
    for number, tree in enumerate(e.tree_ for e in forest.estimators_):
        for node in range(tree.node_count):
            leaf = tree.children_left[node] == tree.children_right[node]
            nodes["treeids"].append(number)
            nodes["nodeids"].append(node)
            nodes["featureids"].append(0 if leaf else int(tree.feature[node]))
            nodes["values"].append(0.0 if leaf else float(floor32(tree.threshold[node])))
            nodes["modes"].append("LEAF" if leaf else "BRANCH_LEQ")
            nodes["truenodeids"].append(0 if leaf else int(tree.children_left[node]))
            nodes["falsenodeids"].append(0 if leaf else int(tree.children_right[node]))
            nodes["hitrates"].append(1.0)
            nodes["missing_value_tracks_true"].append(0)
            if leaf:
                shares = tree.value[node][0] / tree.value[node][0].sum()
                for label, share in enumerate(shares):
                    leaves["treeids"].append(number)
                    leaves["nodeids"].append(node)
                    leaves["ids"].append(label)
                    leaves["weights"].append(float(share) / len(forest.estimators_))
    attributes = {f"nodes_{k}": v for k, v in nodes.items()}
    attributes |= {f"class_{k}": v for k, v in leaves.items()}
    trees = helper.make_node(
        "TreeEnsembleClassifier", [INPUT], ["label", PROBABILITIES], domain="ai.onnx.ml",
        classlabels_int64s=[0, 1], post_transform="NONE", **attributes,
    )
    graph = helper.make_graph(
        [trees], "forest",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [None, 4])],
        [helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
         helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, [None, 2])],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)],
        ir_version=8,
    )
    onnx.checker.check_model(model)
    return model.SerializeToString()


def rows_at_thresholds(forest):
    found = []

    def visit(tree, node, lows, highs):
        if tree.children_left[node] == -1:
            return
        feature, edge = tree.feature[node], floor32(tree.threshold[node])
        beyond = np.nextafter(edge, np.float32("inf"))
        inside = [float(low if low is not None else high if high is not None else 1.0)
                  for low, high in zip(lows, highs)]
        for value in (edge, beyond):
            row = list(inside)
            row[feature] = float(value)
            found.append(row)
        visit(tree, tree.children_left[node], lows, [*highs[:feature], edge, *highs[feature + 1:]])
        visit(tree, tree.children_right[node], [*lows[:feature], beyond, *lows[feature + 1:]], highs)

    for estimator in forest.estimators_:
        visit(estimator.tree_, 0, [None] * 4, [None] * 4)
    return np.asarray(found, dtype="float32").reshape(len(found), 4)


def compare(forest, model, rows, *, tolerance=1e-6):
    if not len(rows):
        return Parity(rows=0, apart=0, largest_difference=0.0)
    run = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run
    mine = run([PROBABILITIES], {INPUT: rows})[0]
    theirs = forest.predict_proba(rows)
    gaps = [abs(float(a) - float(b)) for a, b in zip(mine[:, 1], theirs[:, 1])]
    near = sum(gap <= tolerance for gap in gaps)
    return Parity(len(rows), len(rows) - near, max(gaps))
