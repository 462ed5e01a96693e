"""Counting: odds of paths against closed forms, plain counting and by hand."""

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from scipy import stats

import sim
from sim.engine.counting import attain, estimate_error, open_tally
from sim.engine.draws import draw
from sim.engine.histogram import BINS
from sim.engine.judging import count_odds
from sim.engine.paths import Paths, simulate
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, direct
from sim.inputs.plan.targets import Target
from sim.inputs.scenario.reading import ORDINARY, read_scenario
from sim.model.growth import compute_moments
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario
from sim.results.attainment import QUANTILE_LEVELS, Attainment


@pytest.fixture(scope="module")
def gaussian(model: Model) -> Model:
    law = replace(model.law, degrees_of_freedom=np.asarray(np.inf))
    return replace(model, law=law, built_of=None)


@pytest.fixture(scope="module")
def paths(model: Model, plan: Plan) -> Paths:
    return simulate(model, read_scenario("export-slump", plan), draw(model, 50_000))


@pytest.fixture(scope="module")
def attainment(paths: Paths) -> Attainment:
    return attain(paths)


def annual_moments(model: Model) -> tuple[np.ndarray, np.ndarray]:
    mean, covariance = compute_moments(model.law)
    weights = model.law.shares
    return (mean * weights).sum(axis=0), np.einsum("qi,qirj,rj->ij", weights, covariance, weights)


def test_a_plan_with_other_indicators_is_refused(paths: Paths, plan: Plan) -> None:
    with pytest.raises(ValueError, match="other indicators"):
        attain(paths, replace(plan, indicators=plan.indicators[:3]))


def test_odds_against_the_normal_closed_form(gaussian: Model, plan: Plan) -> None:
    n = 200_000
    odds = attain(simulate(gaussian, ORDINARY, draw(gaussian, n))).odds.set_index(["target", "reading"])
    mean, covariance = annual_moments(gaussian)
    for number, target in enumerate(plan.headline):
        for reading, slack in zip(READINGS, (0.05, 0.0, target.tolerance + 0.05), strict=True):
            exact = stats.norm.sf((target.value - slack - mean[number]) / np.sqrt(covariance[number, number]))
            row = odds.loc[(target.id, reading)]
            assert abs(row.probability - exact) < 4.5 * row.mc_se
            assert row.mc_se == pytest.approx(np.sqrt(exact * (1 - exact) / n), rel=0.02)


def test_joint_odds_against_the_multivariate_normal(gaussian: Model, plan: Plan) -> None:
    joint = attain(simulate(gaussian, ORDINARY, draw(gaussian, 200_000))).joint
    joint = joint[joint.group == "headline"].set_index("at_least")
    mean, covariance = annual_moments(gaussian)
    values = np.array([target.value - 0.05 for target in plan.headline])
    exact = stats.multivariate_normal(cov=covariance, seed=1).cdf(mean - values)
    assert abs(joint.probability[6] - exact) < 4.5 * joint.mc_se[6]
    none_met = stats.multivariate_normal(cov=covariance, seed=1).cdf(values - mean)
    assert abs(1 - joint.probability[1] - none_met) < 4.5 * joint.mc_se[1]


def test_every_number_against_plain_counting(paths: Paths, plan: Plan, attainment: Attainment) -> None:
    values = np.array([target.value - 0.05 for target in plan.headline], np.float32)[:, None]
    met = paths.annual >= values
    headline = [target.id for target in plan.headline]
    odds = attainment.odds.set_index(["reading", "target"]).probability
    np.testing.assert_array_equal(odds["printed"][headline], met.mean(axis=1))
    np.testing.assert_array_equal(odds["H1"][headline], (paths.cumulative[1] >= values).mean(axis=1))
    at_least = [(met.sum(axis=0) >= k).mean() for k in range(1, 7)]
    np.testing.assert_allclose(attainment.joint.query("group == 'headline'").probability, at_least)
    given = attainment.conditional.set_index(["missed", "met"]).probability
    missed, other = headline[0], headline[4]
    assert given[missed, other] == pytest.approx(met[4][~met[0]].mean())


def test_quantiles_against_numpy(paths: Paths, attainment: Attainment) -> None:
    table = attainment.quantiles.query("unit == '%'").set_index(["series", "period"])
    tally = open_tally(paths.model, paths.scenario, compile_scenario(paths.model, paths.scenario))
    tally.add(paths)
    width = tally.growth.width.max()
    for series, number in (("gdp", 0), ("budget_revenue", 1), ("income_per_capita", 5)):
        for period, values in (("Q2", paths.growth[1]), ("H1", paths.cumulative[1]), ("FY", paths.annual)):
            exact = np.quantile(values[number], QUANTILE_LEVELS)
            np.testing.assert_allclose(table.loc[(series, period), "q05":].astype(float), exact, atol=width)
    assert width < 0.15
    assert set(tally.growth.counts.sum(axis=1)) == {50_000}


@pytest.mark.parametrize(
    ("criterion", "better", "sign"),
    [("at_least", "lower", 1), ("at_most", "higher", -1), ("about", "higher", 1), ("about", "lower", -1)],
)
def test_direction_of_a_criterion(plan: Plan, criterion: str, better: str, sign: int) -> None:
    gdp = plan.indicators[0].model_copy(update={"better": better})
    target = plan.headline[0].model_copy(update={"criterion": criterion})
    assert direct(replace(plan, indicators=(gdp,)), target) == sign


def test_at_most_is_the_complement_of_at_least(paths: Paths, plan: Plan) -> None:
    changes = {"criterion": "at_most", "tolerance": 0.0}
    plain = replace(plan, targets=plan.headline)
    turned = replace(plan, targets=tuple(target.model_copy(update=changes) for target in plan.headline))
    stated = [attain(paths, each).odds.query("reading == 'stated'").probability for each in (plain, turned)]
    np.testing.assert_allclose(stated[0] + stated[1].to_numpy(), 1, atol=2e-5)


def test_readings_only_widen(attainment: Attainment, plan: Plan) -> None:
    odds = attainment.odds.pivot(index="target", columns="reading", values="probability")
    odds = odds.loc[[target.id for target in plan.headline]]
    assert (odds.printed > odds.stated).all()
    assert (odds.tolerance >= odds.printed).all()
    firm = [target.id for target in plan.headline if target.criterion == "at_least"]
    assert (odds.tolerance[firm] == odds.printed[firm]).all()


def test_printed_is_rounding_half_up(paths: Paths) -> None:
    figures = np.broadcast_to(np.array([5.4375, 5.453125], np.float32), (2, 4, 6, 2))
    odds = attain(replace(paths.cut(slice(2)), figures=figures)).odds
    printed = odds[(odds.reading == "printed") & (odds.target == "gdp")]
    assert printed.probability.item() == 0.5


def test_odds_fall_as_a_bad_shock_grows(model: Model, plan: Plan) -> None:
    slump, draws = read_scenario("export-slump", plan), draw(model, 20_000)
    odds = []
    for factor in (0.0, 0.5, 1.0, 2.0):
        shock = slump.shocks["export_slump"]
        loadings = {"gdp": factor * shock.loadings["gdp"]}
        shocks = slump.shocks | {"export_slump": shock.model_copy(update={"loadings": loadings})}
        odds.append(attain(simulate(model, replace(slump, shocks=shocks), draws)).odds.probability[0])
    assert odds == sorted(odds, reverse=True)
    assert odds[0] - odds[-1] > 0.1


def test_adding_a_target_changes_no_other(paths: Paths, plan: Plan, attainment: Attainment) -> None:
    changes = {"id": "gdp_at_least", "criterion": "at_least", "tolerance": 0.0, "headline": "no", "group": "extra"}
    extra: Target = plan.headline[0].model_copy(update=changes)
    more = attain(paths, replace(plan, targets=(extra, *plan.targets)))
    kept = more.odds[more.odds.target != "gdp_at_least"].reset_index(drop=True)
    assert kept.equals(attainment.odds)
    joints = (
        each.joint[~each.joint.group.isin(["all", "extra"])].reset_index(drop=True) for each in (more, attainment)
    )
    assert next(joints).equals(next(joints))


def test_an_error_given_a_miss_is_that_of_the_paths_that_miss_and_none_where_none_do(paths: Paths) -> None:
    few = attain(paths.cut(slice(0, 20)))
    missed = 20 - np.rint(20 * few.met[0, [few.model.plan.judged.index(each) for each in few.model.plan.headline]])
    for place, misses in enumerate(missed):
        others = np.arange(len(missed)) != place
        hits = np.nan_to_num(few.if_missed[place, others]) * misses
        stated = few.if_missed_se[place, others]
        assert np.allclose(stated, estimate_error(hits, misses) if misses else np.nan, equal_nan=True)
    assert (missed > 0).any()


def test_error_is_never_zero() -> None:
    assert (estimate_error(np.array([0, 100]), 100) > 0).all()


def test_grid_does_not_depend_on_the_draws(model: Model, plan: Plan) -> None:
    scenario = read_scenario("epidemic-wave", plan)
    first, second = (open_tally(model, scenario, compile_scenario(model, scenario)).growth for _ in range(2))
    np.testing.assert_array_equal(first.low, second.low)
    assert first.counts.shape == (42, BINS)


def test_hand_worked_plan_of_two_indicators(tmp_path: Path) -> None:
    """Two indicators, two quarters, no uncertainty but one coin: a shock of two points in the second quarter."""
    write_tiny_plan(tmp_path)
    plan = sim.read_plan(tmp_path)
    model = sim.load_model(plan)
    scenario = sim.read_scenario(str(tmp_path / "coin.yaml"), plan)
    paths = sim.simulate(model, scenario, sim.draw(model, 20_000, seed=1))
    # a: centre 4.35, momentum 1 halves each quarter, shares 0.4, 0.6: 4 + 0.5, 4 + 0.25; shock -2 in Q2
    # b: centre 2.25, base effect (0.5, 0), shares alike, no momentum: 2 + 0.5, 2; shock -1 in Q2
    hit = paths.growth[1, 0] < 3
    np.testing.assert_allclose(paths.annual[0, ~hit], 0.4 * 4.5 + 0.6 * 4.25, rtol=1e-6)
    np.testing.assert_allclose(paths.annual[0, hit], 0.4 * 4.5 + 0.6 * 2.25, rtol=1e-6)
    np.testing.assert_allclose(paths.annual[1, hit], 0.5 * 2.5 + 0.5 * 1.0, rtol=1e-6)
    attainment = sim.attain(paths)
    odds = attainment.odds.set_index(["target", "reading"])
    assert odds.probability["a_target", "stated"] == pytest.approx(0.25, abs=4 * 0.0031)
    assert odds.probability["a_target", "Q1"] == 1
    assert odds.probability["b_target", "stated"] == odds.probability["a_target", "stated"]
    assert attainment.joint.query("group == 'all'").probability.tolist() == [odds.probability["a_target", "stated"]] * 2


TINY = {
    "plan.csv": """
        field,value,source
        name,tiny,x
        place_en,Tiny,x
        place_zh,小,x
        year,2031,x
        """,
    "indicators.csv": """
        id,name_en,name_zh,unit,measure,baseline,better,momentum,momentum_basis,source
        a,A,甲,%,real,4,higher,1,assumed,x
        b,B,乙,%,nominal,2,higher,0,assumed,x
        """,
    "quarters.csv": """
        indicator,quarter,share,share_basis,base_effect,base_effect_basis,source
        a,Q1,0.4,assumed,0,assumed,x
        a,Q2,0.6,assumed,0,assumed,x
        b,Q1,0.5,assumed,0.5,assumed,x
        b,Q2,0.5,assumed,0,assumed,x
        """,
    "targets.csv": """
        id,section,phrase,name_en,name_zh,indicator,criterion,value,unit,tolerance,headline,group,source
        a_target,1,a 4,A,甲,a,at_least,4,%,0,yes,macro,x
        b_target,1,b 2,B,乙,b,about,2,%,0.1,yes,macro,x
        """,
    "coin.yaml": """
        schema_version: 1
        title: {en: Coin, zh: 硬币}
        why: a coin
        sources: [assumption]
        shocks:
          coin:
            title: {en: Coin, zh: 硬币}
            probability: 0.75
            onset: Q2
            size: {law: fixed, value: 1}
            profile: step
            loadings: {a: -2 pp, b: -1}
            source: assumption
        """,
    "calibration.yaml": """
        schema_version: 1
        degrees_of_freedom: {value: 5, sd: 0, unit: "1", source: assumption}
        indicators:
          a:
            centre: {value: 4.35, sd: 0, unit: pp, source: assumption}
            trend_sd: &zero {value: 0, sd: 0, unit: pp, source: assumption}
            trend_common: *zero
            innovation_sd: *zero
            innovation_common: *zero
            persistence: &half {value: 0.5, sd: 0, unit: share, source: assumption}
          b:
            centre: {value: 2.25, sd: 0, unit: pp, source: assumption}
            trend_sd: *zero
            trend_common: *zero
            innovation_sd: *zero
            innovation_common: *zero
            persistence: *half
        """,
}


def write_tiny_plan(folder: Path) -> None:
    for name, text in TINY.items():
        (folder / name).write_text(dedent(text).lstrip(), encoding="utf-8")


def test_blocks_add_up_in_all_that_is_counted(model: Model) -> None:
    paths = simulate(model, ORDINARY, draw(model, 600))
    whole, parts = (open_tally(model, ORDINARY, compile_scenario(model, ORDINARY)) for _ in range(2))
    whole.add(paths)
    for span in (slice(0, 200), slice(200, 600)):
        parts.add(paths.cut(span))
    for name in ("met", "both"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))
    for group, counts in whole.number_met.items():
        np.testing.assert_array_equal(parts.number_met[group], counts)


@pytest.mark.parametrize("members", [255, 256, 300])
def test_more_targets_than_a_byte_holds_are_counted(members: int) -> None:
    reached = np.ones((1, members, 3), bool)
    reached[0, :2, 0] = False
    counts = count_odds(reached, {"all": range(members)}).number_met["all"]
    assert {int(number): int(counts[number]) for number in np.flatnonzero(counts)} == {members: 2, members - 2: 1}


def test_weights_of_one_count_as_none_and_of_two_as_paths_twice() -> None:
    reached = np.random.default_rng(6).uniform(size=(3, 5, 40)) < np.array([0.3, 0.5, 0.8])[:, None, None]
    groups = {"headline": [0, 2, 4], "all": range(5)}
    weights = np.resize([1, 2], 40)
    plain, doubled = count_odds(reached, groups), count_odds(np.repeat(reached, weights, axis=-1), groups)
    for expected, given in ((plain, np.ones(40, int)), (doubled, weights)):
        found = count_odds(reached, groups, given)
        np.testing.assert_array_equal(found.met, expected.met)
        np.testing.assert_array_equal(found.both, expected.both)
        for group in groups:
            np.testing.assert_array_equal(found.number_met[group], expected.number_met[group])
