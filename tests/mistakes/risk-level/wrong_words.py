# fails: test_levels_follow_the_thresholds
# says: the three words
# BEGIN SOLUTION
    if isinstance(probability, bool) or not isinstance(probability, int | float):
        raise TypeError("not a number")
    if not 0 <= probability <= 1:
        raise ValueError("not a probability")
    if probability > HIGH_ABOVE:
        return "High"
    if probability > MEDIUM_ABOVE:
        return "Medium"
    return "Low"
# END SOLUTION
