# fails: test_what_is_not_a_number_is_refused
# says: bool is a subclass of int
# BEGIN SOLUTION
    if not isinstance(probability, int | float):
        raise TypeError("not a number")
    if not 0 <= probability <= 1:
        raise ValueError("not a probability")
    if probability > HIGH_ABOVE:
        return "high"
    if probability > MEDIUM_ABOVE:
        return "medium"
    return "low"
# END SOLUTION
