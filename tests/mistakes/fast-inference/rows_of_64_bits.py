# fails: test_rows_stand_on_both_sides_of_every_threshold
# says: np.array(rows, dtype=np.float32)
# BEGIN SOLUTION
    exported = to_onnx(
        forest,
        initial_types=[(INPUT, FloatTensorType([None, FEATURES]))],
        options={id(forest): {"zipmap": False}},
    )
    return exported.SerializeToString()
# END SOLUTION
# BEGIN SOLUTION
    rows = []
    for tree in (estimator.tree_ for estimator in forest.estimators_):
        box = np.array([[-np.inf, np.inf]] * FEATURES, dtype=np.float32)
        waiting = [(0, box)]
        while waiting:
            node, box = waiting.pop()
            if tree.children_left[node] < 0:
                continue
            feature = tree.feature[node]
            last_left = largest_float32_up_to(tree.threshold[node])
            first_right = np.nextafter(last_left, np.float32(np.inf))
            left, right = box.copy(), box.copy()
            left[feature, 1] = min(last_left, box[feature, 1])
            right[feature, 0] = max(first_right, box[feature, 0])
            for side, value, child in (
                (left, left[feature, 1], tree.children_left[node]),
                (right, right[feature, 0], tree.children_right[node]),
            ):
                if side[feature, 0] <= side[feature, 1]:
                    row = point_inside(side)
                    row[feature] = value
                    rows.append(row)
                    waiting.append((child, side))
    return np.array(rows, dtype=np.float64).reshape(-1, FEATURES)
# END SOLUTION
# BEGIN SOLUTION
def largest_float32_up_to(threshold: float) -> np.float32:
    """Return the largest float32 that is not above a float64."""
    nearest = np.float32(threshold)
    return np.nextafter(nearest, np.float32(-np.inf)) if float(nearest) > threshold else nearest


def point_inside(box: np.ndarray) -> np.ndarray:
    """Return a row inside a box of closed float32 intervals, which may be open-ended."""
    low, high = box[:, 0], box[:, 1]
    return np.where(np.isfinite(low), low, np.where(np.isfinite(high), high, np.float32(0)))


# END SOLUTION
# BEGIN SOLUTION
    if len(rows) == 0:
        return Parity(0, 0, 0.0)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (said,) = session.run([PROBABILITIES], {INPUT: np.asarray(rows, np.float32)})
    differences = np.abs(said[:, 1] - forest.predict_proba(rows)[:, 1])
    apart = int((~(differences <= tolerance)).sum())
    return Parity(len(rows), apart, float(differences.max()))
# END SOLUTION
