"""Ridgeline: densities through quantiles, parted at the target."""

import numpy as np
import pytest
from chart_reading import list_printed, read_all

from sim.results.attainment import QUANTILE_LEVELS
from sim.views import charts
from sim.views.charts.ridgeline import trace_density
from sim.views.numbers import print_odds


@pytest.mark.parametrize("spread", [1.0, 4.0])
def test_a_density_through_normal_quantiles_is_normal(spread):
    from scipy.special import ndtri

    x, density = trace_density(QUANTILE_LEVELS, 2 + spread * ndtri(QUANTILE_LEVELS))
    normal = np.exp(-0.5 * ((x - 2) / spread) ** 2) / np.sqrt(2 * np.pi) / spread
    assert density == pytest.approx(normal, rel=1e-6)


@pytest.mark.parametrize("quantiles", [[-9, -3, 4.4, 5.0, 5.6, 6.2, 6.5], [0, 0.1, 0.2, 5, 9.8, 9.9, 10]])
def test_a_density_is_positive_and_holds_the_shares_of_its_quantiles(quantiles):
    x, density = trace_density(QUANTILE_LEVELS, quantiles)
    assert (density >= 0).all()
    mass = np.concatenate([[0.005], 0.005 + np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(x))])
    assert np.interp(quantiles, x, mass) == pytest.approx(QUANTILE_LEVELS, abs=0.03)


def test_ridgeline_shows_the_odds_the_target_and_the_past(counted):
    axes = charts.plot_ridgeline(counted.attainments, "gdp")
    labels = [label.get_text() for label in axes.get_yticklabels()]
    names = [" ".join(label.split("\n")) for label in labels[:-1]]
    assert names == ["Baseline", "Export slump (certain here)", "External and property (90 % likely here)"]
    past = [row for row in counted.model.plan.history if row.indicator == "gdp" and row.outcome is not None]
    assert labels[-1] == f"outcomes {past[0].year}–{past[-1].year}"
    shown = [text.get_text() for text in axes.texts if text.get_text().endswith(" %")]
    assert shown == [f"{print_odds(list_printed(each)['gdp'])} %" for each in counted.attainments]
    assert any(set(line.get_xdata()) == {5.5} for line in axes.lines)
    low, high = axes.get_xlim()
    ticks = next(line for line in axes.lines if line.get_marker() == "|").get_xdata()
    assert list(ticks) == [row.outcome for row in past if low <= row.outcome <= high]
    beyond = sum(row.outcome > high for row in past)
    assert f"{beyond} higher" in read_all(axes)


def test_ridges_peak_near_the_median_and_are_parted_at_the_target(counted):
    axes = charts.plot_ridgeline(counted.attainments[:1], "gdp")
    median = counted.attainments[0].quantiles.query("series == 'gdp' and period == 'FY' and unit == '%'")["q50"].iloc[0]
    ridge = max((line for line in axes.lines), key=lambda line: len(line.get_xdata()))
    assert ridge.get_xdata()[np.argmax(ridge.get_ydata())] == pytest.approx(median, abs=0.3)
    parts = [patch.get_paths()[0].vertices[:, 0] for patch in axes.collections]
    assert sorted((part.min() == 5.5, part.max() == 5.5) for part in parts) == [(False, True), (True, False)]


def test_ridgeline_refuses_what_cannot_be_drawn(counted):
    with pytest.raises(ValueError, match="no indicator 'gpd'; the plan has gdp, "):
        charts.plot_ridgeline(counted.attainments, "gpd")
    with pytest.raises(ValueError, match="no attainments to draw"):
        charts.plot_ridgeline([], "gdp")
