"""Charts of the whole report: burn-up, all odds, milestones, number met."""

from dataclasses import replace

import numpy as np
import pytest
from chart_reading import read_all
from matplotlib.axes import Axes

from sim.results.run import Run
from sim.views import charts
from sim.views.numbers import print_odds


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_what_is_no_delivery_is_refused(result: Run) -> None:
    with pytest.raises(ValueError, match=r"no delivery 'gdp'; the plan has national_key_laboratories"):
        charts.plot_burn_up(result.attainments[0], "gdp")


def test_a_plan_without_milestones_is_refused(result: Run) -> None:
    model = result.model
    bare = replace(model, plan=replace(model.plan, targets=model.plan.headline))
    with pytest.raises(ValueError, match="has no milestones"):
        charts.plot_milestones(replace(result.attainments[0], model=bare))


def test_burn_up_shows_goal_pace_and_the_odds(result: Run) -> None:
    axes = charts.plot_burn_up(result.attainments[0], "charging_piles")
    heights = [line.get_ydata() for line in axes.lines]
    quantiles = result.attainments[0].quantiles.query("series == 'charging_piles'")
    assert any(list(height) == [0, *quantiles.q50] for height in heights)
    assert any(list(height) == [2.4, 2.4] for height in heights)
    assert any(list(height) == [0, 2.0] for height in heights)
    odds = result.attainments[0].odds.query("target == 'charging_piles' and reading == 'printed'").probability.item()
    assert f"{100 * odds:.0f} % (" in axes.get_title(loc="left")


def test_the_line_of_a_programme_is_where_its_odds_are_judged(result: Run) -> None:
    axes = charts.plot_burn_up(result.attainments[0], "key_construction_projects")
    heights = [float(height) for line in axes.lines for height in {*map(float, line.get_ydata())}]
    assert 396 in heights
    assert "target 396 of 440 under way" in " ".join(" ".join(texts(axes)).split())


def test_all_odds_has_a_row_a_target_and_its_number(result: Run) -> None:
    axes = charts.plot_all_odds(result.attainments[0])
    labels = [label.get_text() for label in axes.get_yticklabels()]
    plan = result.model.plan
    assert sorted(labels) == sorted([*(each.name_en for each in plan.judged), *(each.name_en for each in plan.groups)])
    odds = result.attainments[0].odds.query("reading == 'printed'").set_index("name_en").probability
    shown = [text for text in texts(axes) if text in {print_odds(each) for each in odds}]
    assert len(shown) == 77
    industry = labels[labels.index("Industry") + 1 : labels.index("Consumption")]
    assert odds[industry].is_monotonic_decreasing


def test_milestones_show_every_quarter_and_whose_decision_it_is(result: Run) -> None:
    axes = charts.plot_milestones(result.attainments[0])
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert len(labels) == 31
    assert sum(label.endswith(" *") for label in labels) == 9
    frame = result.attainments[0].odds.query("target == 'metro_line_6'").set_index("reading").probability
    row = labels.index("Metro line 6 phase 1 opened")
    cells = [text.get_text() for text in axes.texts if text.get_position()[1] == row]
    assert cells[:4] == [print_odds(frame[reading]) for reading in ("Q1", "H1", "Q1-Q3", "printed")]


def test_number_met_adds_up_to_every_path(result: Run) -> None:
    axes = charts.plot_number_met(result.attainments[0])
    assert sum(bar.get_height() for bar in axes.patches) == pytest.approx(100)
    expected = result.attainments[0].odds.query("reading == 'printed'").probability.sum()
    assert f"{expected:.1f} expected" in " ".join(texts(axes))


def test_words_about_the_number_met_stand_above_the_bars(counted):
    few = {"all": np.array([0.0, 0.0, 0.05, 0.14, 0.55, 0.26])}
    axes = charts.plot_number_met(replace(counted.attainments[0], number_met=few))
    axes.figure.canvas.draw()
    words = next(text for text in axes.texts if "expected" in text.get_text()).get_window_extent()
    assert all(bar.get_window_extent().y1 < words.y0 for bar in axes.patches if bar.get_height() > 0)
    assert "4.0 expected; 3 to 5 in eight years of ten" in read_all(axes)
