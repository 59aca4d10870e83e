"""Plots can be read: units on the axes, and lines that differ by more than colour."""

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from bookstore_model import plots


@pytest.mark.parametrize("name", ["plot_roc", "plot_precision_recall", "plot_calibration"])
def test_models_are_told_apart_without_colour(small_run, name):
    axes = getattr(plots, name)(
        small_run.test.churned, small_run.probabilities, Figure().add_subplot()
    )
    styles = [line.get_linestyle() for line in axes.get_lines()[:2]]
    assert len(set(styles)) == 2
    assert [text.get_text() for text in axes.get_legend().get_texts()][:2] == ["model", "baseline"]


@pytest.mark.parametrize("name", ["plot_roc", "plot_precision_recall", "plot_calibration"])
def test_curves_name_their_units(small_run, name):
    axes = getattr(plots, name)(
        small_run.test.churned, small_run.probabilities, Figure().add_subplot()
    )
    assert axes.get_xlabel().endswith("(share of 1)")
    assert axes.get_ylabel().endswith("(share of 1)")


def test_outcomes_in_the_score_histogram_differ_by_hatch(small_run):
    axes = plots.plot_scores(
        small_run.test.churned, small_run.probabilities["model"], Figure().add_subplot()
    )
    assert len({bar.get_hatch() for bar in axes.patches}) == 2
    assert sum(bar.get_height() for bar in axes.patches) == len(small_run.test.churned)


def test_recency_bars_show_the_churn_rate_and_count_everybody(small_run):
    test = small_run.test
    days = test.features["days_since_last_order"]
    axes = plots.plot_churn_by_recency(test.churned, days, Figure().add_subplot())
    first_month = test.churned[days < 30]
    assert axes.patches[0].get_height() == pytest.approx(first_month.mean())
    assert sum(int(text.get_text()) for text in axes.texts) == len(days)
    assert axes.get_xlabel() == "days since last order (days)"


def test_without_axes_a_new_figure_is_made(small_run):
    with mpl.rc_context({"backend": "agg"}):
        axes = plots.plot_roc(small_run.test.churned, small_run.probabilities)
    assert axes.figure.axes == [axes]


def test_save_plots_writes_one_image_per_plot(small_run, tmp_path):
    paths = plots.save_plots(tmp_path / "plots", small_run)
    assert len(paths) == 5
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
