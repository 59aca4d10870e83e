# fails: test_numbers_outside_zero_to_one_are_refused
# says: refuse before you compare
# BEGIN SOLUTION
    if probability > HIGH_ABOVE:
        return "high"
    if probability > MEDIUM_ABOVE:
        return "medium"
    return "low"
# END SOLUTION
