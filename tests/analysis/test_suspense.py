"""Coming releases: their odds average to today's, and are those of a run that is given the figure."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import make_composite

import sim
from sim.analysis.suspense import Suspense, find_crossing, list_releases, measure_suspense
from sim.engine.exact.releases import Release, ReleaseOdds
from sim.errors import InputError
from sim.inputs.published.figures import Published
from sim.inputs.published.reading import collect_published
from sim.model.model import build_model

DAY = {"Q1": "2024-04-20", "H1": "2024-07-20", "Q1-Q3": "2024-10-20"}


def publish(model: sim.Model, series: str, period: str, value: str, known: Published | None = None) -> Published:
    unit = "%" if series in {each.id for each in model.plan.indicators} else ""
    row = {"date": DAY[period], "period": period, "series": series, "value": value, "unit": unit, "source": "s"}
    made = collect_published(model.plan, [row])
    return made if known is None else known.with_figures(*made)


@pytest.fixture(scope="module")
def known() -> Published:
    return sim.read_published("qingdao-2024", "qingdao-2024-h1")


@pytest.fixture(scope="module", params=["february", "half year"])
def case(request: pytest.FixtureRequest, model: sim.Model, known: Published) -> tuple[Suspense, sim.Run]:
    """Every coming release, and today's odds by a run."""
    given = known if request.param == "half year" else None
    suspense = measure_suspense(model, "export-slump", given, every=True, n_points=1024)
    return suspense, sim.run(model, "export-slump", n_paths=2000, n_calibrations=0, published=given)


def test_odds_averaged_over_the_figures_are_today_s_for_all_targets(case: tuple[Suspense, sim.Run]) -> None:
    suspense, result = case
    assert len(suspense.releases) > 40
    for each in suspense.releases:
        assert each.probability.sum() == pytest.approx(1)
        assert np.abs(each.today - result.attainments[0].met[0]).max() < 5e-4, each.release


@pytest.mark.parametrize(
    ("series", "period", "value"),
    [("gdp", "Q1", "5.6"), ("gdp", "Q1-Q3", "5.0"), ("retail_sales", "H1", "7.4"), ("metro_line_6", "Q1-Q3", "no")],
)
def test_odds_with_a_figure_are_those_of_a_run_given_it(model: sim.Model, series: str, period: str, value: str) -> None:
    """The second road: the engine conditions on the figure as on any other."""
    suspense = measure_suspense(model, "export-slump", None, series=series, period=period, n_points=1024)
    each = suspense.releases[0]
    row = int(np.abs(each.values - (value == "yes" if value in ("yes", "no") else float(value))).argmin())
    result = sim.run(
        model, "export-slump", n_paths=2000, n_calibrations=0, published=publish(model, series, period, value)
    )
    attainment = result.attainments[0]
    error = np.hypot(each.odds_se[row], np.nan_to_num(attainment.met_se[0]))
    assert np.abs(each.odds[row] - attainment.met[0]).max() < 0.02
    assert (np.abs(each.odds[row] - attainment.met[0]) < 4.5 * error + 5e-4).all()


def test_a_second_figure_of_an_indicator_follows_the_first(model: sim.Model) -> None:
    first = publish(model, "gdp", "Q1", "5.2")
    suspense = measure_suspense(model, "baseline", first, series="gdp", n_points=1024)
    each = suspense.releases[0]
    assert suspense.name_period(each.release) == "H1"
    row = int(np.abs(each.values - 5.4).argmin())
    both = publish(model, "gdp", "H1", "5.4", first)
    attainment = sim.run(model, "baseline", n_paths=2000, n_calibrations=0, published=both).attainments[0]
    error = np.hypot(each.odds_se[row], np.nan_to_num(attainment.met_se[0]))
    assert (np.abs(each.odds[row] - attainment.met[0]) < 4.5 * error + 5e-4).all()


def test_figures_are_as_likely_as_paths_print_them(model: sim.Model) -> None:
    suspense = measure_suspense(model, "export-slump", None, series="gdp", period="H1", n_points=256)
    each = suspense.releases[0]
    scenario = sim.read_scenario("export-slump", model.plan)
    paths = sim.simulate(model, scenario, sim.draw(model, 40_000, seed=3))
    printed = np.floor(np.asarray(paths.cumulative[1, 0], float) * 10 + 0.5) / 10
    for value, chance in zip(each.values[1:-1:5], each.probability[1:-1:5], strict=False):
        counted = float(np.isclose(printed, value).mean())
        assert counted == pytest.approx(chance, abs=4.5 * np.sqrt(chance / 40_000) + 1e-4)
    assert (printed < each.values[0] + 0.05).mean() == pytest.approx(each.probability[0], abs=2e-3)


def test_all_coming_releases_take_few_seconds(model: sim.Model) -> None:
    import time

    measure_suspense(model, n_points=16)  # tables are made once
    start = time.process_time()
    measure_suspense(model, every=True)
    assert time.process_time() - start < 10  # 3 on two shared cores; a busy neighbour may double it


def test_the_next_release_of_each_series_is_named(model: sim.Model, known: Published) -> None:
    found = {each.series: each.quarter for each in list_releases(model, known)}
    assert {name: found[name] for name in ("gdp", "retail_sales", "budget_revenue", "metro_line_6")} == {
        "gdp": 2,
        "retail_sales": 1,
        "budget_revenue": 0,
        "metro_line_6": 0,
    }
    reached = publish(model, "metro_line_6", "H1", "yes")
    assert "metro_line_6" not in {each.series for each in list_releases(model, reached)}
    waiting = publish(model, "metro_line_6", "H1", "no")
    assert {each.series: each.quarter for each in list_releases(model, waiting)}["metro_line_6"] == 2


def test_what_is_not_to_come_is_refused(model: sim.Model, known: Published) -> None:
    with pytest.raises(InputError, match=r"series: no series 'gpd'; .*did you mean 'gdp'"):
        measure_suspense(model, series="gpd")
    with pytest.raises(InputError, match="period: no period 'Q2'; allowed: Q1, H1, Q1-Q3, FY"):
        measure_suspense(model, period="Q2")
    with pytest.raises(InputError, match="series: nothing of it is still to come"):
        measure_suspense(model, "baseline", known, series="gdp", period="Q1")


def test_a_composite_moves_with_its_part(model: sim.Model) -> None:
    parts = ["gdp", "retail_sales", "metro_line_6"]
    together = make_composite("together", parts)
    wider = build_model(replace(model.plan, targets=(*model.plan.targets, together)), model.calibration)
    number = len(wider.plan.judged) - 1
    attainment = sim.run(wider, "baseline", n_paths=2000, n_calibrations=0).attainments[0]
    for series, period, value in (("gdp", "H1", 5.8), ("metro_line_6", "Q1-Q3", 0)):
        suspense = measure_suspense(wider, series=series, period=period, n_points=1024)
        each = suspense.releases[0]
        assert each.today[number] == pytest.approx(attainment.met[0, number], abs=5e-4)
        row = int(np.abs(each.values - value).argmin())
        figure = publish(wider, series, period, f"{value:g}" if series == "gdp" else "no")
        given = sim.run(wider, "baseline", n_paths=2000, n_calibrations=0, published=figure).attainments[0]
        error = np.hypot(each.odds_se[row, number], given.met_se[0, number])
        assert each.odds[row, number] == pytest.approx(given.met[0, number], abs=4.5 * error + 5e-4)


def release(odds: list[float], chance: list[float]) -> ReleaseOdds:
    weight = np.array(chance)[:, None] * np.ones(2)
    values = 5 + 0.1 * np.arange(len(odds))
    made = Release(series="gdp", quarter=0, is_growth=True)
    return ReleaseOdds(release=made, values=values, weight=weight, met=np.array(odds)[:, None, None] * weight[:, None])


def test_the_even_bet_is_found_from_either_side() -> None:
    rising = find_crossing(release([0.1, 0.2, 0.5, 0.8], [0.4, 0.3, 0.2, 0.1]), 0)
    assert rising is not None
    assert (round(rising.value, 1), rising.is_more, rising.is_gain) == (5.2, True, True)
    assert rising.probability == pytest.approx(0.3)
    falling = find_crossing(release([0.3, 0.4, 0.8, 0.9], [0.1, 0.2, 0.3, 0.4]), 0)
    assert falling is not None
    assert (round(falling.value, 1), falling.is_more, falling.is_gain) == (5.1, False, False)
    prices = find_crossing(release([0.9, 0.6, 0.2, 0.1], [0.1, 0.1, 0.4, 0.4]), 0)
    assert prices is not None
    assert (round(prices.value, 1), prices.is_more) == (5.1, False)
    assert find_crossing(release([0.1, 0.2, 0.3], [0.3, 0.4, 0.3]), 0) is None
    assert find_crossing(release([0.1, 0.2, 0.6], [0.5, 0.499, 0.001]), 0) is None  # too rare to be told


@pytest.mark.parametrize("name", ["charging_piles", "schools_and_kindergartens"])
def test_odds_with_a_band_of_a_delivery_are_those_of_a_run_given_it(model: sim.Model, name: str) -> None:
    """The second road: the engine conditions on the amount as on any other; "more than" is the last three bands."""
    suspense = measure_suspense(model, "export-slump", None, series=name, period="H1", n_points=1024)
    each, place = suspense.releases[0], [target.id for target in model.plan.judged].index(name)
    target = next(row for row in model.plan.deliveries if row.id == name)
    step = each.values[-3] / 1000 if name == "charging_piles" else 1
    row = {"date": DAY["H1"], "period": "H1", "series": name, "unit": target.unit, "source": "s", "status": "at_least"}
    least = collect_published(model.plan, [row | {"value": f"{each.values[-3]:g}", "step": f"{step:g}"}])
    result = sim.run(model, "export-slump", n_paths=2000, n_calibrations=0, published=least)
    met = result.attainments[0].met[0]
    chance = each.probability[-3:]
    assert chance @ each.odds[-3:] / chance.sum() == pytest.approx(met, abs=0.012)
    assert each.odds[0, place] < each.today[place] < each.odds[-1, place]


def test_bands_of_a_delivery_are_named_and_end_open(model: sim.Model) -> None:
    table = measure_suspense(model, "baseline", None, series="charging_piles", period="H1", n_points=64).table
    rows = table[table.target == "charging_piles"]
    assert rows.beyond.tolist() == ["below", *[""] * (len(rows) - 2), "or_more"]
    assert rows.probability.sum() == pytest.approx(1)
    assert rows.odds.is_monotonic_increasing
    assert rows.value.iloc[1].split("-")[0] == rows.value.iloc[0]
