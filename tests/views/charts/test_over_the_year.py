"""Charts of a year under way: the required pace, and odds over the year."""

import datetime
from dataclasses import replace

import numpy as np
import pytest
from chart_reading import read_all

import sim
from sim.analysis.pace import Pace
from sim.results.archive import Archive, archive_run
from sim.results.run import Run
from sim.views import charts
from sim.views.pace_lines import say_pace, say_pace_title


@pytest.fixture(scope="module")
def pace(counted: Run) -> Pace:
    return sim.measure_pace(counted.attainments, sim.read_published(counted.model.plan, "qingdao-2024-h1"))


@pytest.fixture(scope="module")
def archive(counted: Run) -> Archive:
    """Three vintages, the odds of which fall by a tenth each."""
    found = []
    for number, day in enumerate(("2024-01-01", "2024-04-25", "2024-07-26")):
        moved = [replace(each, met=each.met * 0.9**number) for each in counted.attainments]
        one = archive_run(replace(counted, attainments=tuple(moved)), datetime.date.fromisoformat(day)).vintages[0]
        found.append(replace(one, number=number + 1))
    return Archive(folder=archive_run(counted, datetime.date(2024, 1, 1)).folder, vintages=tuple(found))


def test_lines_go_through_the_archived_odds(archive: Archive, counted: Run) -> None:
    axes = charts.plot_odds_over_year(archive, counted.model.plan, "baseline", ["gdp", "metro_line_6"])
    lines = [line for line in axes.lines if line.get_drawstyle() == "steps-post"]
    ids = [each.id for each in counted.model.plan.judged]
    for line, name in zip(lines, ["gdp", "metro_line_6"], strict=True):
        first = 100 * counted["baseline"].met[0, ids.index(name)]
        assert np.allclose(line.get_ydata(), first * 0.9 ** np.arange(3), atol=1e-3)
    days = np.asarray(lines[0].get_xdata(), float)
    assert np.diff(days).tolist() == [115, 92]


def test_the_archive_signs_with_its_last_digest(archive: Archive, counted: Run) -> None:
    words = read_all(charts.plot_odds_over_year(archive, counted.model.plan))
    assert any(f"3 vintages, last digest {archive.vintages[-1].digest[:12]}" in each for each in words)


def test_what_the_archive_does_not_hold_is_refused(archive: Archive, counted: Run) -> None:
    plan = counted.model.plan
    with pytest.raises(ValueError, match=r"no scenario 'baselin' in the archive; did you mean 'baseline'\?"):
        charts.plot_odds_over_year(archive, plan, "baselin")
    with pytest.raises(ValueError, match=r"no target 'gpd' in the archive; did you mean 'gdp'\?"):
        charts.plot_odds_over_year(archive, plan, targets=["gpd"])
    with pytest.raises(ValueError, match="no targets to draw"):
        charts.plot_odds_over_year(archive, plan, targets=[])


def test_the_pace_is_drawn_where_its_rows_say(pace: Pace) -> None:
    axes = charts.plot_pace(pace)
    row = pace.rows[0]
    drawn = [np.asarray(line.get_xdata(), float).mean() for line in axes.lines if len(line.get_xdata())]
    for wanted in (row.expected, (row.needed_low + row.needed_high) / 2, 5.8):
        assert np.isclose(drawn, wanted).any()
    assert axes.get_title(loc="left").replace("\n", " ") == say_pace_title(pace, "baseline").en


def test_a_rest_is_said_with_history_only_where_enough_years_are_known(pace: Pace) -> None:
    lines = {line.row.target: line for line in say_pace(pace, "baseline")}
    assert list(lines) == ["gdp", "industrial_value_added", "fixed_asset_investment", "retail_sales"]
    assert "Earlier years' rest brought as much in 8 of 9 years." in lines["gdp"].sentence.en
    assert lines["gdp"].seen.zh == "9 年中有 8 年"
    assert lines["fixed_asset_investment"].seen.en == "too few years to say"
    assert "Earlier" not in lines["fixed_asset_investment"].sentence.en


def test_without_figures_the_chart_says_so(counted: Run) -> None:
    pace = sim.measure_pace(counted.attainments, sim.read_published(counted.model.plan, "none"))
    assert "Nothing is published yet" in charts.plot_pace(pace).get_title(loc="left")
    assert say_pace(pace, "baseline") == []
