# fails: test_nan_is_refused
# says: lets it through
# BEGIN SOLUTION
    if isinstance(probability, bool) or not isinstance(probability, int | float):
        raise TypeError("not a number")
    if probability < 0 or probability > 1:
        raise ValueError("not a probability")
    if probability > HIGH_ABOVE:
        return "high"
    if probability > MEDIUM_ABOVE:
        return "medium"
    return "low"
# END SOLUTION
