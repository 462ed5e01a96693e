"""Deliveries promised between two numbers: at least the lower one and no more than the upper, on both roads."""

from dataclasses import replace

import numpy as np
import pytest

import sim
from sim.engine.exact.integrals import integrate_replicates
from sim.engine.exact.releases import Release, integrate_releases
from sim.engine.judging import judge
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Delivery, describe_aim
from sim.inputs.published.figures import Published
from sim.inputs.published.reading import collect_published
from sim.inputs.units import Unit
from sim.model.deliveries import show_delivered
from sim.model.known import compile_published
from sim.model.model import Model, build_model
from sim.results.integrals import settle
from sim.views.phrases import say_aim

RANGES = {"first_stores": (28.0, 33.0), "charging_piles": (2.4, 2.6), "grain_output": (300.0, 322.0)}
"""Counted one by one, counted in thousands, and measured, of which none is due in the first quarter."""

UNITS = {"first_stores": "家", "charging_piles": "万个", "grain_output": "万吨"}
DAYS = {"H1": "2024-07-20", "FY": "2025-01-20"}
SETTINGS = {"n_points": 512, "n_paths": 20_000, "n_calibrations": 0}


@pytest.fixture(scope="module")
def ranged(plan: Plan, model: Model) -> Model:
    def change(target: Delivery) -> Delivery:
        low, high = RANGES[target.id]
        return target.model_copy(update={"criterion": "between", "value": low, "upper": high})

    targets = tuple(change(each) for each in plan.deliveries if each.id in RANGES)
    return build_model(replace(plan, targets=(plan.growth[0], *targets), groups=()), model.calibration)


def publish(model: Model, period: str, **values: str) -> Published:
    rows = [
        {"date": DAYS[period], "period": period, "series": name, "value": value, "unit": UNITS[name], "source": "s"}
        for name, value in values.items()
    ]
    return collect_published(model.plan, rows)


def find_odds(result: sim.Run, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Odds and errors of a target in every reading that is told."""
    frame = result.attainments[0].odds
    rows = frame[(frame.target == name) & frame.probability.notna()]
    return rows.probability.to_numpy(), np.nan_to_num(rows.mc_se.to_numpy())


def assert_agree(model: Model, scenario: str, figures: Published | None) -> None:
    exact, paths = (
        sim.run(model, scenario, method=method, published=figures, even_so=True, **SETTINGS)  # type: ignore[arg-type]
        for method in ("analytic", "paths")
    )
    for name in RANGES:
        (odds, error), (seen, spread) = find_odds(exact, name), find_odds(paths, name)
        assert (np.abs(odds - seen) < 4.5 * np.hypot(error, spread) + 2e-3).all(), (name, odds, seen)
    counts = [each.attainments[0].number_met["all"] for each in (exact, paths)]
    means = [np.asarray(each) @ np.arange(len(each)) for each in counts]
    assert means[0] == pytest.approx(means[1], abs=0.03)


def test_both_roads_agree(ranged: Model) -> None:
    assert_agree(ranged, "export-slump", None)


def test_both_roads_agree_given_what_was_delivered_by_mid_year(ranged: Model) -> None:
    assert_agree(
        ranged, "baseline", publish(ranged, "H1", first_stores="20", charging_piles="2.55", grain_output="134.0")
    )


def test_odds_are_those_of_the_amounts_that_paths_show(ranged: Model) -> None:
    """What is kept is what is shown: from the lower end to less than one thing above the upper end."""
    paths = sim.simulate(ranged, "baseline", sim.draw(ranged, n_paths=4000))
    places = [each.id for each in ranged.plan.judged]
    for name, (low, high) in RANGES.items():
        number = ranged.delivery_law.ids.index(name)
        amounts = paths.progress[-1, number].astype(np.float64) * low
        beyond = {"first_stores": 34.0, "charging_piles": 2.6001, "grain_output": high}[name]
        kept = judge(paths)[0, places.index(name)]
        assert (kept != (amounts >= low) & (amounts < beyond)).mean() < 2e-3  # amounts are read from tables
        assert 0.2 < kept.mean() < 0.9


@pytest.mark.parametrize("method", ["analytic", "paths"])
def test_a_range_is_its_lower_end_less_what_is_above_the_upper(ranged: Model, method: str) -> None:
    few = SETTINGS | {"n_points": 64, "n_paths": 4000}
    result = sim.run(ranged, "baseline", method=method, **few)  # type: ignore[arg-type]
    for name, (low, high), more in zip(RANGES, RANGES.values(), (34, 2.6001, 322), strict=True):
        between, least, above, most = (
            float(sim.probability(result, asked).probability.iloc[0])
            for asked in (name, f"{name}>={low}", f"{name}>={more}", f"{name}<={high}")
        )
        assert between == pytest.approx(least - above, abs=1e-6)
        assert most == pytest.approx(1 - above, abs=1e-6)  # of counted things, 33 is within
        assert between == pytest.approx(find_odds(result, name)[0][0], abs=1e-6)


@pytest.mark.parametrize("method", ["analytic", "paths"])
def test_the_year_settles_it_and_both_ends_are_in(ranged: Model, method: str) -> None:
    cases = [(("33", "2.66", "300.0"), (1, 0, 1)), (("34", "2.4", "322.0"), (0, 1, 1))]
    cases += [(("28", "2.6", "322.2"), (1, 1, 0)), (("27", "2.34", "299.8"), (0, 0, 0))]
    for values, met in cases if method == "analytic" else cases[1:2]:
        figures = publish(ranged, "FY", **dict(zip(RANGES, values, strict=True)))
        if method == "analytic":
            known, baseline = compile_published(ranged, figures), sim.read_scenario("baseline", ranged.plan)
            found = settle(integrate_replicates(ranged, [baseline], 64, 1, range(4), known=known)[0])
            odds = found.met[0, 1:].mean(axis=-1)
        else:
            result = sim.run(ranged, "baseline", method="paths", published=figures, even_so=True, **SETTINGS)
            odds = [find_odds(result, name)[0][0] for name in RANGES]  # type: ignore[assignment]
        assert odds == pytest.approx(met, abs=1e-4), values


@pytest.mark.parametrize("name", ["first_stores", "charging_piles"])
def test_bands_of_a_coming_figure_are_those_of_a_run_given_it(ranged: Model, name: str) -> None:
    coming = Release(series=name, quarter=1, is_growth=False, is_delivery=True)
    each = integrate_releases(ranged, sim.read_scenario("baseline", ranged.plan), [coming], None, seed=2024, count=512)[
        0
    ]
    place = [target.id for target in ranged.plan.judged].index(name)
    least = f"{each.values[-3]:g}"
    figures = publish(ranged, "H1", **{name: least})
    figures = replace(figures, figures=tuple(replace(row, high=np.inf, low=float(least)) for row in figures))
    result = sim.run(ranged, "baseline", published=figures, method="analytic", **SETTINGS)  # type: ignore[arg-type]
    chance = each.probability[-3:]
    assert chance @ each.odds[-3:, place] / chance.sum() == pytest.approx(find_odds(result, name)[0][0], abs=0.012)
    assert each.odds[:, place].argmax() not in (0, len(each.values) - 1)  # too few and too many both break it


def test_what_is_printed_as_the_number_keeps_the_promise(model: Model) -> None:
    """A figure of 2.4 leaves 2.35 to 2.45 open, and is 2.4 as printed: of a goal, of a cap, and of no range at all."""
    for name, criterion in (("charging_piles", "meet_or_exceed"), ("grain_output", "at_most")):
        target = next(each for each in model.plan.deliveries if each.id == name)
        plan = replace(model.plan, targets=(target.model_copy(update={"criterion": criterion}),), groups=())
        single = build_model(plan, model.calibration)
        known = compile_published(single, publish(single, "FY", **{name: f"{target.value}"}))
        baseline = sim.read_scenario("baseline", plan)
        found = settle(integrate_replicates(single, [baseline], 64, 1, range(4), known=known)[0])
        assert found.met[0, 0].tolist() == pytest.approx([1.0] * 4)


def test_units_of_one_s_own_are_counted_during_the_year(model: Model) -> None:
    target = next(each for each in model.plan.deliveries if each.id == "first_stores")
    own = Unit(unit="berths", name_en="berths", singles=1)
    target = target.model_copy(update={"unit": "berths", "own_unit": own})
    single = build_model(replace(model.plan, targets=(target,), groups=()), model.calibration)
    row = {"date": DAYS["H1"], "period": "H1", "series": "first_stores", "value": "20", "unit": "berths", "source": "s"}
    known = compile_published(single, collect_published(single.plan, [row]))
    assert known is not None
    assert known.deliveries[0][0].low == 19.5


def test_a_coming_figure_leaves_a_range_of_growth_at_both_ends(model: Model) -> None:
    gdp = model.plan.growth[0].model_copy(update={"criterion": "between", "value": 5.0, "upper": 5.5, "tolerance": 0.0})
    single = build_model(replace(model.plan, targets=(gdp,), groups=()), model.calibration)
    coming, baseline = Release(series="gdp", quarter=2, is_growth=True), sim.read_scenario("baseline", single.plan)
    found = integrate_releases(single, baseline, [coming], None, seed=2024, count=512)[0]
    today = sim.run(single, "baseline", **SETTINGS).attainments[0].met[0, 0]
    assert found.today[0] == pytest.approx(today, abs=2e-3)
    assert found.odds[[0, -1], 0] == pytest.approx([0, 0], abs=0.01)
    best = int(found.odds[:, 0].argmax())
    row = {"date": "2024-10-20", "period": "Q1-Q3", "series": "gdp", "unit": "%", "source": "s"}
    figure = collect_published(single.plan, [row | {"value": f"{found.values[best]:.1f}"}])
    given = sim.run(single, "baseline", published=figure, method="analytic", **SETTINGS).attainments[0].met[0, 0]
    assert found.odds[best, 0] == pytest.approx(given, abs=0.01)


def test_a_cap_could_have_been_promised_lower(model: Model) -> None:
    """The number found is the least that keeps its odds, as a run of other numbers says."""
    cap = next(each for each in model.plan.deliveries if each.id == "first_stores")
    cap = cap.model_copy(update={"criterion": "at_most", "value": 40.0})
    single = build_model(replace(model.plan, targets=(cap,), groups=()), model.calibration)
    result = sim.run(single, "baseline", n_points=64, n_paths=500, n_calibrations=0)
    number = float(sim.promise(result, 0.7, targets="first_stores").number.iloc[0])
    odds = [float(sim.probability(result, {"first_stores": each}).probability.iloc[0]) for each in (number - 1, number)]
    assert odds[0] < 0.7 <= odds[1]


def test_it_is_said_as_a_range(ranged: Model) -> None:
    target = next(each for each in ranged.plan.deliveries if each.id == "first_stores")
    assert describe_aim(target) == "28 to 33 家"
    assert (say_aim(target).en, say_aim(target).zh) == ("28 to 33", "28—33家")
    law, number = ranged.delivery_law, ranged.delivery_law.ids.index("first_stores")
    assert law.excess[number] == pytest.approx(34 / 28)
    assert np.isinf(law.excess).sum() == len(law.ids) - len(RANGES)
    assert show_delivered(law, number, np.zeros(1, np.float32))[0] == 1
    assert compile_published(ranged, None) is None
