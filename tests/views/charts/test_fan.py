"""Fans: history, target and odds in words, whatever lies far away or is missing."""

from dataclasses import replace

import numpy as np
import pytest
from chart_reading import read_all, rename, render

import sim
from sim.views import charts, fonts
from sim.views.charts.fan import _choose_limits
from sim.views.likelihood_words import describe


def test_fan_has_history_and_the_target_year(counted):
    plan = counted.model.plan
    axes = charts.plot_fan(counted.attainments[0], "gdp")
    outcomes = [row.outcome for row in plan.history if row.indicator == "gdp" and row.outcome is not None]
    lines = {line.get_label(): line for line in axes.lines}
    drawn = lines["outcome"].get_ydata()
    assert [value for value in drawn if value == value] == outcomes
    promised = [row.target for row in plan.history if row.indicator == "gdp" and row.target is not None]
    assert list(lines["target of that year"].get_ydata()) == promised
    fan = counted.attainments[0].quantiles.query("series == 'gdp' and unit == '%'").set_index("period")
    assert list(lines["median"].get_ydata()) == list(fan["q50"].loc[["Q1", "H1", "Q1-Q3", "FY"]])
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels[-5:] == ["2023", "Q1", "H1", "Q1–Q3", "Year"]
    assert "2024: from its start to the quarter’s end, as published" in read_all(axes)


def test_fan_has_the_target_its_tolerance_and_odds_in_words(counted):
    axes = charts.plot_fan(counted.attainments[0], "gdp")
    odds = counted.attainments[0].odds.set_index(["target", "reading"]).loc[("gdp", "printed")]
    probability, low, high = (float(odds[each]) for each in ("probability", "range_low", "range_high"))
    words = " to ".join(dict.fromkeys(describe(round(end, 2)) for end in (low, high)))
    said = f"{100 * probability:.0f} % ({100 * low:.0f}–{100 * high:.0f} %)"
    assert axes.get_title("left") == f"GDP about 5.5 %: {words}, {said}"
    without = replace(counted.attainments[0], met_range=np.full_like(counted.attainments[0].met_range, np.nan))
    said = f"{describe(round(probability, 3))}, {100 * probability:.1f} % ± {100 * float(odds['mc_se']):.1f}"
    assert charts.plot_fan(without, "gdp").get_title("left") == f"GDP about 5.5 %: {said}"
    assert any(set(line.get_ydata()) == {5.5} for line in axes.lines)
    assert "target about 5.5 %" in read_all(axes)
    tolerance = next(each for each in axes.collections if each.get_label() == "tolerance")
    heights = tolerance.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx((5.25, 5.5))


def test_fan_of_an_indicator_without_target_or_history(counted):
    attainment = counted.attainments[0]
    others = tuple(target for target in attainment.plan.targets if target.id != "gdp")
    plan = replace(attainment.plan, targets=others, history=())
    bare = replace(attainment, model=replace(attainment.model, plan=plan))
    axes = charts.plot_fan(bare, "gdp")
    assert axes.get_title("left") == "GDP"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["Q1", "H1", "Q1–Q3", "Year"]
    render(axes)


def test_history_does_not_crush_the_fan(counted):
    low, high = _choose_limits([2.0, 6.0], [5.0, 8.0, 26.0, -30.0])
    assert (low, high) == pytest.approx((2 - 0.48, 8 + 0.48))
    axes = charts.plot_fan(counted.attainments[0], "income_per_capita")
    low, high = axes.get_ylim()
    for row in counted.model.plan.history:
        if row.indicator == "income_per_capita" and row.outcome is not None and not low < row.outcome < high:
            assert any(f"{row.outcome:.1f}" in words.split() for words in read_all(axes))


def test_the_target_stays_in_sight_however_far_away(counted):
    far = rename(counted.attainments[0], value=25.0)
    assert charts.plot_fan(far, "gdp").get_ylim()[1] > 25


def test_exact_odds_claim_no_error_of_counting(counted):
    none = np.full_like(counted.attainments[0].met_range, np.nan)
    exact = replace(counted.attainments[0], n_points=4096, met_range=none)
    axes = charts.plot_fan(exact, "gdp")
    odds = exact.odds.set_index(["target", "reading"])["probability"]["gdp", "printed"]
    assert axes.get_title("left") == f"GDP about 5.5 %: {describe(round(odds, 3))}, {100 * odds:.1f} %"
    assert not any("standard error" in words for words in read_all(axes))
    assert f"4,096 points, seed 2024, sim {sim.__version__}" in read_all(axes)


@pytest.mark.parametrize("name", ["产值 GDP", "GDP 🜲", "$x_{$ & <b>"])
def test_names_in_any_letters(counted, name, monkeypatch):
    monkeypatch.setattr(fonts, "find_chinese", lambda: None)
    axes = charts.plot_fan(rename(counted.attainments[0], name_en=name), "gdp")
    said = name if name.isascii() else "gdp"
    assert axes.get_title("left").startswith(f"{said} about 5.5 %: ")
    render(axes)
