# fails: test_boundaries_are_exact
# says: rounding before comparing
# BEGIN SOLUTION
    if isinstance(probability, bool) or not isinstance(probability, int | float):
        raise TypeError("not a number")
    if not 0 <= probability <= 1:
        raise ValueError("not a probability")
    percent = round(probability * 100)
    if percent > 70:
        return "high"
    return "medium" if percent > 40 else "low"
# END SOLUTION
