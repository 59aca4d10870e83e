"""How good are predicted churn probabilities?"""

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score


def evaluate(churned: pd.Series, probability: np.ndarray) -> dict[str, float]:
    """The scores of one model on one set of customers.

    `churned` is boolean, `probability` the predicted P(churn), in the same order. The keys:

    - roc_auc: the chance that a random churner is ranked above a random non-churner; 0.5 is
      guessing.
    - average_precision: area under the precision-recall steps; guessing gives the churn rate.
    - brier_score: mean squared distance between probability and outcome; lower is better.
    - churn_rate, customers: the share of churners, and how many customers were scored.
    """
    return {
        "roc_auc": float(roc_auc_score(churned, probability)),
        "average_precision": float(average_precision_score(churned, probability)),
        "brier_score": float(brier_score_loss(churned, probability)),
        "churn_rate": float(np.mean(churned)),
        "customers": len(churned),
    }


def calibration_table(churned: pd.Series, probability: np.ndarray, bins: int = 10) -> pd.DataFrame:
    """Predicted against observed churn, in `bins` equal slices of [0, 1]; no empty slices.

    Columns: from_probability and to_probability (the slice), customers, mean_probability,
    churn_rate. For a calibrated model the last two agree up to sampling error.
    """
    slices = np.minimum((np.asarray(probability) * bins).astype(int), bins - 1)
    scored = pd.DataFrame({"probability": probability, "churned": np.asarray(churned, dtype=bool)})
    table = scored.groupby(slices).agg(
        customers=("churned", "size"),
        mean_probability=("probability", "mean"),
        churn_rate=("churned", "mean"),
    )
    table.insert(0, "from_probability", table.index / bins)
    table.insert(1, "to_probability", (table.index + 1) / bins)
    return table.reset_index(drop=True)
