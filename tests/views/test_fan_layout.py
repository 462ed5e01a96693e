"""The layout of a fan: what the result says, once, and the same for every painter."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.inputs.plan.plan import Plan
from sim.results.run import Run
from sim.views.charts import plot_fan
from sim.views.fan_layout import FanLayout, lay_fan, lay_moved_fan, set_apart
from sim.views.page.fans import place_fan
from sim.views.series import pick_quantiles

PERIODS = ["Q1", "H1", "Q1-Q3", "FY"]


@pytest.fixture(scope="module")
def layout(counted: Run) -> FanLayout:
    return lay_fan(counted.attainments[0], "gdp")


def test_numbers_are_those_of_the_result(counted: Run, layout: FanLayout) -> None:
    frame = counted.attainments[0].quantiles.query("series == 'gdp' and unit == '%'").set_index("period").loc[PERIODS]
    assert layout.median.tolist() == frame.q50.tolist()
    for band, (low, high) in zip(layout.bands, [("q05", "q95"), ("q10", "q90"), ("q25", "q75")], strict=True):
        assert (band.low.tolist(), band.high.tolist()) == (frame[low].tolist(), frame[high].tolist())
    assert [(aim.value, aim.bound) for aim in layout.aims] == [(5.5, pytest.approx(5.25))]
    odds = counted.attainments[0].odds.set_index(["target", "reading"]).probability["gdp"]
    assert f", {100 * odds['printed']:.0f} % (" in layout.titles[0].en
    assert layout.notes[0].zh.endswith(f"{100 * odds['tolerance']:.0f}%")
    bare = replace(counted.attainments[0], met_range=np.full_like(counted.attainments[0].met_range, np.nan))
    assert f"{100 * odds['printed']:.1f} % ± " in lay_fan(bare, "gdp").titles[0].en
    assert lay_fan(bare, "gdp").notes[-1].en == "± is one standard error of counting"
    assert layout.outcomes[2023] == layout.before == 5.9


def test_chart_and_page_paint_the_same_layout(counted: Run, layout: FanLayout) -> None:
    axes, fan = plot_fan(counted.attainments[0], "gdp"), place_fan(layout)
    lines = {line.get_label(): line.get_ydata() for line in axes.lines}
    assert list(lines["median"]) == layout.median.tolist()
    heights = [float(point.split(",")[1]) for point in fan.median.split()]
    line = [(value - layout.median[0]) / (layout.aims[0].value - layout.median[0]) for value in layout.median]
    drawn = [(height - heights[0]) / (fan.aims[0].y - heights[0]) for height in heights]
    assert drawn == pytest.approx(line, abs=0.01)
    said = {label.text.en for label in layout.list_labels()}
    assert said <= {text.get_text() for text in axes.texts}
    assert said == {f"{mark.note.en} {mark.words.en}" for mark in fan.labels}
    assert axes.get_title("left") == fan.titles[0].en


def test_sliders_move_the_median_and_the_bound_alone(counted: Run, plan: Plan, layout: FanLayout) -> None:
    quantiles = pick_quantiles(counted.attainments[0], "gdp", "%", PERIODS)
    moved = lay_moved_fan(plan, "gdp", quantiles - 1, quantiles, {"gdp": 0.4})
    assert moved.unchanged is not None
    assert moved.unchanged.tolist() == layout.median.tolist()
    assert moved.median == pytest.approx(layout.median - 1)
    assert moved.aims[0].bound == pytest.approx(5.05)
    assert [label.kind for label in moved.list_labels()] == ["aim", "median", "unchanged"]


def test_a_plan_without_history_has_the_year_before_on_the_page_alone(counted: Run) -> None:
    first = counted.attainments[0]
    bare = replace(first, model=replace(first.model, plan=replace(first.plan, history=())))
    layout = lay_fan(bare, "gdp")
    assert layout.outcomes == {}
    assert len(place_fan(layout).past) == 1
    assert re.fullmatch(r"M[\d.]+,[\d.]+", place_fan(layout).history)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.floats(0.1, 20))
def test_labels_are_set_apart_in_their_order_and_around_their_middle(heights: list[float], apart: float) -> None:
    moved = set_apart(heights, apart)
    order = sorted(range(len(heights)), key=heights.__getitem__)
    assert all(moved[after] - moved[before] >= apart - 1e-6 for before, after in pairwise(order))
    assert sum(moved) == pytest.approx(sum(heights), abs=1e-6)
    wide = all(heights[after] - heights[before] >= apart for before, after in pairwise(order))
    assert not wide or moved == pytest.approx(heights, abs=1e-6)
