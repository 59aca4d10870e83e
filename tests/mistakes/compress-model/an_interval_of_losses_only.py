# fails: test_the_interval_is_paired
# says: which quantiles are taken
# BEGIN SOLUTION
    outcomes = np.asarray(churned, dtype=bool)
    scores = np.asarray(full, dtype=float), np.asarray(small, dtype=float)
    if any(len(score) != len(outcomes) for score in scores):
        raise ValueError("outcomes and both models' probabilities must be of the same customers")
    if outcomes.all() or not outcomes.any():
        raise ValueError("with one outcome only there is no area to measure")

    def loss(rows) -> float:
        return area(outcomes[rows], scores[0][rows]) - area(outcomes[rows], scores[1][rows])

    everyone = np.arange(len(outcomes))
    rng = np.random.default_rng(seed)
    losses = []
    while len(losses) < RESAMPLES:
        drawn = rng.choice(everyone, len(everyone))
        if 0 < outcomes[drawn].sum() < len(drawn):
            losses.append(loss(drawn))
    outside = (1 - CONFIDENCE) / 2
    low, high = np.quantile(losses, [0.8, 0.9])
    return AucLoss(float(loss(everyone)), float(low), float(high))
# END SOLUTION
# BEGIN SOLUTION
def area(outcomes: np.ndarray, scores: np.ndarray) -> float:
    """Return ROC AUC from ranks (Mann and Whitney), which is what hundreds of draws can afford."""
    churners = int(outcomes.sum())
    ranks = rankdata(scores)[outcomes].sum() - churners * (churners + 1) / 2
    return ranks / (churners * (len(outcomes) - churners))


# END SOLUTION
# BEGIN SOLUTION
    missed = ""
    for trees, depth in ((5, 5), (10, 6), (20, 7), (20, 8), (40, 8), (60, 10), (100, 12)):
        forest = RandomForestClassifier(
            trees, max_depth=depth, min_samples_leaf=20, random_state=seed
        )
        forest.fit(*train)
        made = Compressed(
            forest,
            stored_bytes(forest),
            comparisons_per_row(forest, validation[0]),
            auc_loss(validation[1], full, forest.predict_proba(validation[0])[:, 1], seed=seed),
        )
        if made.stored_bytes > budget.max_bytes:
            # A forest that fits and lost too much came nearer; the next ones are larger still.
            missed = missed or f"{made.stored_bytes:,} bytes, {budget.max_bytes:,} are allowed"
            break
        if made.comparisons > budget.max_comparisons:
            missed = missed or (
                f"{made.comparisons:.0f} comparisons a row, {budget.max_comparisons:g} are allowed"
            )
            break
        if made.auc_loss.high <= budget.max_auc_loss:
            return made
        missed = f"lost up to {made.auc_loss.high:.4f} AUC, {budget.max_auc_loss:g} is allowed"
    raise BudgetNotMet(f"no forest fits the budget; the nearest one: {missed}")
# END SOLUTION
