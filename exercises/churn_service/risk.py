"""From a probability to the word the marketing team acts on."""

HIGH_ABOVE = 0.7
MEDIUM_ABOVE = 0.4


def risk_level(probability: float) -> str:
    """Return 'high', 'medium' or 'low' for a churn probability.

    Above 0.7 is 'high', above 0.4 is 'medium', the rest is 'low'. A boundary belongs to the lower
    level: 0.7 itself is 'medium', 0.4 itself is 'low'.

    Raises TypeError for anything but an int or a float; True and False are not probabilities.
    Raises ValueError outside 0 to 1, and for NaN, which compares false with every number.
    """
    raise NotImplementedError("risk-level")
