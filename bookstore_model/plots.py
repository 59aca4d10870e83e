"""Draw what `evaluation` measures; every line and bar can be told apart without colour.

Each function draws on `axes`, or on a new figure when None, and returns the axes. `probabilities`
maps a model's name to its predicted P(churn) per customer, in the order of `churned`.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from bookstore_model.evaluation import calibration_table
from bookstore_model.train import TrainingRun

LINES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D")
DAYS_PER_BAR = 30


def plot_roc(churned: pd.Series, probabilities: dict[str, np.ndarray], axes: Axes | None = None):
    """Share of churners found against share of loyal customers disturbed, for every threshold."""
    axes = axes or _new_axes()
    for (name, scores), line in zip(probabilities.items(), LINES, strict=False):
        false_alarms, found, _ = roc_curve(churned, scores)
        axes.plot(false_alarms, found, line, label=name)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, label="guessing")
    return _finish(
        axes, "ROC curve", "false positive rate (share of 1)", "true positive rate (share of 1)"
    )


def plot_precision_recall(
    churned: pd.Series, probabilities: dict[str, np.ndarray], axes: Axes | None = None
):
    """How many of those flagged churn, against how many churners are flagged."""
    axes = axes or _new_axes()
    for (name, scores), line in zip(probabilities.items(), LINES, strict=False):
        precision, recall, _ = precision_recall_curve(churned, scores)
        axes.plot(recall, precision, line, label=name, drawstyle="steps-post")
    axes.axhline(np.mean(churned), color="grey", linewidth=0.8, label="guessing")
    return _finish(axes, "Precision and recall", "recall (share of 1)", "precision (share of 1)")


def plot_calibration(
    churned: pd.Series, probabilities: dict[str, np.ndarray], axes: Axes | None = None
):
    """Observed against predicted churn; a calibrated model lies on the diagonal."""
    axes = axes or _new_axes()
    for (name, scores), line, marker in zip(probabilities.items(), LINES, MARKERS, strict=False):
        table = calibration_table(churned, scores)
        axes.plot(table["mean_probability"], table["churn_rate"], line, marker=marker, label=name)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, label="calibrated")
    return _finish(
        axes, "Calibration", "mean predicted probability (share of 1)", "churn rate (share of 1)"
    )


def plot_scores(churned: pd.Series, probability: np.ndarray, axes: Axes | None = None):
    """How one model's probabilities are spread, for churners and for those who came back."""
    axes = axes or _new_axes()
    outcome = np.asarray(churned, dtype=bool)
    for rows, name, hatch in ((outcome, "churned", "//"), (~outcome, "came back", "..")):
        axes.hist(
            probability[rows],
            bins=20,
            range=(0, 1),
            alpha=0.5,
            hatch=hatch,
            edgecolor="black",
            label=name,
        )
    return _finish(axes, "Scores", "predicted probability (share of 1)", "customers (count)")


def plot_churn_by_recency(
    churned: pd.Series, days_since_last_order: pd.Series, axes: Axes | None = None
):
    """Churn rate per 30 days of recency, with the number of customers above each bar."""
    axes = axes or _new_axes()
    start = days_since_last_order // DAYS_PER_BAR * DAYS_PER_BAR
    table = churned.astype(float).groupby(start).agg(["mean", "size"])
    bars = axes.bar(
        table.index, table["mean"], width=0.9 * DAYS_PER_BAR, align="edge", edgecolor="black"
    )
    axes.bar_label(
        bars, [str(count) for count in table["size"]], fontsize=6, rotation=90, padding=2
    )
    axes.set_ylim(0, 1.15)  # room for the counts
    return _finish(
        axes, "Churn by recency", "days since last order (days)", "churn rate (share of 1)"
    )


def save_plots(folder: Path, run: TrainingRun) -> list[Path]:
    """Write every plot of a training run as a PNG into `folder`; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    churned, scores = run.test.churned, run.probabilities
    days = run.test.features["days_since_last_order"]
    drawings = {
        "roc": lambda axes: plot_roc(churned, scores, axes),
        "precision_recall": lambda axes: plot_precision_recall(churned, scores, axes),
        "calibration": lambda axes: plot_calibration(churned, scores, axes),
        "scores": lambda axes: plot_scores(churned, scores["model"], axes),
        "churn_by_recency": lambda axes: plot_churn_by_recency(churned, days, axes),
    }
    paths = []
    for name, draw in drawings.items():
        figure = Figure(figsize=(6, 4.5), layout="constrained")
        draw(figure.add_subplot())
        paths.append(folder / f"{name}.png")
        figure.savefig(paths[-1], dpi=120)
    return paths


def _new_axes() -> Axes:
    from matplotlib import pyplot  # here, because importing it chooses a window system

    return pyplot.subplots(figsize=(6, 4.5), layout="constrained")[1]


def _finish(axes: Axes, title: str, x: str, y: str) -> Axes:
    axes.set(title=title, xlabel=x, ylabel=y)
    if axes.get_legend_handles_labels()[1]:
        axes.legend()
    axes.grid(alpha=0.3)
    return axes
