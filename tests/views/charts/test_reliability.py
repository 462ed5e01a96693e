"""Charts of the track record."""

import numpy as np
import pytest
from chart_reading import has_chinese

from sim.learning.track_record import read_panel_reliability
from sim.views import charts
from sim.views.charts.reliability import entitle_record


def test_reliability_shows_the_bins_in_per_cent():
    bins = read_panel_reliability()
    axes = charts.plot_reliability(bins, "title")
    points = axes.collections[-1].get_offsets()
    assert np.asarray(points) == pytest.approx(100 * bins[["probability", "met"]].to_numpy())
    assert [f"{count:.0f}" for count in bins.n] == [text.get_text() for text in axes.texts[: len(bins)]]
    assert axes.get_title("left") == "title"


@has_chinese
def test_trust_charts_are_chinese(backtest):
    axes = charts.plot_reliability(read_panel_reliability(), lang="zh")
    assert axes.get_xlabel() == "1 月给出的概率，%"
    assert charts.plot_skill(backtest, lang="zh").get_title("left").startswith("地区生产总值，2019–2023 年 ")
    legend = [text.get_text() for text in charts.plot_skill(backtest, lang="zh").get_legend().get_texts()]
    assert legend[-1] == "本方法"
    assert "抛硬币" not in legend
    title = entitle_record("gdp", 203, "2014-2021", 0.2084, float("nan"), "zh")
    assert title == "地区生产总值，2014–2021 年 203 项目标：布里尔评分 0.208（仅一年，误差未知）"
