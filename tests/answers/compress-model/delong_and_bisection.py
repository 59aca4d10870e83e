# BEGIN SOLUTION
    y = np.array(churned, dtype=bool)
    first, second = np.array(full, dtype=float), np.array(small, dtype=float)
    if not len(y) == len(first) == len(second):
        raise ValueError("of different lengths")
    if y.sum() in (0, len(y)):
        raise ValueError("one outcome only")

    def parts(scores):
        gone, stayed = scores[y], scores[~y]
        wins = (gone[:, None] > stayed) + 0.5 * (gone[:, None] == stayed)
        return wins.mean(axis=1), wins.mean(axis=0)

    (gone_1, stayed_1), (gone_2, stayed_2) = parts(first), parts(second)
    difference = gone_1.mean() - gone_2.mean()
    variance = np.var(gone_1 - gone_2, ddof=1) / y.sum()
    variance += np.var(stayed_1 - stayed_2, ddof=1) / (~y).sum()
    half = 1.959964 * variance**0.5
    return AucLoss(float(difference), float(difference - half), float(difference + half))
# END SOLUTION
# BEGIN SOLUTION
# END SOLUTION
# BEGIN SOLUTION
    from sklearn.ensemble import ExtraTreesClassifier

    reasons = []
    for leaves in (8, 16, 32, 48, 64, 96):
        for kind in (RandomForestClassifier, ExtraTreesClassifier):
            forest = kind(12, max_leaf_nodes=leaves, random_state=seed, max_features=None)
            forest.fit(*train)
            size = stored_bytes(forest)
            work = comparisons_per_row(forest, validation[0])
            if size > budget.max_bytes or work > budget.max_comparisons:
                reasons.append(f"{size} bytes and {work} comparisons")
                continue
            told = auc_loss(
                validation[1], full, forest.predict_proba(validation[0])[:, 1], seed=seed
            )
            if told.high <= budget.max_auc_loss:
                return Compressed(forest, size, work, told)
            reasons.append(f"lost {told.high} AUC")
    raise BudgetNotMet("; ".join(reasons))
# END SOLUTION
