"""Runs beside the project: draws customers, trains the full forest, and has it compressed."""

import dataclasses
import io

import numpy as np


def draw_customers(rng, rows):
    """Features on the scales of the shop's, and outcomes with an interaction that small trees miss."""
    days, orders = rng.exponential(100, rows), rng.geometric(0.3, rows)
    value, rate = orders * rng.lognormal(3.2, 0.5, rows), rng.beta(2, 5, rows)
    score = (days - 70) / 40 - orders / 3 + 4 * ((days > 60) ^ (rate > 0.3)) - value / 400
    churned = rng.random(rows) < 1 / (1 + np.exp(-score))
    return np.column_stack([days, orders, value, rate]).astype(np.float64), churned


def coarse(rng, forest, rows):
    """Probabilities so noisy that any forest worth its name is better, and a stump is worse."""
    noisy = forest.predict_proba(rows)[:, 1] + rng.normal(0, 0.4, len(rows))
    return 1 / (1 + np.exp(2 - 4 * noisy))  # between 0 and 1, in the same order


def loss_of(churned, full, small, seed):
    """What `auc_loss` returns for these customers."""
    from pipeline.compress import auc_loss

    return dataclasses.asdict(auc_loss(churned, full, small, seed=seed))


def compressed(seed, max_bytes, max_comparisons, max_auc_loss, *, twice=False):
    """What `compress` made for drawn customers, measured anew here."""
    import joblib
    from sklearn.ensemble import RandomForestClassifier

    from pipeline.compress import Budget, compress

    rng = np.random.default_rng(seed)
    train, validation = draw_customers(rng, 1200), draw_customers(rng, 800)
    full = coarse(rng, RandomForestClassifier(30, random_state=0).fit(*train), validation[0])
    budget = Budget(max_bytes, max_comparisons, max_auc_loss)
    made = compress(train, validation, full, budget, seed=seed)
    forest, small = made.forest, made.forest.predict_proba(validation[0])[:, 1]
    stored = io.BytesIO()
    joblib.dump(forest, stored)
    paths = forest.decision_path(validation[0])[0]
    again = compress(train, validation, full, budget, seed=seed) if twice else made
    return {
        "bytes": stored.getbuffer().nbytes,
        "comparisons": float(paths.sum() / len(validation[0]) - len(forest.estimators_)),
        "told": {"bytes": made.stored_bytes, "comparisons": made.comparisons}
        | dataclasses.asdict(made.auc_loss),
        "n_jobs": forest.n_jobs,
        "churned": validation[1].tolist(),
        "full": full.tolist(),
        "small": small.tolist(),
        "same": bool((again.forest.predict_proba(validation[0])[:, 1] == small).all()),
    }
