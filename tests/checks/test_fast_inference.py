"""What the ONNX export, its parity report and the ONNX predictor must do, on forests drawn anew."""

from pathlib import Path

from workbench.boundary.expect import same
from workbench.boundary.outcomes import EnvironmentProblem

PROBE = Path(__file__).parent / "probes" / "onnx_forests.py"
TOLERANCE = 1e-6


def ask(project, rng, function: str, said: str, *arguments):
    return project.probe(PROBE, function, *arguments, rng.randrange(10**6), said=said)


def test_the_model_has_the_promised_face(project, rng):
    """export_forest makes a model with one input `features` and an output `probabilities`"""
    answer = ask(project, rng, "exported", "export_forest(forest)")
    told = answer.value
    if told["inputs"] != [["features", "tensor(float)", [4]]]:
        raise answer.fails(
            f"Its inputs are {told['inputs']}",
            "one, `features`: float32 of shape [rows, 4]",
            "initial_types of to_onnx: a name, and FloatTensorType([None, 4])",
        )
    if told["output"] is None:
        raise answer.fails(
            f"Its outputs are {told['outputs']}",
            "one of them is `probabilities`, float32 of shape [rows, 2]",
            "the option zipmap: with it the output has another name, and each row becomes a dictionary",
        )
    if told["output"] != "tensor(float)" or not told["shape"]:
        raise answer.fails(
            f"`probabilities` is {told['output']}",
            "a float32 tensor of shape [rows, 2]",
            "the option zipmap: with it each row becomes a dictionary",
        )


def test_the_model_says_what_the_forest_says(project, rng):
    """The exported model agrees with the forest on both sides of every threshold"""
    answer = ask(project, rng, "exported", "export_forest(forest), run beside the forest")
    told = answer.value
    if told.get("wrong") != 0:
        raise answer.fails(
            f"{told.get('wrong')} of {told.get('rows')} rows at the thresholds differ",
            "none does",
            "which forest is exported, all of its trees, and where a threshold of 64 bits is rounded",
        )


def test_rows_stand_on_both_sides_of_every_threshold(project, rng):
    """rows_at_thresholds reaches every split, once at the last float32 left and once at the first right"""
    answer = ask(project, rng, "threshold_rows", "rows_at_thresholds(forest)")
    told = answer.value
    if told["dtype"] != "float32" or len(told["shape"]) != 2 or told["shape"][1] != 4:
        raise answer.fails(
            f"The rows are {told['dtype']} of shape {told['shape']}",
            "float32 of shape [n, 4]",
            "np.array(rows, dtype=np.float32)",
        )
    if told["without_splits"] != ["float32", 0, 4]:
        dtype, *shape = told["without_splits"]
        raise answer.fails(
            f"For a forest whose trees split nothing the rows are {dtype} of shape {shape}",
            "float32 of shape [0, 4]",
            "what becomes of the rows when there are none: an empty list has no second dimension",
        )
    if not told["finite"]:
        raise answer.fails(
            "Some value is infinite or NaN",
            "finite numbers",
            "a feature that no split above has bounded: any number will do for it",
        )
    for side, look in (
        ("left", "the largest float32 that is not above the threshold: rounding may have gone up"),
        ("right", "the smallest float32 above the threshold: np.nextafter of the one on the left"),
    ):
        if told[side] < told["splits"]:
            raise answer.fails(
                f"{told[side]} of {told['splits']} splits have a row that reaches them and stands at "
                f"the {side} edge",
                "all of them",
                f"{look}. And does the row reach the split? All splits above it must send it there",
            )


def test_agreement_is_reported(project, rng):
    """compare finds no row apart between a forest and its export"""
    answer = ask_compare(project, rng, "nothing")
    says(answer, "rows", answer.value["true_rows"], "how many rows were compared")
    says(
        answer,
        "apart",
        0,
        "what is compared: class 1 of both models, on the very same float32 rows",
    )
    says_difference(answer)


def test_one_threshold_too_low_is_found(project, rng):
    """compare finds the rows for which one threshold was moved by a single float32"""
    answer = ask_compare(project, rng, "one threshold")
    look = "the rows: one that is rounded, shuffled or drawn anew misses a threshold by a hair"
    says(answer, "apart", answer.value["true_apart"], look)
    says_difference(answer)
    if answer.value["wide"] != 0:
        got = f"With tolerance=2.0, apart is {answer.value['wide']}"
        look = "the argument `tolerance`: with 2.0 no two probabilities are apart"
        raise answer.fails(got, "0", look)


def test_nan_is_no_agreement(project, rng):
    """compare counts a row for which the model says NaN as apart"""
    answer = ask_compare(project, rng, "all to NaN")
    look = "the comparison: NaN > tolerance is False, so ask what is NOT within the tolerance"
    says(answer, "apart", answer.value["true_rows"], look)


def test_no_rows_are_no_disagreement(project, rng):
    """compare of no rows is Parity(0, 0, 0.0)"""
    answer = ask_compare(project, rng, "no rows")
    if answer.error:
        got = f"It raised {answer.error['type']}: {answer.error['message']}"
        look = "what comes first: neither model can be asked about an array without rows"
        raise answer.fails(got, "Parity(0, 0, 0.0)", look)
    for name in ("rows", "apart", "largest"):
        says(answer, name, 0, "the maximum of nothing: numpy raises, the report says 0.0")


def ask_compare(project, rng, change: str):
    said = f"compare(forest, model, rows), in the model changed: {change}"
    return project.probe(PROBE, "compared", rng.randrange(10**6), change, said=said)


def says(answer, name: str, expected, look: str) -> None:
    if answer.value[name] != expected:
        raise answer.fails(f"{name} is {answer.value[name]}", f"{expected}", look)


def says_difference(answer) -> None:
    got, expected = answer.value["largest"], answer.value["true_largest"]
    if abs(got - expected) > TOLERANCE:
        raise answer.fails(
            f"largest_difference is {got}",
            f"{expected}",
            "the largest absolute difference of class 1",
        )


def test_the_predictor_predicts(project, rng):
    """OnnxPredictor says what the forest says, as a Python float, one by one and for a list"""
    answer = ask(
        project, rng, "predicted", "OnnxPredictor(model, 'v7').predict_probability(customer)"
    )
    told = answer.value
    gaps = [abs(one - other) for one, other in zip(told["singles"], told["forest"], strict=True)]
    if max(gaps) > TOLERANCE:
        raise answer.fails(
            f"For one customer it said {told['singles'][gaps.index(max(gaps))]}, the forest "
            f"{told['forest'][gaps.index(max(gaps))]}",
            "the same probability of class 1",
            "which of the two columns is read, and the order of the features: feature_row gives it",
        )
    if told["type"] != "float":
        raise answer.fails(
            f"It returned a {told['type']}",
            "a float",
            "a numpy scalar is no float to JSON: `.item()`",
        )
    if told["version"] != "v7":
        raise answer.fails(
            f"model_version is {told['version']!r}", "'v7'", "the second argument of __init__"
        )
    if not same(told["many"], told["singles"], TOLERANCE) or told["none"] != []:
        raise answer.fails(
            "predict_probabilities says something else for the same customers, or for none",
            "their probabilities in order, as a list of floats, and [] for no customers",
            "predict_probabilities: one array with a row for each customer",
        )


def test_threads_may_share_the_predictor(project, rng):
    """Eight threads that share one predictor get the right answers"""
    answer = ask(project, rng, "predicted", "predict_probability(customer), from eight threads")
    if not all(answer.value["threads"]):
        raise answer.fails(
            "Some thread got the probability of another thread's customer",
            "each its own",
            "what the predictor keeps between two calls: an array that is filled anew is shared by all",
        )


def test_the_session_is_modest(project, rng):
    """The session runs on one thread, on the CPU"""
    answer = ask(project, rng, "predicted", "OnnxPredictor(model, 'v7')")
    options = answer.value["options"]
    if [threads for threads, _ in options] != [1]:
        raise answer.fails(
            f"Sessions were made with intra_op_num_threads = {[threads for threads, _ in options]}",
            "one session, with 1",
            "SessionOptions: 0 means a thread for each core, waiting and turning",
        )
    if options[0][1] != ["CPUExecutionProvider"]:
        raise answer.fails(
            f"The providers were {options[0][1]}",
            "['CPUExecutionProvider']",
            "the argument `providers`",
        )


def test_a_certain_forest_stays_within_one(project, rng):
    """When the float32 sum of all trees ends above 1, the probability is 1"""
    answer = ask(
        project, rng, "certain", "predict_probability of a customer all trees are certain of"
    )
    told = answer.value
    if not told["said"]:
        raise EnvironmentProblem("The check found no forest whose sum ends above 1; try again")
    if any(not 0 <= probability <= 1 for probability in told["said"]):
        raise answer.fails(
            f"It returned {max(told['said'])}",
            "1.0",
            "the model's sum is of float32 and may end a hair above 1, which risk_level refuses: clip it",
        )


def test_what_is_no_churn_forest_is_refused(project, rng):
    """Rubbish, a file that was cut short and a model of another shape raise ModelRefused"""
    for kind, look in (
        (
            "rubbish",
            "what onnxruntime raises for bytes that are no model: turn it into ModelRefused",
        ),
        ("cut short", "what onnxruntime raises for a damaged model"),
        ("three features", "the shape of the input: session.get_inputs() tells it"),
        ("another name for the input", "the name of the input: session.get_inputs() tells it"),
        ("another name for the output", "the outputs: session.get_outputs() tells their names"),
    ):
        answer = ask(
            project, rng, "refused", f"OnnxPredictor(model, 'v7'), the model being: {kind}", kind
        )
        answer.raises("ModelRefused", look=look)
