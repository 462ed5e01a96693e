"""Tornado: what the table of the sensitivity says."""

import re

import numpy as np
import pytest
from chart_reading import read_all
from matplotlib.colors import to_rgb

from sim.views import charts
from sim.views.charts.tornado import _VARIANTS
from sim.views.numbers import print_change, print_odds


def test_tornado_shows_the_table_longest_on_top(sensitivity):
    target = "fixed_asset_investment"
    axes = charts.plot_tornado(sensitivity, target)
    rows = sensitivity.table[sensitivity.table.target == target]
    wide = 100 * rows.pivot(index="shock", columns="variant", values="probability")
    stands = wide["scenario"].iloc[0]
    spans = wide[["scenario", *_VARIANTS]].max(axis=1) - wide[["scenario", *_VARIANTS]].min(axis=1)
    order = list(spans.sort_values(ascending=False).index)
    titles = [label.get_text().split("\n")[0] for label in axes.get_yticklabels()]
    assert titles == [sensitivity.scenario.shocks[shock].title.en for shock in order]
    bars = [bar for container in axes.containers for bar in container]
    ends = [bar.get_x() + bar.get_width() for bar in bars]
    expected = [wide.loc[shock, variant] for shock in order for variant in _VARIANTS]
    assert ends == pytest.approx(expected)
    assert all(bar.get_x() == pytest.approx(stands) for bar in bars)
    for end in expected:
        assert f"{print_odds(end / 100)} ({print_change(end - stands)})" in read_all(axes)
    assert any("chance 75 % with" in words for words in read_all(axes))
    with pytest.raises(ValueError, match="no target with odds named gpd; the plan has gdp, "):
        charts.plot_tornado(sensitivity, "gpd")


def test_tornado_numbers_stay_within_the_figure_and_apart(sensitivity):
    for target in ("gdp", "retail_sales", "fixed_asset_investment"):
        axes = charts.plot_tornado(sensitivity, target)
        axes.figure.canvas.draw()
        frame = axes.get_window_extent()
        numbers = [text.get_window_extent() for text in axes.texts if re.search(r"\([+−0]", text.get_text())]
        assert len(numbers) == 3 * len(sensitivity.scenario.shocks)
        assert all(frame.x0 - 2 < box.x0 and box.x1 < axes.figure.bbox.x1 for box in numbers)
        labels = [label.get_window_extent() for label in axes.get_yticklabels()]
        assert min(box.x0 for box in labels) > 0
        assert not any(one.overlaps(other) for k, one in enumerate(labels) for other in labels[k + 1 :])


def test_tornado_bars_differ_in_grey():
    greys = sorted(np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) for colour, _ in _VARIANTS.values())
    assert min(np.diff(greys)) > 0.15
