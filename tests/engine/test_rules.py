"""Rules that answer to printed figures: never, always, in order, on both roads, and with figures published."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats
from small_rules import PUSH

import sim
from sim.engine.batches import count_replicates
from sim.engine.draws import draw
from sim.engine.exact.branches import list_branches
from sim.engine.exact.integrals import integrate, integrate_replicates
from sim.engine.exact.odds import explain_paths
from sim.engine.exact.points import lay_points
from sim.engine.exact.updating import update_points
from sim.engine.judging import judge
from sim.engine.path_update import unfold_known
from sim.engine.paths import move_laws, simulate
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.published.figures import Figure, Published
from sim.inputs.scenario.reading import Scenario
from sim.model.known import compile_published
from sim.model.model import Model
from sim.model.rules import tell_printed
from sim.model.scenario_law import compile_scenario
from sim.results.integrals import settle


def make(plan: Plan, base: str = "export-slump", **rules: Mapping[str, Any]) -> Scenario:
    return sim.scenario(base, name="answered", plan=plan, rules=rules)


def wait_for(number: float, **changes: Any) -> dict[str, Any]:
    return {**PUSH, "when": {**PUSH["when"], "printed_below": number}, **changes}


def publish(plan: Plan, period: str, value: float, quarter: int, step: float = 0.1) -> Published:
    import datetime

    figure = Figure(
        date=datetime.date(plan.year, 3 * quarter + 4, 20),
        period=period,
        series="gdp",
        value=value,
        low=value - step / 2,
        high=value + step / 2,
        unit="%",
        status="first",
        source="bulletin",
        kind="growth",
        quarter=quarter,
    )
    return Published(figures=(figure,), year=plan.year)


def test_a_rule_that_never_strikes_moves_no_bit_of_paths(plan: Plan, model: Model) -> None:
    draws = draw(model, 2000, 1)
    before = simulate(model, sim.read_scenario("export-slump", plan), draws)
    after = simulate(model, make(plan, push=wait_for(-50, speed={"all": 0.5}, delay={"all": 1})), draws)
    for name in ("figures", "needed", "courses", "reached"):
        assert np.array_equal(getattr(before, name), getattr(after, name)), name


def test_a_rule_that_always_strikes_is_a_certain_shock(plan: Plan, model: Model) -> None:
    told = {"speed": {"all": 0.5}, "delay": {"all": 1}}
    rule = make(plan, push=wait_for(50, **told))
    certain = {key: value for key, value in PUSH.items() if key != "when"} | {"probability": 1.0, **told}
    shock = sim.scenario("export-slump", name="certain", plan=plan, shocks={"push": certain})
    draws = draw(model, 2000, 1)
    one, other = simulate(model, rule, draws), simulate(model, shock, draws)
    np.testing.assert_allclose(one.figures, other.figures, atol=1e-5)
    assert np.array_equal(one.reached, other.reached)
    assert np.abs(judge(one).mean(axis=-1) - judge(other).mean(axis=-1)).max() < 0.001
    first, second = integrate_replicates(model, [rule, shock], 64, 1, range(16))
    spread = (first.met - second.met).std(axis=-1, ddof=1) / 4
    assert np.all(np.abs((first.met - second.met).mean(axis=-1)) <= 4.5 * spread + 1e-6)


def test_the_printed_figure_decides_half_up(plan: Plan, model: Model) -> None:
    law = compile_scenario(model, make(plan, push=PUSH), with_rules=True)
    assert law.rules[0].cut == pytest.approx(4.95)  # 4.95 is printed as 5.0
    odd = compile_scenario(model, make(plan, push=wait_for(4.93)), with_rules=True)
    assert odd.rules[0].cut == pytest.approx(4.925)  # a number of two decimals is held against two
    draws = draw(model, 4000, 1)
    plain, paths = (
        simulate(model, each, draws) for each in (sim.read_scenario("export-slump", plan), make(plan, push=PUSH))
    )
    printed = np.floor(plain.cumulative[1, 0].astype(np.float64) * 10 + 0.5) / 10
    assert np.array_equal((paths.growth[2] != plain.growth[2]).any(axis=0), printed < 5.0 - 1e-9)
    opposite = {**PUSH, "when": {"series": "gdp", "period": "H1", "at_least": 5.0}}
    others = simulate(model, make(plan, push=opposite), draws)
    assert np.array_equal((others.growth[2] != plain.growth[2]).any(axis=0), printed >= 5.0 - 1e-9)


LATER = {
    "when": {"series": "fixed_asset_investment", "period": "Q1-Q3", "at_least": 6.0},
    "onset": {"Q4": 1.0},
    "size": {"law": "normal", "mean": 2, "sd": 1},
    "loadings": {"budget_revenue": 2, "gdp": 0.5},
}


def test_both_roads_agree_on_rules_that_wait_for_each_other(plan: Plan, model: Model) -> None:
    slow = {
        "when": {"series": "charging_piles", "period": "H1", "at_least": 1.0},
        "speed": {"charging_piles": -0.1},
    }
    scenario = make(plan, push=PUSH, later={**PUSH, **LATER}, piles={**PUSH, **slow, "loadings": {}})
    assert list(scenario.rules) == ["piles", "push", "later"]
    points = lay_points(model, 64, 1)
    law = compile_scenario(model, scenario, with_rules=True)
    assert len(list_branches(law)) == 8
    integrals = integrate(points, law)
    for exactly in integrals.number_met.values():
        np.testing.assert_allclose(exactly.sum(axis=0), 1, atol=1e-5)
    exact, counted = integrals.met[0], count_replicates(model, [scenario], 16_384, 1)[0].met[0]
    error = np.hypot(exact.std(axis=-1, ddof=1), counted.std(axis=-1, ddof=1)) / 4
    away = np.abs(exact.mean(axis=-1) - counted.mean(axis=-1))
    assert np.all(away <= 4.5 * error + 1e-3)
    places = {target.id: place for place, target in enumerate(plan.judged)}
    plain = integrate(points, compile_scenario(model, sim.read_scenario("export-slump", plan)))
    for name, sign in (("fixed_asset_investment", 1), ("budget_revenue", 1), ("charging_piles", -1)):
        assert sign * (exact[places[name]].mean() - plain.met[0, places[name]].mean()) > 0.02, name


def test_published_figures_decide_a_rule(plan: Plan, model: Model) -> None:
    scenario = make(plan, push=PUSH)
    law = compile_scenario(model, scenario, with_rules=True)
    for value, strikes in ((4.9, True), (5.0, False)):
        known = compile_published(model, publish(plan, "H1", value, 1))
        assert known is not None
        assert tell_printed(law.rules[0], known) is strikes
        (branch,) = list_branches(law, known)
        assert branch.known is known
        assert branch.law.chance[law.rules[0].shock].tolist() == [strikes, strikes]
    certain = {key: value for key, value in PUSH.items() if key != "when"} | {"probability": 1.0}
    shock = sim.scenario("export-slump", name="answered", plan=plan, shocks={"push": certain})
    known = compile_published(model, publish(plan, "H1", 4.9, 1))
    points, draws = lay_points(model, 64, 1), draw(model, 1000, 1)
    one, other = (
        integrate(points, compile_scenario(model, each, with_rules=True), known) for each in (scenario, shock)
    )
    np.testing.assert_allclose(one.met, other.met, atol=1e-6)
    one, other = (
        unfold_known(
            model, move_laws(model, draws), draws, each, compile_scenario(model, each, with_rules=True), known
        )[0]
        for each in (scenario, shock)
    )
    np.testing.assert_allclose(one.weight, other.weight, rtol=1e-4)
    np.testing.assert_allclose(one.figures, other.figures, atol=1e-4)


def test_earlier_figures_leave_a_rule_waiting_and_later_ones_are_refused(plan: Plan, model: Model) -> None:
    scenario = make(plan, push=PUSH)
    law = compile_scenario(model, scenario, with_rules=True)
    known = compile_published(model, publish(plan, "Q1", 5.2, 0))
    assert known is not None
    points = lay_points(model, 128, 1)
    given, plain = integrate(points, law, known), integrate(points, replace(law, rules=()), known)
    assert given.evidence is not None
    assert plain.evidence is not None
    np.testing.assert_allclose(given.evidence.weight, plain.evidence.weight, rtol=1e-5)
    np.testing.assert_allclose(given.evidence.sides, plain.evidence.sides, rtol=1e-9)
    exact, draws = settle(given).met[0], draw(model, 30_000, 1)
    paths = unfold_known(model, move_laws(model, draws), draws, scenario, law, known)[0]
    share = np.asarray(paths.weight) / np.asarray(paths.weight).sum()
    counted = (judge(paths)[0] * share).sum(axis=-1)
    error = np.hypot(exact.std(axis=-1, ddof=1) / 4, np.sqrt(counted * (1 - counted) * (share**2).sum()))
    assert np.all(np.abs(exact.mean(axis=-1) - counted) <= 4.5 * error + 1e-3)
    with pytest.raises(InputError, match=r"gdp H1 says so, which is not known, and gdp Q1-Q3 5\.2 % is"):
        integrate(points, law, compile_published(model, publish(plan, "Q1-Q3", 5.2, 2)))


def test_single_things_are_counted_path_by_path(plan: Plan, model: Model) -> None:
    rule = {"when": {"series": "first_stores", "period": "H1", "printed_below": 12}, "loadings": {"gdp": 1}}
    scenario = make(plan, "baseline", push={**PUSH, **rule})
    assert explain_paths(model, scenario) == "rule 'push' waits for a number of single things"
    draws = draw(model, 20_000, 1, redrawn=False)
    plain, paths = (simulate(model, each, draws) for each in (sim.read_scenario("baseline", plan), scenario))
    struck = (plain.growth[2] != paths.growth[2]).any(axis=0).mean()
    law, number = model.delivery_law, model.delivery_law.ids.index("first_stores")
    ahead = law.lead[number] + law.shared[number] * law.common * draws.delivery_common
    ahead = ahead + law.macro[number] * draws.trend_common + law.spread[number] * draws.delivery_own[number]
    rate = law.arrivals[number] * np.exp(plain.courses[plain.course_of[number], 1] + ahead)
    fewer = stats.poisson.cdf(11, rate).mean()
    assert struck == pytest.approx(fewer, abs=4 * np.sqrt(fewer * (1 - fewer) / 20_000))


def test_four_rules_are_counted(plan: Plan, model: Model) -> None:
    scenario = make(plan, **{f"rule_{number}": wait_for(number) for number in range(4)})
    assert explain_paths(model, scenario) == "4 rules; the analytic road takes at most 3"
    with pytest.raises(InputError, match="4 rules"):
        sim.run(model, scenario, method="analytic")


def test_rules_on_one_figure_cut_it_into_intervals(plan: Plan, model: Model) -> None:
    law = compile_scenario(model, make(plan, low=wait_for(4), high=wait_for(5)), with_rules=True)
    branches = list_branches(law)
    assert sorted((each.known.growth[0].low, each.known.growth[0].high) for each in branches if each.known) == [
        (-np.inf, pytest.approx(3.95)),
        (pytest.approx(3.95), pytest.approx(4.95)),
        (pytest.approx(4.95), np.inf),
    ]
    points = lay_points(model, 64, 1)
    assert sum(update_points(points, each.law, (0, 2), each.known).weight.mean() for each in branches) == pytest.approx(
        1
    )
