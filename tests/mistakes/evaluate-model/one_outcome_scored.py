# fails: test_what_cannot_be_measured_is_refused
# says: a score would be invented
# BEGIN SOLUTION
    if len(churned) != len(probability):
        raise ValueError("the lists differ in length")
    if not churned:
        raise ValueError("no customers")
    if not all(0 <= p <= 1 for p in probability):
        raise ValueError("not a probability")
    return np.array(churned, dtype=bool), np.array(probability, dtype=float)
# END SOLUTION
# BEGIN SOLUTION
    outcome, scores = parse_outcomes(churned, probability)
    predicted = scores > threshold
    return {
        "roc_auc": float(roc_auc_score(outcome, scores)) if len(set(churned)) == 2 else 0.5,
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
        contacted = scores > cut
        wasted = (contacted & ~outcome).sum() * false_positive_cost_gbp
        return wasted + (~contacted & outcome).sum() * false_negative_cost_gbp

    return float(min([-1.0, *np.unique(scores)], key=total))
# END SOLUTION
