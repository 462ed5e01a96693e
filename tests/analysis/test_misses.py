"""Misses: exact means against paths, the likeliest year against normal theory, rules against other years."""

import numpy as np
import pytest
from scipy import stats
from small_models import find_annual_moments, make_composite, make_law, make_model, make_scenario, make_shock

import sim
from sim.analysis.facts import find_rules
from sim.analysis.misses import Misses, describe_misses
from sim.engine.batches import judge_aim
from sim.engine.draws import draw
from sim.engine.paths import Paths, simulate
from sim.engine.shock_effects import draw_shocks
from sim.engine.tasks import RunTask, prepare_run
from sim.errors import InputError
from sim.inputs.plan.aims import read_aims
from sim.inputs.plan.plan import Plan
from sim.model.growth import compute_moments
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario
from sim.model.thresholds import find_bound
from sim.results.settings import RunSettings

PATHS = 65_536
SCENARIO = "external-and-property"


@pytest.fixture(scope="module")
def task(model: Model) -> RunTask:
    return prepare_run(model, [SCENARIO, "baseline"], RunSettings(n_points=512, n_calibrations=0))


@pytest.fixture(scope="module")
def found(task: RunTask) -> Misses:
    return describe_misses(task, "gdp")


@pytest.fixture(scope="module")
def paths(task: RunTask) -> Paths:
    return simulate(task.model, task.scenarios[0], draw(task.model, PATHS, 3))


def test_means_are_those_of_paths(task: RunTask, found: Misses, paths: Paths) -> None:
    missed = ~judge_aim(paths, read_aims(task.model.plan, "gdp")[0])
    assert found.chance == pytest.approx(missed.mean(), abs=0.006)
    means = found.means.set_index(["name", "period"])
    quarters = task.model.plan.quarter_names
    for row, indicator in enumerate(task.model.plan.indicators):
        for period, values in [*zip(quarters, paths.growth[:, row], strict=True), ("FY", paths.annual[row])]:
            told = means.loc[(indicator.id, period)]
            error = 5 * values.std() / np.sqrt(len(values))
            assert told["mean"] == pytest.approx(values.mean(), abs=error)
            assert told.mean_if_missed == pytest.approx(values[missed].mean(), abs=error)


def test_shocks_are_those_of_paths(task: RunTask, found: Misses, paths: Paths) -> None:
    missed = ~judge_aim(paths, read_aims(task.model.plan, "gdp")[0])
    law = compile_scenario(task.model, task.scenarios[0])
    told = found.means[found.means.kind == "shock"].set_index(["name", "unit"])
    for shock, drawn in draw_shocks(law, draw(task.model, PATHS, 3)).items():
        happened = drawn.spread(np.ones(len(drawn.sizes)))
        chance = told.loc[(law.names[shock], "probability")]
        assert chance["mean"] == pytest.approx(happened.mean(), abs=0.01)
        assert chance.mean_if_missed == pytest.approx(happened[missed].mean(), abs=0.01)
        sizes = drawn.spread(drawn.sizes)
        struck = missed & (happened > 0)
        assert told.loc[(law.names[shock], "mean size")].mean_if_missed == pytest.approx(sizes[struck].mean(), rel=0.04)


def test_promises_have_means_too(task: RunTask) -> None:
    found = describe_misses(task, "urban_jobs")
    paths = simulate(task.model, task.scenarios[0], draw(task.model, PATHS, 3))
    missed = ~judge_aim(paths, read_aims(task.model.plan, "urban_jobs")[0])
    told = found.means.set_index(["name", "period"]).loc[("gdp", "FY")]
    assert told.mean_if_missed == pytest.approx(paths.annual[0, missed].mean(), abs=0.25)
    assert len(found.ways) == 0


def test_the_likeliest_way_is_the_design_point(twin: Plan) -> None:
    """Without shocks and heavy tails: the mean of all figures given that the year's is just on the line."""
    law = make_law(3, 2, 4, np.inf)
    model = make_model(sim.load_model(twin), law, [-0.8, 0.3])
    task = prepare_run(model, make_scenario(), RunSettings(n_points=256, n_calibrations=0))
    found = describe_misses(task, "series_0_target")
    mean, covariance = compute_moments(law)
    annual, spread = find_annual_moments(law)
    bound = find_bound(model.plan, model.plan.growth[0], "printed")
    assert found.chance == pytest.approx(stats.norm.cdf((bound - annual[0]) / np.sqrt(spread[0, 0])), abs=1e-3)
    with_year = np.einsum("qirj,rj->qij", covariance, law.shares)[..., 0]
    likeliest = mean + with_year / spread[0, 0] * (bound - annual[0])
    own = found.ways[found.ways.series == "series_0"].set_index("period").value
    assert own[["Q1", "Q2", "Q3", "Q4"]].to_numpy() == pytest.approx(likeliest[:, 0])
    assert own["FY"] == pytest.approx(bound)
    assert found.ways.share.iloc[0] == pytest.approx(1)


def test_means_of_a_normal_year_are_those_of_theory(twin: Plan) -> None:
    law = make_law(3, 2, 4, np.inf)
    model = make_model(sim.load_model(twin), law, [-0.8, 0.3])
    task = prepare_run(model, make_scenario(), RunSettings(n_points=1024, n_calibrations=0))
    found = describe_misses(task, "series_0_target")
    mean, covariance = compute_moments(law)
    annual, spread = find_annual_moments(law)
    score = (find_bound(model.plan, model.plan.growth[0], "printed") - annual[0]) / np.sqrt(spread[0, 0])
    mills = -stats.norm.pdf(score) / stats.norm.cdf(score)
    with_year = np.einsum("qirj,rj->qij", covariance, law.shares)[..., 0]
    given = mean + with_year / np.sqrt(spread[0, 0]) * mills
    told = found.means.set_index(["name", "period"]).mean_if_missed
    for place in range(2):
        for quarter in range(4):
            assert told[f"series_{place}", f"Q{quarter + 1}"] == pytest.approx(given[quarter, place], abs=5e-3)


def test_shares_of_ways_add_up(found: Misses) -> None:
    shares = found.ways.groupby("shocks").share.first()
    assert 0.9 < shares.sum() <= 1 + 1e-9
    assert shares.idxmax() == "export_slump + property_slide"


def test_a_rule_holds_in_other_years(task: RunTask) -> None:
    aim = read_aims(task.model.plan, "gdp")[0]
    scenario = task.scenarios[1]
    for rule in find_rules(task.model, scenario, aim, 2024):
        fresh = simulate(task.model, scenario, draw(task.model, PATHS, 99))
        holds = np.ones(PATHS, bool)
        for fact in rule.facts:
            assert fact.kind == "below"
            row = [each.id for each in task.model.plan.indicators].index(fact.name)
            printed = np.floor(fresh.cumulative[["Q1", "H1"].index(fact.period), row] * 10 + 0.5) / 10
            holds &= printed < fact.value - 0.05
        missed = ~judge_aim(fresh, aim)
        assert rule.purity == pytest.approx(missed[holds].mean(), abs=0.02)
        assert rule.coverage == pytest.approx((holds & missed).sum() / missed.sum(), abs=0.02)
        assert rule.purity > missed.mean()


def test_a_cause_that_decides_is_the_rule(twin: Plan) -> None:
    model = make_model(sim.load_model(twin), make_law(3, 2, 4, np.inf), [-2.5, 0.0])
    storm = make_shock(probability=0.2, onset="Q1", size={"law": "fixed", "value": 12.0})
    task = prepare_run(model, make_scenario(storm=storm), RunSettings(n_points=64, n_calibrations=0))
    found = describe_misses(task, "series_0_target")
    first = found.rules[0]
    assert str(first.facts[0]) in ("storm happened", "series_0 H1 below")
    assert first.coverage > 0.9
    assert first.purity > 0.9


def test_rare_misses_have_no_rule(twin: Plan) -> None:
    model = make_model(sim.load_model(twin), make_law(3, 2, 4, np.inf), [-4.5, 0.0])
    task = prepare_run(model, make_scenario(), RunSettings(n_points=64, n_calibrations=0))
    found = describe_misses(task, "series_0_target")
    assert found.rules == ()
    assert len(found.facts) == 0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"target": "gpd"}, "target: no target with odds 'gpd'"),
        ({"target": "headline"}, "target: 'headline' is several targets; name one, no composite"),
        ({"target": "gdp", "scenario": "basline"}, "scenario: unknown 'basline'; .* did you mean 'baseline'"),
    ],
)
def test_what_makes_no_sense_is_refused(task: RunTask, asked: dict[str, str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        describe_misses(task, **asked)


def test_a_composite_is_refused(twin: Plan) -> None:
    from dataclasses import replace

    model = make_model(sim.load_model(twin), make_law(3, 2, 4, 5.0))
    both = make_composite("both", ["series_0_target", "series_1_target"])
    plan = replace(model.plan, targets=(*model.plan.targets, both))
    task = prepare_run(replace(model, plan=plan), make_scenario(), RunSettings(n_points=16, n_calibrations=0))
    with pytest.raises(InputError, match="'both' is several targets"):
        describe_misses(task, "both")
