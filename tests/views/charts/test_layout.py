"""The layout of charts: at any size, on axes of one's own, in both languages, no text is cut and none meets another."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from chart_reading import LANGUAGES
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.results.run import Run
from sim.views import charts
from sim.views.charts.catalogue import CHARTS, list_subjects
from sim.views.charts.lettering import Lettering
from sim.views.charts.room import find_room
from sim.views.charts.style import open_look

SIZES = {"own": None, "usual": (6.4, 4.8), "beside another": (12.0, 4.0), "small": (4.2, 3.4)}


def open_axes(size: str) -> Axes | None:
    """Axes as users make them; None where the chart makes its own."""
    inches = SIZES[size]
    if inches is None:
        return None
    columns = 2 if size == "beside another" else 1
    axes: Axes = Figure(figsize=inches).subplots(1, columns, squeeze=False)[0, -1]
    return axes


def list_texts(axes: Axes) -> Iterator[tuple[str, Bbox]]:
    """Every text that is seen, with the box that it fills."""
    shown = set()
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        ticks = axis.get_major_ticks()
        shown |= {label for tick in ticks for label in (tick.label1, tick.label2) if low <= tick.get_loc() <= high}
    ticks = {
        label for axis in (axes.xaxis, axes.yaxis) for each in axis.majorTicks for label in (each.label1, each.label2)
    }
    own = axes.figure.texts if len(axes.figure.axes) == 1 else []
    for text in [*axes.findobj(Text), *own]:
        assert isinstance(text, Text)
        if text.get_visible() and text.get_text().strip() and (text not in ticks or text in shown):
            yield text.get_text(), text.get_window_extent()


def find_faults(axes: Axes) -> list[str]:
    """What is cut, and what meets."""
    axes.figure.draw_without_rendering()
    left, bottom, width, height = (inches * axes.figure.dpi for inches in find_room(axes))
    texts = list(list_texts(axes))
    cut = [
        f"cut: {words!r}"
        for words, box in texts
        if box.x0 < left - 1 or box.x1 > left + width + 1 or box.y0 < bottom - 1 or box.y1 > bottom + height + 1
    ]
    inner = [(words, Bbox.from_extents(box.x0 + 1, box.y0 + 1.5, box.x1 - 1, box.y1 - 1.5)) for words, box in texts]
    met = [
        f"meet: {words!r} and {other!r}"
        for place, (words, box) in enumerate(inner)
        for other, beside in inner[place + 1 :]
        if box.overlaps(beside)
    ]
    return [*cut, *met]


@pytest.fixture(scope="module")
def take(counted: Run) -> Callable[[str], dict[str, Any]]:
    """What a chart of the catalogue is drawn from, made once for all its sizes."""
    return cache(
        lambda name: CHARTS[name].take(counted, next(iter(list_subjects(counted.model.plan, CHARTS[name])), ""))
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_nothing_is_cut_and_nothing_meets(take: Callable[[str], dict[str, Any]], name: str, lang: str) -> None:
    plot = CHARTS[name].plot
    faults = {size: find_faults(plot(**take(name), ax=open_axes(size), lang=lang)) for size in SIZES}
    assert {size: found for size, found in faults.items() if found} == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fan_and_every_burn_up_holds(counted: Run, lang: str) -> None:
    plan = counted.model.plan
    for indicator in plan.indicators:
        assert find_faults(charts.plot_fan(counted.attainments[0], indicator.id, open_axes("small"), lang)) == []
    for delivery in plan.deliveries[::8]:
        assert find_faults(charts.plot_burn_up(counted.attainments[0], delivery.id, open_axes("small"), lang)) == []


def test_the_key_of_a_fan_is_whole(counted: Run) -> None:
    for size in SIZES:
        axes = charts.plot_fan(counted.attainments[0], "gdp", open_axes(size))
        legend = axes.get_legend()
        assert legend is not None
        assert [text.get_text() for text in legend.get_texts()][-1] == "tolerance"


def test_four_charts_share_a_figure(counted: Run) -> None:
    for layout in (None, "constrained", "tight"):
        figure = Figure(figsize=(10, 8), layout=layout)
        four = figure.subplots(2, 2).ravel()
        for axes, name in zip(four, ("gdp", "retail_sales", "budget_revenue", "income_per_capita"), strict=True):
            charts.plot_fan(counted.attainments[0], name, axes)
        figure.draw_without_rendering()
        assert [fault for axes in four for fault in find_faults(axes)] == []


def test_a_second_drawing_stands_where_the_first_did(counted: Run) -> None:
    axes = Figure().subplots()
    charts.plot_number_met(counted.attainments[0], axes)
    first = axes.get_position().bounds
    axes.clear()
    charts.plot_number_met(counted.attainments[0], axes)
    assert axes.get_position().bounds == pytest.approx(first, abs=1e-3)


def test_lines_break_where_the_language_allows() -> None:
    with open_look("zh") as look:
        letters = Lettering(Figure(), look.families, look.spacing)
        broken = letters.wrap("城镇新增就业（不含港口）不低于35万人，增长5.5%左右", 1.0, 10).split("\n")
        assert all(letters.find_width(line, 10) <= 1.0 for line in broken)
        assert not any(line[0] in "，。）、%" for line in broken)
        assert not any(line[-1] in "（“" for line in broken)
        assert "".join(broken).count("5.5%") == 1
        assert any("5.5%" in line for line in broken)
        assert letters.wrap("one two three", 0.5, 10, most=1).endswith("…")
