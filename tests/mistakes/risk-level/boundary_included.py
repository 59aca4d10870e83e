# fails: test_boundaries_are_exact
# says: `>` or `>=`
# BEGIN SOLUTION
    if isinstance(probability, bool) or not isinstance(probability, int | float):
        raise TypeError("not a number")
    if not 0 <= probability <= 1:
        raise ValueError("not a probability")
    if probability >= HIGH_ABOVE:
        return "high"
    if probability >= MEDIUM_ABOVE:
        return "medium"
    return "low"
# END SOLUTION
