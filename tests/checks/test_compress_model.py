"""What `auc_loss` and `compress` must do: an interval that is paired, and a forest within its budget.

Expected values come from the definition of the area and from the paired variance of E. R. DeLong,
D. M. DeLong and D. L. Clarke-Pearson (Biometrics 44, 1988), in plain Python: another method than the
reference's, so the check leaves room between the two.
"""

import bisect
import functools
import math
import statistics
from pathlib import Path

import pytest

PROBE = Path(__file__).parent / "probes" / "compressing.py"
TOLERANCE = 1e-9
BUDGET = {"max_bytes": 800_000, "max_comparisons": 250, "max_auc_loss": 0.02}


def placements(scores: list[float], others: list[float]) -> list[float]:
    """For each score the share of the others below it, half of those that equal it."""
    ranked = sorted(others)
    both = [(bisect.bisect_left(ranked, s), bisect.bisect_right(ranked, s)) for s in scores]
    return [(low + high) / 2 / len(ranked) for low, high in both]


def split(churned: list, scores: list) -> tuple[list, list]:
    pairs = list(zip(churned, scores, strict=True))
    return [s for c, s in pairs if c], [s for c, s in pairs if not c]


def loss_and_error(churned: list, full: list, small: list) -> tuple[float, float]:
    """AUC(full) - AUC(small) and the standard error of that difference, paired."""
    above, below = [], []
    for scores in (full, small):
        gone, stayed = split(churned, scores)
        above.append(placements(gone, stayed))
        below.append(placements(stayed, gone))
    by_gone = [f - s for f, s in zip(*above, strict=True)]
    by_stayed = [f - s for f, s in zip(*below, strict=True)]
    variance = statistics.variance(by_gone) / len(by_gone)
    variance += statistics.variance(by_stayed) / len(by_stayed)
    return statistics.mean(by_gone), math.sqrt(variance)


def draw_scores(rng, count: int, *, mirrored: float = 0) -> tuple[list, list, list]:
    """Outcomes; a good model's probabilities; those of one that differs from it a little.

    `mirrored` is the share of customers whom the second model takes for the opposite: it makes its loss
    many times as large as the loss is uncertain.
    """
    churned = [True, False] + [rng.random() < 0.35 for _ in range(count - 2)]
    full = [min(1.0, max(0.0, rng.gauss(0.62 if c else 0.38, 0.2))) for c in churned]
    taken = [1 - p if rng.random() < mirrored else p for p in full]
    small = [min(1.0, max(0.0, p + rng.gauss(0, 0.08))) for p in taken]
    return churned, full, small


def told(project, churned: list, full: list, small: list, seed: int):
    said = f"auc_loss(churned, full, small, seed={seed}) for {len(churned)} customers"
    return project.probe(PROBE, "loss_of", churned, full, small, seed, said=said)


def compressed(project, seed: int, *, twice: bool = False, **changes):
    budget = BUDGET | changes
    limits = ", ".join(f"{name}={value:g}" for name, value in budget.items())
    said = f"compress(train, validation, full, Budget({limits}), seed={seed})"
    return project.probe(PROBE, "compressed", seed, *budget.values(), twice=twice, said=said)


@functools.cache
def made_within(project, seed: int):
    """The forest that four checks look at, made twice."""
    return compressed(project, seed, twice=True)


@pytest.fixture
def seed(project, rng) -> int:
    """One seed for the whole run: the first check that asks draws it."""
    return drawn_once(project, rng.randrange(10**6))


@pytest.fixture
def answer(project, seed):
    """One forest for the whole run."""
    return made_within(project, seed)


@functools.cache
def _seeds(project) -> list[int]:
    return []


def drawn_once(project, seed: int) -> int:
    drawn = _seeds(project)
    if not drawn:
        drawn.append(seed)
    return drawn[0]


def test_the_estimate_is_full_less_small(project, rng):
    """The estimate is ROC AUC of the full model less that of the small one, and can be negative"""
    churned, full, small = draw_scores(rng, 300)
    for one, other, what in ((full, small, "full, small"), (small, full, "small, full")):
        answer = told(project, churned, one, other, 1)
        expected, _ = loss_and_error(churned, one, other)
        got = answer.value["estimate"]
        if abs(got - expected) > TOLERANCE:
            raise answer.fails(
                f"The estimate for ({what}) was {got}",
                f"{expected}",
                "the sign, and the customers: the estimate is of all of them, not of a draw",
            )


def test_the_interval_is_paired(project, rng):
    """The interval holds the estimate, and is as wide as the paired difference is uncertain"""
    for mirrored in (0.2, 0):
        churned, full, small = draw_scores(rng, 600, mirrored=mirrored)
        answer = told(project, churned, full, small, rng.randrange(1000))
        got, (estimate, error) = answer.value, loss_and_error(churned, full, small)
        if not got["low"] <= estimate <= got["high"]:
            raise answer.fails(
                f"The interval is {got['low']} to {got['high']}",
                f"one that holds {estimate}",
                "which quantiles are taken, and of what",
            )
    expected = 2 * 1.96 * error
    others = [told(project, churned, full, small, rng.randrange(1000)).value for _ in range(9)]
    width = statistics.mean(one["high"] - one["low"] for one in (got, *others))  # draws vary
    if width > 1.5 * expected:
        raise answer.fails(
            f"It is {width:.4f} wide, the mean of ten seeds",
            f"about {expected:.4f}, the width of a 95 % interval",
            "the pairing: both models are measured on the same customers in each draw. Two draws, "
            "one for each model, add up what is hard about the customers",
        )
    if width < expected / 1.13:
        raise answer.fails(
            f"It is {width:.4f} wide, the mean of ten seeds",
            f"about {expected:.4f}, the width of a 95 % interval",
            "the draws: as many customers as there are, with replacement; and the outer 2.5 % on each side",
        )


def test_the_same_seed_gives_the_same_interval(project, rng):
    """The same seed gives the same interval"""
    churned, full, small = draw_scores(rng, 200)
    seed = rng.randrange(1000)
    first, second = (told(project, churned, full, small, seed) for _ in range(2))
    second.equals(
        first.value, look="the generator: made from `seed` in each call, not once for all"
    )


def test_what_cannot_be_measured_is_refused(project, rng):
    """One outcome only, or different lengths, raise ValueError"""
    churned, full, small = draw_scores(rng, 30)
    look = "what there is to compare: both outcomes, and as many probabilities as customers"
    told(project, [True] * 30, full, small, 1).raises("ValueError", look=look)
    told(project, [False] * 30, full, small, 1).raises("ValueError", look=look)
    told(project, churned, full, small[:-1], 1).raises("ValueError", look=look)


def test_few_churners_do_not_break_the_draws(project, rng):
    """With two churners among forty, or two others, the interval is still one of numbers"""
    _, full, small = draw_scores(rng, 40)
    for few, who in ((True, "churner"), (False, "loyal customer")):
        churned = [few, few] + [not few] * 38
        answer = told(project, churned, full, small, rng.randrange(1000))
        values = [answer.value[name] for name in ("estimate", "low", "high")]
        if not all(isinstance(value, float) and math.isfinite(value) for value in values):
            raise answer.fails(
                f"It returned {values}",
                "three finite numbers",
                f"a draw that holds no {who}: there is no area to measure in it, so draw again",
            )


def test_the_forest_fits_the_budget(answer):
    """The forest is within bytes, comparisons and AUC loss, on one core"""
    made = answer.value
    for name, unit in (("bytes", "bytes"), ("comparisons", "comparisons a row")):
        most = BUDGET[f"max_{name}"]
        if made[name] > most:
            raise answer.fails(
                f"The forest takes {made[name]:,.0f} {unit}",
                f"at most {most:,}",
                f"the comparison with max_{name}, for the very forest that is returned",
            )
    loss, error = loss_and_error(made["churned"], made["full"], made["small"])
    if loss + 1.5 * error > BUDGET["max_auc_loss"]:
        raise answer.fails(
            f"The forest loses {loss:.4f} AUC, give or take {2 * error:.4f}",
            f"up to {BUDGET['max_auc_loss']:g} at the upper end of the interval",
            "which end of the interval is held against max_auc_loss: `high`, the loss there may well be",
        )
    if made["n_jobs"] not in (None, 1):
        raise answer.fails(
            f"The forest's n_jobs is {made['n_jobs']}",
            "None or 1",
            "for one row a pool of threads costs more than the forest",
        )


def test_what_is_told_of_the_forest_is_true(answer):
    """The size, the comparisons and the loss that are returned are those of the forest"""
    made = answer.value
    expected = {"bytes": made["bytes"], "comparisons": made["comparisons"]}
    expected["estimate"] = loss_and_error(made["churned"], made["full"], made["small"])[0]
    for name, value in expected.items():
        if abs(made["told"][name] - value) > TOLERANCE * max(1, abs(value)):
            raise answer.fails(
                f"It says {name} = {made['told'][name]}",
                f"{value}, as measured on the forest",
                "which forest was measured, and on which customers: the validation ones",
            )


def test_the_same_arguments_give_the_same_forest(answer):
    """The same arguments give the same forest"""
    if not answer.value["same"]:
        raise answer.fails(
            "The two forests say different things", "the same", "random_state: it comes from `seed`"
        )


def test_a_budget_that_cannot_be_met_is_refused(project, rng):
    """When no forest fits, BudgetNotMet says what is in the way"""
    seed = rng.randrange(10**6)
    for change, word in (
        ({"max_bytes": 900}, "bytes"),
        ({"max_comparisons": 0.5}, "comparisons"),
        ({"max_auc_loss": -0.3, "max_bytes": 60_000}, "AUC"),
    ):
        answer = compressed(project, seed, **change)
        look = "the end of the search: it must not settle for a forest that does not fit"
        if not answer.error:
            got = "It returned a forest"
            if isinstance(answer.result, dict) and "bytes" in answer.result:
                got += f" of {answer.result['bytes']:,} bytes"
            raise answer.fails(got, "it raises BudgetNotMet: no forest fits this budget", look)
        message = answer.raises("BudgetNotMet", look=look)
        if word.lower() not in message.lower():
            raise answer.fails(
                f"It raised BudgetNotMet: {message}",
                f"a sentence that names {word}",
                "what the message tells: which of the three limits was missed",
            )


def test_the_upper_end_of_the_loss_counts(project, answer, seed):
    """A forest whose loss is within the budget in the middle of its interval only is not returned"""
    made = answer.value
    loss, error = loss_and_error(made["churned"], made["full"], made["small"])
    most = loss + error / 4  # the loss of this forest may well be more: its interval goes further
    limits = {"max_auc_loss": most, "max_bytes": made["bytes"]}
    second = compressed(project, seed, **limits)
    if second.error:
        second.raises("BudgetNotMet", look="what is raised when no forest fits")
        return
    got = second.value
    loss, error = loss_and_error(got["churned"], got["full"], got["small"])
    if got["bytes"] > made["bytes"] or loss + 0.3 * error > most:
        raise second.fails(
            f"The forest loses {loss:.4f} AUC, give or take {2 * error:.4f}, in {got['bytes']:,} bytes",
            f"at most {most:.4f}, the uncertainty counted in, in {made['bytes']:,} bytes; or BudgetNotMet",
            "which value of the three is held against max_auc_loss: the loss may well be `high`",
        )
