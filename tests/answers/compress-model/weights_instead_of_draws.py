# BEGIN SOLUTION
    if len({len(churned), len(full), len(small)}) > 1:
        raise ValueError("as many probabilities as customers, please")
    truth = np.asarray(churned, dtype=int)
    if len(set(truth.tolist())) != 2:
        raise ValueError("both outcomes are needed")
    generator = np.random.RandomState(seed % 2**32)
    n, differences = len(truth), []
    while len(differences) < 200:
        weights = generator.multinomial(n, [1 / n] * n)
        if min(weights[truth == 1].sum(), weights[truth == 0].sum()) == 0:
            continue
        one = roc_auc_score(truth, full, sample_weight=weights)
        other = roc_auc_score(truth, small, sample_weight=weights)
        differences.append(one - other)
    centre = roc_auc_score(truth, full) - roc_auc_score(truth, small)
    differences.sort()
    low, high = differences[4], differences[-5]
    return AucLoss(centre, min(low, centre), max(high, centre))
# END SOLUTION
# BEGIN SOLUTION
from sklearn.metrics import roc_auc_score
# END SOLUTION
# BEGIN SOLUTION
    def measured(trees, leaf):
        forest = RandomForestClassifier(
            n_estimators=trees, min_samples_leaf=leaf, random_state=seed, n_jobs=1
        ).fit(train[0], train[1])
        probabilities = forest.predict_proba(validation[0])[:, 1]
        return Compressed(
            forest=forest,
            stored_bytes=stored_bytes(forest),
            comparisons=comparisons_per_row(forest, validation[0]),
            auc_loss=auc_loss(validation[1], full, probabilities, seed=seed),
        )

    misses = set()
    for trees, leaf in ((6, 40), (12, 30), (20, 20)):
        made = measured(trees, leaf)
        found = {
            "bytes": made.stored_bytes > budget.max_bytes,
            "comparisons": made.comparisons > budget.max_comparisons,
            "AUC": made.auc_loss.high > budget.max_auc_loss,
        }
        if not any(found.values()):
            return made
        misses |= {name for name, missed in found.items() if missed}
    raise BudgetNotMet(f"every forest that was tried missed one of: {sorted(misses)}")
# END SOLUTION
