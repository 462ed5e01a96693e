"""Deliveries, milestones, programmes and composites: one joint law with the economy and the shocks."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

from sim.engine.counting import attain, judge
from sim.engine.draws import draw
from sim.engine.paths import find_lateness, simulate, start_deliveries
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import list_groups
from sim.inputs.plan.targets import Composite
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import ORDINARY, Scenario
from sim.model.deliveries import run_course
from sim.model.milestones import MilestoneLaw, compute_lateness, reach
from sim.model.model import Model, build_model
from sim.results.attainment import measure_delivery

N = 100_000


def law_of(model: Model, arrivals: float, spread: float = 0.0, reserve: float = 0.0) -> Model:
    """A model whose first delivery is plain: nothing shared, given arrivals, spread and reserve."""
    law = model.delivery_law
    first = {
        "arrivals": np.array([arrivals, *law.arrivals[1:]]),
        "spread": np.array([spread, *law.spread[1:]]),
        "reserve": np.array([reserve, *law.reserve[1:]]),
    }
    return replace(model, delivery_law=replace(law, common=0.0, macro=0.0, news=0.0, **first))


def shock_of(**changes: object) -> Scenario:
    ordinary: dict[str, object] = {
        "title": {"en": "Storm", "zh": "风暴"},
        "probability": 1.0,
        "onset": "Q3",
        "size": {"law": "fixed", "value": 1.0},
        "profile": "step",
        "source": "assumption",
    }
    return replace(ORDINARY, shocks={"storm": Shock.model_validate(ordinary | changes)})


def met_share(model: Model, name: str, scenario: Scenario = ORDINARY) -> float:
    odds = attain(simulate(model, scenario, draw(model, 20_000))).odds
    return float(odds[(odds.target == name) & (odds.reading == "stated")].probability.item())


def test_shapes(model: Model) -> None:
    paths = simulate(model, ORDINARY, draw(model, 7))
    assert paths.progress.shape == (4, 42, 7)
    assert paths.reached.shape == (4, 31, 7)
    assert judge(paths).shape == (4, 79, 7)


@pytest.mark.parametrize("things", [2, 4, 10, 433, 8000])
def test_counted_goals_are_met_with_the_poisson_probability(model: Model, things: int) -> None:
    """The goal's last arrival comes in time as often as a Poisson count reaches the goal."""
    reserve = 0.1
    plain = law_of(model, things, reserve=reserve)
    pace, news = start_deliveries(plain.delivery_law, draw(plain, N))
    met = pace[0] * run_course(plain.delivery_law.season[:, 0], news)[-1] >= 1
    exact = stats.poisson.sf(things - 1, things * (1 + reserve))
    assert met.mean() == pytest.approx(exact, abs=0.003 + 4 * np.sqrt(exact * (1 - exact) / N))


def test_measured_goals_are_met_with_the_lognormal_probability(model: Model) -> None:
    plain = law_of(model, np.inf, spread=0.1, reserve=0.05)
    pace, news = start_deliveries(plain.delivery_law, draw(plain, N))
    exact = stats.norm.cdf(np.log(1.05) / 0.1)
    met = pace[0] * run_course(plain.delivery_law.season[:, 0], news)[-1] >= 1
    assert met.mean() == pytest.approx(exact, abs=0.006)


def test_progress_by_hand(model: Model) -> None:
    """Season times news, summed and scaled by the year's pace, written out for one path."""
    draws, law = draw(model, 3), model.delivery_law
    i = int(np.argmin(law.arrivals))
    shared = law.common * draws.delivery_common[1] + law.macro * draws.trend_common[1]
    speed = np.exp(law.spread[i] * draws.delivery_own[i, 1] + law.shared[i] * shared)
    news = np.exp(law.news * draws.common[:, 1] * draws.scale[:, 1])
    k = law.arrivals[i]
    wait = (1 - 1 / (9 * k) + draws.delivery_arrival[i, 1] / (3 * np.sqrt(k))) ** 3
    by_hand = np.cumsum(law.season[:, i] * news) * (1 + law.reserve[i]) * speed / wait
    progress = simulate(model, ORDINARY, draws).progress
    np.testing.assert_allclose(progress[:, i, 1], by_hand, rtol=1e-4)


def test_wait_for_the_last_arrival_is_a_gamma_variate() -> None:
    for things, error in ((2, 0.004), (10, 0.001)):
        ratio = np.linspace(0.2, 3, 200)
        normals = (np.cbrt(ratio) - 1 + 1 / (9 * things)) * 3 * np.sqrt(things)
        difference = special.ndtr(normals) - stats.gamma.cdf(ratio * things, things)
        assert np.abs(difference).max() < error


def test_lateness_has_its_law(model: Model) -> None:
    law, draws = model.milestone_law, draw(model, N)
    lateness = find_lateness(law, draws)
    on_time = (lateness <= 0).mean(axis=1)
    assert (np.abs(on_time - law.on_time) < 5 * np.sqrt(0.25 / N)).all()
    late = lateness[0][lateness[0] > 0]
    assert np.median(late) == pytest.approx(law.median, rel=0.05)
    assert np.log(late).std() == pytest.approx(law.spread, rel=0.05)
    assert -lateness[0][lateness[0] <= 0].mean() == pytest.approx(law.margin, rel=0.03)


def test_tabulated_lateness_agrees_with_the_formula(model: Model) -> None:
    law, draws = model.milestone_law, draw(model, 2_000)
    drive = np.sqrt(1 - law.common**2 - law.macro**2) * draws.milestone_own
    drive = drive + law.common * draws.delivery_common + law.macro * draws.trend_common
    exact = np.array([compute_lateness(law, chance, row) for chance, row in zip(law.on_time, drive, strict=True)])
    inside = (np.abs(drive) < 3.5) & (np.abs(exact) > 0.2)
    np.testing.assert_allclose(find_lateness(law, draws)[inside], exact[inside], atol=0.01, rtol=0.01)


def test_milestones_are_never_lost_again(model: Model) -> None:
    reached = simulate(model, ORDINARY, draw(model, 500)).reached
    assert (reached[1:] >= reached[:-1]).all()


def test_reached_when_lateness_is_within_the_slack() -> None:
    given = {"planned": np.array([2.0]), "on_time": np.array([0.9]), "margin": 0.5, "median": 2.0, "spread": 1.0}
    law = MilestoneLaw(ids=("a",), **given, common=0.0, macro=0.0)
    lateness = np.array([[-2.5, -1.5, -0.5, 0.5, 1.5]], np.float32)
    reached = reach(law, lateness, 4)[:, 0].astype(int).tolist()
    assert reached == [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0]]


def test_a_shock_slows_deliveries_in_its_quarters(model: Model) -> None:
    draws = draw(model, 300)
    plain, slowed = (simulate(model, each, draws) for each in (ORDINARY, shock_of(speed={"all": -0.5})))
    np.testing.assert_array_equal(slowed.progress[:2], plain.progress[:2])
    third = (slowed.progress[2] - slowed.progress[1]) / (plain.progress[2] - plain.progress[1])
    np.testing.assert_allclose(third, 0.5, rtol=1e-3)
    np.testing.assert_array_equal(slowed.reached, plain.reached)
    np.testing.assert_array_equal(slowed.growth, plain.growth)


def test_a_shock_of_minus_one_stops_them_and_never_turns_them_back(model: Model) -> None:
    stopped = simulate(model, shock_of(speed={"all": -3}), draw(model, 50)).progress
    np.testing.assert_array_equal(stopped[3], stopped[1])


def test_what_two_shocks_take_from_the_speed_adds_up(model: Model) -> None:
    one, other = (shock_of(speed={"all": change}).shocks["storm"] for change in (-0.3, -0.5))
    draws = draw(model, 300)
    both = replace(ORDINARY, shocks={"flood": other, "storm": one})
    plain, slowed = (simulate(model, each, draws) for each in (ORDINARY, both))
    third = (slowed.progress[2] - slowed.progress[1]) / (plain.progress[2] - plain.progress[1])
    np.testing.assert_allclose(third, 1 - 0.3 - 0.5, rtol=1e-2)


def test_the_most_specific_name_holds(model: Model) -> None:
    names = {"all": -0.5, "grain": 0.0, "urban": -0.9, "grain_output": -0.1}
    draws = draw(model, 50)
    plain, slowed = (simulate(model, each, draws).progress for each in (ORDINARY, shock_of(onset="Q1", speed=names)))
    ratio = dict(zip(model.delivery_law.ids, (slowed[-1] / plain[-1]).mean(axis=1), strict=True))
    assert ratio["grain_output"] == pytest.approx(0.9, rel=1e-4)
    assert ratio["grain_area"] == pytest.approx(1.0)
    assert ratio["qilu_model_zones"] == pytest.approx(0.1, rel=1e-4)
    assert ratio["charging_piles"] == pytest.approx(0.5, rel=1e-4)


def test_delay_strikes_only_milestones_planned_for_the_onset_or_later(model: Model) -> None:
    draws = draw(model, 2_000)
    plain, late = (simulate(model, each, draws).reached[-1] for each in (ORDINARY, shock_of(delay={"all": 9})))
    planned = model.milestone_law.planned
    np.testing.assert_array_equal(late[planned < 2], plain[planned < 2])
    assert late[planned >= 2].mean() < 0.05


@pytest.mark.parametrize(("name", "touch"), [("charging_piles", "speed"), ("metro_line_6", "delay")])
def test_odds_fall_as_a_shock_grows(model: Model, name: str, touch: str) -> None:
    sign = -1 if touch == "speed" else 1
    odds = [met_share(model, name, shock_of(**{touch: {name: sign * size}})) for size in (0.0, 0.2, 0.6)]
    assert odds[0] > odds[1] > odds[2]


def test_macro_factor_moves_deliveries_and_growth_together(model: Model) -> None:
    paths = simulate(model, ORDINARY, draw(model, 50_000))
    place = model.delivery_law.ids.index("old_communities")
    assert np.corrcoef(paths.annual[0], np.log(paths.progress[-1, place]))[0, 1] > 0.05


def test_removing_or_adding_a_target_moves_no_other(plan: Plan, model: Model) -> None:
    draws_and_odds = {}
    for name in ("full", "fewer"):
        targets = plan.targets if name == "full" else tuple(t for t in plan.targets if t.id != "charging_piles")
        own = build_model(replace(plan, targets=targets), model.calibration)
        odds = attain(simulate(own, ORDINARY, draw(own, 9_000))).odds
        draws_and_odds[name] = odds.set_index(["target", "reading"]).probability
    kept = draws_and_odds["fewer"]
    assert (draws_and_odds["full"][kept.index] == kept).all()
    assert len(draws_and_odds["full"]) == len(kept) + 4


def test_composite_is_met_when_all_members_are(plan: Plan, model: Model) -> None:
    index = next(number for number, target in enumerate(plan.targets) if target.kind == "composite")
    members = {"members": "gdp grain_output metro_line_6", "reason": None}
    changed = Composite.model_validate({**plan.targets[index].model_dump(), **members})
    own = replace(plan, targets=(*plan.targets[:index], changed, *plan.targets[index + 1 :]))
    paths = simulate(build_model(own, model.calibration), ORDINARY, draw(model, 5_000))
    met = dict(zip([target.id for target in own.judged], judge(paths)[-1], strict=True))
    together = met["gdp"] & met["grain_output"] & met["metro_line_6"]
    np.testing.assert_array_equal(met[changed.id], together)
    assert len(own.judged) == len(plan.judged) + 1


def test_groups_cover_every_target_once(plan: Plan) -> None:
    groups = list_groups(plan)
    owners = [number for name, members in groups.items() if name not in ("headline", "all") for number in members]
    assert sorted(owners) == groups["all"] == list(range(79))
    assert len(groups["headline"]) == 6


def test_number_met_is_a_distribution_with_the_expected_mean(model: Model) -> None:
    attainment = attain(simulate(model, ORDINARY, draw(model, 20_000)))
    shares = attainment.number_met["all"]
    assert shares.sum() == pytest.approx(1)
    expected = attainment.odds.query("reading == 'stated'").probability.sum()
    assert shares @ np.arange(80) == pytest.approx(expected)


def test_measured_amounts_are_in_the_targets_unit(model: Model, plan: Plan) -> None:
    targets = {target.id: target for target in plan.targets}
    progress = np.array([0.5, 1.0, 1.5])
    np.testing.assert_allclose(measure_delivery(model, targets["charging_piles"], progress), [1.2, 2.4, 3.6])
    np.testing.assert_allclose(measure_delivery(model, targets["key_construction_projects"], progress), [198, 396, 440])


def test_plan_without_deliveries_works(plan: Plan, model: Model) -> None:
    bare = build_model(replace(plan, targets=plan.headline), model.calibration)
    paths = simulate(bare, ORDINARY, draw(bare, 100))
    assert paths.progress.shape == (4, 0, 100)
    assert len(attain(paths).odds) == 36
