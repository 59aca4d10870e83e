"""What `evaluate` and `choose_threshold` must do, against the definitions in plain Python."""

import json
import math
from pathlib import Path

MODULE = "pipeline.evaluate"
PROBE = Path(__file__).parent / "probes" / "plain_scores.py"
TOLERANCE = 1e-9
KEYS = ["roc_auc", "average_precision", "brier_score", "confusion"]


def draw_customers(rng, count: int, *, churn_rate: float, decimals: int) -> tuple[list, list]:
    """Outcomes of both kinds, and probabilities that know a little; few decimals make ties."""
    churned = [True, False] + [rng.random() < churn_rate for _ in range(count - 2)]
    rng.shuffle(churned)
    probability = [round(rng.random() ** (0.5 if c else 1.5), decimals) for c in churned]
    return churned, probability


def sets_of_customers(rng) -> list[tuple[list, list]]:
    """Small enough to read first; then ties, few churners, and many churners."""
    return [
        draw_customers(rng, 6, churn_rate=0.5, decimals=2),
        draw_customers(rng, 40, churn_rate=0.4, decimals=1),
        draw_customers(rng, 70, churn_rate=0.05, decimals=3),
        draw_customers(rng, 50, churn_rate=0.9, decimals=1),
    ]


def confusion_of(churned: list, probability: list, threshold: float) -> dict:
    pairs = [(c, p > threshold) for c, p in zip(churned, probability, strict=True)]
    return {
        "true_positive": pairs.count((True, True)),
        "false_positive": pairs.count((False, True)),
        "true_negative": pairs.count((False, False)),
        "false_negative": pairs.count((True, False)),
    }


def roc_auc_of(churned: list, probability: list) -> float:
    scored = list(zip(churned, probability, strict=True))
    pairs = [(p, q) for c, p in scored if c for d, q in scored if not d]
    return sum((p > q) + 0.5 * (p == q) for p, q in pairs) / len(pairs)


def average_precision_of(churned: list, probability: list) -> float:
    total = recall_before = 0.0
    for step in sorted(set(probability), reverse=True):
        flagged = [c for c, p in zip(churned, probability, strict=True) if p >= step]
        recall = sum(flagged) / sum(churned)
        total += (recall - recall_before) * sum(flagged) / len(flagged)
        recall_before = recall
    return total


def brier_of(churned: list, probability: list) -> float:
    return sum((p - c) ** 2 for c, p in zip(churned, probability, strict=True)) / len(churned)


def asked(call, key: str, churned: list, probability: list, **threshold) -> tuple:
    """The answer, and its value under `key`; fails when there is no such key."""
    answer = call(MODULE, "evaluate", churned, probability, **threshold)
    if not isinstance(answer.value, dict) or key not in answer.value:
        raise answer.fails(
            f"It returned {answer.value!r}",
            f"a dict with the key {key!r}",
            "the four keys in the docstring, letter by letter",
        )
    return answer, answer.value[key]


def score_equals(call, key: str, rule, customers: tuple[list, list], look: str) -> None:
    answer, got = asked(call, key, *customers)
    expected = rule(*customers)
    if type(got) not in (int, float) or not abs(got - expected) <= TOLERANCE:
        raise answer.fails(f"{key} was {got!r}", f"{expected:.10g} by the definition", look)


def total_cost(customers: tuple[list, list], threshold: float, costs: dict) -> float:
    counts = confusion_of(*customers, threshold)
    return (
        counts["false_positive"] * costs["false_positive_cost_gbp"]
        + counts["false_negative"] * costs["false_negative_cost_gbp"]
    )


def costs_of(false_positive: float, false_negative: float) -> dict:
    return {"false_positive_cost_gbp": false_positive, "false_negative_cost_gbp": false_negative}


def costs_least(call, customers: tuple[list, list], costs: dict, look: str) -> None:
    """The total at the returned threshold must be the least of all cuts, found by trying each."""
    answer = call(MODULE, "choose_threshold", *customers, **costs)
    got = answer.value
    if type(got) not in (int, float) or not math.isfinite(got):
        raise answer.fails(
            f"It returned {got!r}", "a finite number", "what `return` gives back: JSON has no inf"
        )
    spent = total_cost(customers, got, costs)
    totals = {cut: total_cost(customers, cut, costs) for cut in [-1.0, *customers[1]]}
    best = min(totals, key=totals.get)
    if spent > totals[best] + TOLERANCE * max(1.0, spent):
        raise answer.fails(
            f"It returned {got!r}, at which the total is {spent:.2f} GBP",
            f"a threshold with the least total; {best!r} costs {totals[best]:.2f} GBP",
            look,
        )


def test_confusion_counts_the_four_kinds(call, rng):
    """The confusion counts customers above and not above the threshold"""
    # four counts that all differ: 1 and 2 of the churners, 3 and 4 of the others
    churned = [True] * 3 + [False] * 7
    probability = [0.9, 0.2, 0.25, 0.6, 0.7, 0.8, 0.05, 0.1, 0.15, 0.3]
    order = list(range(10))
    rng.shuffle(order)
    customers = [churned[i] for i in order], [probability[i] for i in order]
    for threshold in (0.5, rng.uniform(0.21, 0.24)):
        answer, got = asked(call, "confusion", *customers, threshold=threshold)
        expected = confusion_of(*customers, threshold)
        if got != expected:
            raise answer.fails(
                f"confusion was {got!r}",
                repr(expected),
                "which of the two, outcome or prediction, makes a count true or false, and which "
                "makes it positive or negative",
            )


def test_the_threshold_itself_is_not_above(call, rng):
    """A probability equal to the threshold does not predict churn; the default is 0.5"""
    customers = [True, False, True, False], [0.5, 0.5, 0.9, 0.1]
    at = round(rng.uniform(0.6, 0.8), 2)
    for given in ({}, {"threshold": at}):
        threshold = given.get("threshold", 0.5)
        probability = [threshold, threshold, *customers[1][2:]]
        answer, got = asked(call, "confusion", customers[0], probability, **given)
        if got != confusion_of(customers[0], probability, threshold):
            raise answer.fails(
                f"confusion was {got!r}",
                repr(confusion_of(customers[0], probability, threshold)),
                f"'strictly above {threshold}' leaves {threshold} itself out: `>` or `>=`? "
                "And rounding before comparing moves customers across the line",
            )


def test_roc_auc_is_the_share_of_pairs_ranked_right(call, rng):
    """roc_auc is the share of pairs ranked right, a tie counting one half"""
    for customers in sets_of_customers(rng):
        score_equals(
            call,
            "roc_auc",
            roc_auc_of,
            customers,
            "what is ranked: the probabilities themselves, not yes or no; and the order of the "
            "arguments (outcomes first, then scores); and what a tie counts",
        )


def test_average_precision_follows_the_steps(call, rng):
    """average_precision is the sum of precision times the step in recall"""
    for customers in sets_of_customers(rng):
        score_equals(
            call,
            "average_precision",
            average_precision_of,
            customers,
            "the steps: one per distinct probability, and no straight lines between them (the area "
            "by the trapezoidal rule, `auc(recall, precision)`, is another number)",
        )


def test_brier_score_is_the_mean_squared_distance(call, rng):
    """brier_score is the mean of (probability - outcome) squared"""
    for customers in sets_of_customers(rng):
        score_equals(
            call,
            "brier_score",
            brier_of,
            customers,
            "the mean over all customers, of squares, without a root, from the probabilities",
        )


def test_the_scores_can_be_stored(project, rng):
    """The result holds exactly the four keys, and json.dumps takes it"""
    churned, probability = draw_customers(rng, 12, churn_rate=0.5, decimals=2)
    said = f"json.dumps(evaluate({churned}, {probability}))"
    answer = project.probe(PROBE, "stored_scores", churned, probability, said=said)
    plain = "the types of the values: NumPy's int64 is no int to JSON"
    if answer.error and "TypeError" in answer.error["bases"]:
        raised = f"{answer.error['type']}: {answer.error['message']}"
        raise answer.fails(f"It raised {raised}", "text", plain)
    got = json.loads(answer.value)
    if list(got) != KEYS and sorted(got) != sorted(KEYS):
        raise answer.fails(
            f"The keys were {', '.join(got)}", f"exactly {', '.join(KEYS)}", "the docstring's list"
        )
    counts = got["confusion"]
    if any(type(count) is not int for count in counts.values()):
        raise answer.fails(f"confusion was {counts}", "four whole numbers (int)", plain)


def test_strictly_above_decides_who_is_contacted(call, rng):
    """A customer at the threshold itself is not contacted"""
    look = (
        "on which side of the threshold its own customers stand: `>` contacts those above it only"
    )
    low, high = round(rng.uniform(0.1, 0.4), 2), round(rng.uniform(0.6, 0.9), 2)
    customers = [False, False, True, True], [low, low, high, high]
    costs_least(call, customers, costs_of(7, 9), look)


def test_each_cost_belongs_to_its_error(call, rng):
    """A dear miss lowers the threshold, a dear contact raises it"""
    churned = [False, False, True, False, False, True, True]
    starts = [0.01, 0.05, 0.2, 0.3, 0.4, 0.85, 0.9]
    probability = [start + rng.uniform(0, 0.02) for start in starts]
    order = list(range(7))
    rng.shuffle(order)
    look = "which cost belongs to which error: a false positive is a contact in vain"
    calibrated = (
        "what decides: the customers, not a formula in the two costs. Such a formula is right only "
        "when the probabilities are, and here they are ten times too small"
    )
    for shrink, hint in ((1, look), (0.1, calibrated)):
        customers = [churned[i] for i in order], [shrink * probability[i] for i in order]
        for costs in (costs_of(1, 10), costs_of(10, 3)):
            costs_least(call, customers, costs, hint)


def test_nobody_and_everybody_are_choices(call, rng):
    """Contacting nobody, or everybody, is chosen when it costs least"""
    churned, probability = draw_customers(rng, 20, churn_rate=0.4, decimals=2)
    top = probability.index(max(probability))
    churned = [c and i != top for i, c in enumerate(churned)]  # acting at all starts with a loss
    churned[(top + 1) % 20] = True
    costs_least(
        call,
        (churned, probability),
        costs_of(500, 1),
        "the choice to contact nobody: a contact in vain costs far more here than a churner missed",
    )
    lowest = probability.index(min(probability))
    others = min(p for i, p in enumerate(probability) if i != lowest)
    churned[lowest] = True
    for value in (0.0, others / 2):
        probability[lowest] = value
        costs_least(
            call,
            (churned, probability),
            costs_of(1, 500),
            f"the choice to contact everybody: the lowest probability is {min(probability)}, that "
            "customer churns, and only a threshold below it is strictly below",
        )


def test_no_other_threshold_costs_less(call, rng):
    """choose_threshold finds the least total cost of all"""
    look = (
        "whether every cut is tried that changes who is contacted: one after each distinct "
        "probability, however close two of them are. Between the lines of a grid there is room"
    )
    for customers in sets_of_customers(rng):
        cheap, dear = round(rng.uniform(1, 5), 2), round(rng.uniform(10, 60), 2)
        for costs in (costs_of(cheap, dear), costs_of(dear, cheap), costs_of(cheap, cheap)):
            costs_least(call, customers, costs, look)
    base = rng.uniform(0.2, 0.7)  # all decisions lie within a thousandth
    probability = [base + step / 8000 for step in range(8)]
    churned = [False, False, False, True, False, True, True, True]
    costs_least(call, (churned, probability), costs_of(5, 6), look)
    # everybody, and nobody: in each run, for the customers drawn above have them only at times
    probability = sorted(thousandth / 1000 for thousandth in rng.sample(range(100, 900), 8))
    for lowest, cheap, dear in ((True, 1, 10), (False, 10, 1)):
        churned = [lowest, *rng.sample((True, True, False, False, False, False), 6), lowest]
        costs_least(call, (churned, probability), costs_of(cheap, dear), look)


def test_what_cannot_be_measured_is_refused(call, rng):
    """Lists that differ, are empty, of one outcome, or no probabilities raise ValueError"""
    churned, probability = draw_customers(rng, 8, churn_rate=0.5, decimals=2)
    for function, costs in (("evaluate", {}), ("choose_threshold", costs_of(1, 2))):
        faults = {
            "lengths": call(MODULE, function, churned, probability[:-1], **costs),
            "emptiness": call(MODULE, function, [], [], **costs),
            "only churners": call(MODULE, function, [True] * 8, probability, **costs),
            "no churner": call(MODULE, function, [False] * 8, probability, **costs),
        }
        looks = {
            "lengths": "the lengths of the two lists; `zip` stops silently at the shorter",
            "emptiness": "the empty list: there is nothing to average over",
            **dict.fromkeys(
                ("only churners", "no churner"),
                "what all customers have in common here: with one outcome there is no pair to rank, "
                "and a score would be invented",
            ),
        }
        for fault, answer in faults.items():
            answer.raises("ValueError", look=looks[fault])
        for value in (math.nan, -rng.uniform(0.01, 1), 1 + rng.uniform(0.01, 1), math.inf):
            answer = call(MODULE, function, churned, [value, *probability[1:]], **costs)
            message = answer.raises(
                "ValueError",
                look=f"{value} among the probabilities; every comparison with NaN is False",
            )
        messages = {answer.error["message"] for answer in faults.values()} | {message}
        if len(messages) < 4 or not all(messages):
            raise answer.fails(
                f"It raised the same ValueError for different faults: {sorted(messages)}",
                "a message that says which of the four faults it is",
                "the text of each `raise ValueError(...)`: its reader sees nothing else",
            )


def test_impossible_costs_are_refused(call, project, rng):
    """A cost that is negative, infinite or NaN raises ValueError"""
    customers = draw_customers(rng, 8, churn_rate=0.5, decimals=2)
    for cost in (-rng.uniform(0.01, 9), math.inf, math.nan):
        for costs in (costs_of(cost, 2.0), costs_of(2.0, cost)):
            call(MODULE, "choose_threshold", *customers, **costs).raises(
                "ValueError", look="both costs, before anything is computed with them"
            )
    costs = costs_of(0, 3.5)
    said = f"json.dumps(choose_threshold(..., **{costs}))"
    answer = project.probe(PROBE, "stored_threshold", *customers, costs, said=said)
    if answer.error:
        raised = f"{answer.error['type']}: {answer.error['message']}"
        raise answer.fails(
            f"It raised {raised}", "a number as text", "a cost of 0 is a cost; and NumPy's numbers"
        )
    if answer.value not in ("float", "int"):
        raise answer.fails(
            f"It took a threshold of the type {answer.value}",
            "a plain float",
            "what `return` gives back: NumPy's numbers need `float(...)` around them",
        )
