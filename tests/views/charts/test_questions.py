"""Charts of answers to questions: bars are the table's, dots stand where odds were brought down, words say it."""

import numpy as np
import pytest
from chart_reading import read_all

import sim
from sim.engine.tasks import RunTask, prepare_run
from sim.model.model import Model
from sim.results.run import Run
from sim.results.settings import RunSettings
from sim.views import charts


@pytest.fixture(scope="module")
def task(model: Model) -> RunTask:
    return prepare_run(model, ["baseline", "external-and-property"], RunSettings(n_points=64, n_calibrations=0))


def test_bars_of_a_comparison_add_up_to_its_dots(task: RunTask, counted: Run) -> None:
    found = sim.compare(
        task, "baseline", "external-and-property", targets=["gdp", "fixed_asset_investment", "headline"]
    )
    axes = charts.plot_comparison(counted, found)
    widths = np.zeros(3)
    for bar in axes.patches:
        widths[round(bar.get_y() + bar.get_height() / 2)] += bar.get_width()
    dots = [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o"]
    assert dots == pytest.approx(widths, abs=1e-9)
    assert "all 6 headline targets" in " ".join(read_all(axes)).replace("\n", " ")
    with pytest.raises(ValueError, match="no scenario 'external-and-property'; the run has baseline"):
        charts.plot_comparison(counted["baseline"], found)


def test_the_point_found_stands_on_the_curve(task: RunTask, counted: Run) -> None:
    attainment = counted["external-and-property"]
    for by, target in (("size", "retail_sales"), ("probability", "gdp")):
        asked = {"target": target, "scenario": "external-and-property", "shock": "export_slump", "by": by}
        traced = sim.trace_stress(task, **asked)
        below = float(traced.odds.iloc[-1]) + 0.004
        found = sim.find_stress(task, below=below, **asked)
        axes = charts.plot_stress(attainment, found, traced)
        dot = next(line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata()))
        scale = 1 if by == "size" else 100
        assert dot.get_xdata()[0] == pytest.approx(found.value[0] * scale)
        on_curve = np.interp(found.value[0], traced.level, traced.odds)
        assert dot.get_ydata()[0] == pytest.approx(100 * on_curve, abs=0.2)
    never = sim.find_stress(task, below=1e-6, **asked)
    assert "no probability of a shock brings" in " ".join(read_all(charts.plot_stress(attainment, never, traced)))
    with pytest.raises(ValueError, match="of 'gdp' is traced, of 'headline' found"):
        charts.plot_stress(attainment, never.assign(target="headline"), traced)


def test_misses_are_drawn_by_quarter_or_by_indicator(task: RunTask, counted: Run) -> None:
    found = sim.describe_misses(task, "gdp")
    axes = charts.plot_misses(counted["baseline"], found)
    given = found.means[(found.means.kind == "growth") & (found.means.name == "gdp")].mean_if_missed
    assert any(np.array_equal(line.get_ydata(), given) for line in axes.lines if len(line.get_xdata()) == 5)
    other = charts.plot_misses(counted["baseline"], sim.describe_misses(task, "charging_piles"))
    assert len(other.get_yticks()) == len(counted.model.plan.indicators)


def test_numbers_that_could_be_promised_stand_beside_the_stated_one(task: RunTask, counted: Run) -> None:
    table = sim.promise(task, targets=["gdp", "retail_sales"])
    axes = charts.plot_promise(counted["baseline"], table)
    dots = [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert dots == table[table.together == "no"].number.tolist()
    shares = sim.promise(task, 0.7, targets=["gdp", "charging_piles"])
    assert charts.plot_promise(counted["baseline"], shares).get_xlabel() == "number over the stated one, %"
    quarters = sim.promise(task, 0.7, targets="metro_line_6")
    with pytest.raises(ValueError, match="all that was asked for are milestones"):
        charts.plot_promise(counted["baseline"], quarters)
