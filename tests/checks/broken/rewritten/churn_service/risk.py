"""The second right service: the levels are a table."""

LEVELS = ((0.7, "high"), (0.4, "medium"))


def risk_level(probability):
    if type(probability) not in (int, float):
        raise TypeError("give a probability as an int or a float")
    if probability < 0 or probability > 1 or probability != probability:
        raise ValueError("give a probability between 0 and 1")
    return next((name for above, name in LEVELS if probability > above), "low")
