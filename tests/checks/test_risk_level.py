"""What `risk_level` must do: levels with exact boundaries, and a refusal of what is no probability."""

import math

MODULE = "churn_service.risk"


def test_levels_follow_the_thresholds(call, rng):
    """Probabilities well inside each level get that level"""
    for level, lowest, highest in (("low", 0.0, 0.4), ("medium", 0.4, 0.7), ("high", 0.7, 1.0)):
        probability = rng.uniform(lowest + 0.01, highest - 0.01)
        call(MODULE, "risk_level", probability).equals(
            level, look="the order of the comparisons and the three words"
        )


def test_boundaries_are_exact(call):
    """0.7 is still medium and 0.4 still low; the next number up is not"""
    for boundary, at, above in ((0.7, "medium", "high"), (0.4, "low", "medium")):
        call(MODULE, "risk_level", boundary).equals(
            at, look=f"'above {boundary}' leaves {boundary} itself out: `>` or `>=`?"
        )
        call(MODULE, "risk_level", math.nextafter(boundary, 1)).equals(
            above, look="rounding before comparing: the probability must be compared as it came"
        )
    call(MODULE, "risk_level", 0.0).equals("low", look="0.0 is a probability like any other")
    call(MODULE, "risk_level", 1.0).equals("high", look="1.0 is a probability like any other")


def test_numbers_outside_zero_to_one_are_refused(call, rng):
    """A number below 0 or above 1 raises ValueError"""
    outside = [-rng.uniform(0.1, 9), 1 + rng.uniform(0.1, 99)]
    outside += [math.nextafter(0, -1), math.nextafter(1, 2)]
    for number in [*outside, math.inf, -math.inf]:
        call(MODULE, "risk_level", number).raises(
            "ValueError", look="a probability is from 0 to 1; refuse before you compare"
        )


def test_nan_is_refused(call):
    """NaN raises ValueError"""
    call(MODULE, "risk_level", math.nan).raises(
        "ValueError", look="every comparison with NaN is False, so `p < 0 or p > 1` lets it through"
    )


def test_what_is_not_a_number_is_refused(call, rng):
    """Text, None and booleans raise TypeError"""
    for value in (str(rng.random()), None, [rng.random()]):
        call(MODULE, "risk_level", value).raises("TypeError", look="the type, before the value")
    for value in (True, False):
        call(MODULE, "risk_level", value).raises(
            "TypeError", look="bool is a subclass of int in Python: `isinstance(True, int)` is True"
        )
