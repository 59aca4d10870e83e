"""One sorted table and cumulative sums; scikit-learn for the three scores and the confusion matrix."""

import numpy as np
import pandas as pd
from sklearn import metrics


def parse_outcomes(churned, probability):
    try:
        table = pd.DataFrame({"churned": churned, "probability": probability}, dtype="float64")
    except ValueError as error:
        raise ValueError(f"not one probability per outcome: {error}") from error
    if table.empty:
        raise ValueError("the table is empty")
    if not table["probability"].between(0, 1).all():
        raise ValueError("some probability is missing or outside [0, 1]")
    if table["churned"].nunique() != 2:
        raise ValueError("there must be churners and others")
    return table


def evaluate(churned, probability, *, threshold=0.5):
    table = parse_outcomes(churned, probability)
    y, p = table["churned"], table["probability"]
    tn, fp, fn, tp = metrics.confusion_matrix(y, p > threshold, labels=[0, 1]).ravel().tolist()
    return {
        "roc_auc": float(metrics.roc_auc_score(y, p)),
        "average_precision": float(metrics.average_precision_score(y, p)),
        "brier_score": float(metrics.brier_score_loss(y, p)),
        "confusion": {
            "true_positive": tp,
            "false_positive": fp,
            "true_negative": tn,
            "false_negative": fn,
        },
    }


def choose_threshold(
    churned, probability, *, false_positive_cost_gbp: float, false_negative_cost_gbp: float
) -> float:
    table = parse_outcomes(churned, probability)
    if not all(np.isfinite(c) and c >= 0 for c in (false_positive_cost_gbp, false_negative_cost_gbp)):
        raise ValueError("costs are finite and not negative")
    saved = table["churned"].map({1.0: false_negative_cost_gbp, 0.0: -false_positive_cost_gbp})
    gain = saved.groupby(table["probability"]).sum().sort_index(ascending=False).cumsum()
    if gain.max() <= 0:
        return 1.0
    lowest_contacted = gain.idxmax()
    return float(np.nextafter(lowest_contacted, -np.inf))
