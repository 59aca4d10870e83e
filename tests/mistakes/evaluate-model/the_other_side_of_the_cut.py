# fails: test_strictly_above_decides_who_is_contacted
# says: contacts those above it only
# BEGIN SOLUTION
    if len(churned) != len(probability):
        raise ValueError("the lists differ in length")
    if not churned:
        raise ValueError("no customers")
    if not all(0 <= p <= 1 for p in probability):
        raise ValueError("not a probability")
    if len(set(churned)) == 1:
        raise ValueError("all customers have the same outcome")
    return np.array(churned, dtype=bool), np.array(probability, dtype=float)
# END SOLUTION
# BEGIN SOLUTION
    outcome, scores = parse_outcomes(churned, probability)
    predicted = scores > threshold
    return {
        "roc_auc": float(roc_auc_score(outcome, scores)),
        "average_precision": float(average_precision_score(outcome, scores)),
        "brier_score": float(brier_score_loss(outcome, scores)),
        "confusion": {
            "true_positive": int((predicted & outcome).sum()),
            "false_positive": int((predicted & ~outcome).sum()),
            "true_negative": int((~predicted & ~outcome).sum()),
            "false_negative": int((~predicted & outcome).sum()),
        },
    }
# END SOLUTION
# BEGIN SOLUTION
    outcome, scores = parse_outcomes(churned, probability)
    for cost in (false_positive_cost_gbp, false_negative_cost_gbp):
        if not 0 <= cost < math.inf:
            raise ValueError(f"not a cost: {cost}")

    def total(cut):
        contacted = scores >= cut
        wasted = (contacted & ~outcome).sum() * false_positive_cost_gbp
        return wasted + (~contacted & outcome).sum() * false_negative_cost_gbp

    return float(min([*np.unique(scores), 2.0], key=total))
# END SOLUTION
