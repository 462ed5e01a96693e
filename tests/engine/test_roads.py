"""The two roads: what is conditioned and inverted agrees with what is counted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import make_composite, make_law, make_model, make_scenario, make_shock, random_shocks

from sim.engine.roads import compare_roads
from sim.engine.run import run
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import Scenario, read_scenarios
from sim.learning.loading import load_model
from sim.model.model import Model
from sim.results.attainment import Attainment


@pytest.fixture(scope="module")
def base(twin: Plan) -> Model:
    return load_model(twin)


def measure_gaps(analytic: Attainment, counted: Attainment, frame: str) -> pd.Series:
    """Differences in standard errors, where the analytic road claims one; those of counts at the analytic odds."""
    exact, seen = getattr(analytic, frame), getattr(counted, frame)
    share = (exact.probability * counted.n_paths + 1) / (counted.n_paths + 2)
    counting = np.sqrt(share * (1 - share) / counted.n_paths)
    z = (seen.probability - exact.probability) / np.hypot(counting, exact.mc_se)
    keys = [name for name in ("target", "reading", "group", "at_least") if name in exact]
    return z.set_axis(pd.MultiIndex.from_frame(exact[keys])).dropna()


def run_both(model: Model, scenarios: list[Scenario], n_paths: int, n_points: int) -> list[tuple[Attainment, ...]]:
    roads = {
        method: run(model, scenarios, n_paths=n_paths, n_calibrations=0, method=method, n_points=n_points).attainments
        for method in ("analytic", "paths")
    }
    return list(zip(roads["analytic"], roads["paths"], strict=True))


@pytest.mark.slow
def test_both_roads_agree_on_every_shipped_scenario(model: Model, plan: Plan) -> None:
    scenarios = read_scenarios([], plan)
    assert len(scenarios) >= 9
    for analytic, counted in run_both(model, scenarios, 100_000, 1024):
        assert analytic.n_points
        assert not counted.n_points
        for frame, claimed in (("odds", 0.97), ("joint", 0.7)):
            z = measure_gaps(analytic, counted, frame)
            assert len(z) > claimed * len(getattr(analytic, frame))
            assert z.abs().max() < 4.5, (analytic.scenario.name, frame, z.abs().idxmax())
            assert 0.6 < np.sqrt((z**2).mean()) < 1.35, (analytic.scenario.name, frame)


def assert_possible(attainment: Attainment) -> None:
    """Probabilities lie between 0 and 1, and more targets are not met more often than fewer."""
    for frame in (attainment.odds, attainment.joint, attainment.conditional):
        assert frame.probability.dropna().between(0, 1).all()
    for _, rows in attainment.joint.groupby("group"):
        assert rows.probability.is_monotonic_decreasing
    for odds in attainment.number_met.values():
        assert odds.min() >= 0
        assert odds.sum() == pytest.approx(1, abs=1e-6)


@st.composite
def random_case(draw: st.DrawFn) -> tuple[int, int, int, float, bool, Scenario, list[float], list[str]]:
    series, quarters = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    degrees = draw(st.sampled_from([3.0, 3.5, 4.0, 5.0, 8.0, 30.0, np.inf]))
    offsets = [draw(st.floats(-2, 2)) for _ in range(series)]
    scenario = make_scenario(**draw(random_shocks(series, quarters)))
    criteria = [draw(st.sampled_from(["at_least", "at_most", "about"])) for _ in range(series)]
    return draw(st.integers(0, 2**32)), series, quarters, degrees, draw(st.booleans()), scenario, offsets, criteria


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*points in one quarter:sim.errors.QuestionWarning")  # random shocks look odd
@pytest.mark.filterwarnings("ignore:.*its size has the other sign:sim.errors.QuestionWarning")
@settings(max_examples=25)
@given(case=random_case())
def test_both_roads_agree_on_any_model(base: Model, case: tuple) -> None:
    seed, series, quarters, degrees, spillovers, scenario, offsets, criteria = case
    law = make_law(seed, series, quarters, degrees, spillovers)
    model = make_model(base, law, offsets)
    targets = tuple(
        target.model_copy(update={"criterion": criterion, "tolerance": 0.2 if criterion == "about" else 0.0})
        for target, criterion in zip(model.plan.targets, criteria, strict=True)
    )
    names = [target.id for target in model.plan.targets]
    both = make_composite("both", names[:2], headline="yes")
    model = replace(model, plan=replace(model.plan, targets=(*targets, both)))
    ((analytic, counted),) = run_both(model, [scenario], 32_768, 256)
    for frame in ("odds", "joint"):
        z = measure_gaps(analytic, counted, frame)
        assert z.abs().max() < 5, (frame, z.abs().idxmax())
    assert not np.isnan(analytic.met[0, :-1]).any()
    assert_possible(analytic)


def test_quantiles_of_both_roads_agree(model: Model, plan: Plan) -> None:
    """Each within its own error: of a net's points, and of paths."""
    scenarios = read_scenarios(["external-and-property"], plan)
    ((analytic, counted),) = run_both(model, scenarios, 100_000, 64)
    error = np.hypot(analytic.growth_se, counted.growth_se)
    assert np.abs((analytic.growth - counted.growth) / error).max() < 6
    assert np.median(analytic.growth_se) < 0.05


def test_honest_runs_have_no_deviation_and_a_planted_error_is_found(model: Model, plan: Plan) -> None:
    scenarios = read_scenarios(["baseline", "export-slump"], plan)
    pairs = run_both(model, scenarios, 32_768, 256)
    assert [compare_roads(*pair) for pair in pairs] == [[], []]
    assert run(model, scenarios, n_paths=32_768, n_calibrations=0, n_points=256).deviations == ()
    analytic, counted = pairs[1]
    place = [target.id for target in plan.judged].index("gdp")
    wrong = analytic.met.copy()
    wrong[0, place] += 0.02  # seven standard errors of 32,768 paths
    (found,) = compare_roads(replace(analytic, met=wrong), counted)
    assert (found.scenario, found.target, found.reading) == ("export-slump", "gdp", "printed")
    assert found.analytic == wrong[0, place]
    assert found.paths == counted.met[0, place]
    assert -12 < found.z < -6
    moved = analytic.number_met["industry"].copy()
    moved[[3, 4]] += [0.02, -0.02]  # at least four of them
    (found,) = compare_roads(replace(analytic, number_met={**analytic.number_met, "industry": moved}), counted)
    assert (found.target, found.reading) == ("industry", "at least 4")


def add_shock(scenario: Scenario, name: str = "another", **changes: object) -> Scenario:
    """Add a shock; the scenario's shocks stand sorted by name."""
    given: dict[str, object] = {"loadings": {"gdp": -1.0}, "speed": {"all": -0.3}, "delay": {"all": 1.0}}
    shocks = {**scenario.shocks, name: make_shock(**{**given, **changes})}
    return replace(scenario, name="more", shocks=dict(sorted(shocks.items())))


IDLE: tuple[dict[str, object], ...] = (
    {"probability": 0.0},
    {"size": {"law": "fixed", "value": 0.0}},
    {"probability": 0.5, "loadings": {}, "speed": {}, "delay": {}},
)


@pytest.mark.parametrize("method", ["paths", "analytic"])
@pytest.mark.parametrize("name", ["aaa", "zzz"])
def test_idle_shocks_change_no_bit_of_any_number(model: Model, plan: Plan, method: str, name: str) -> None:
    """Whether their names come first or last: shocks that never happen, have no size, or touch nothing."""
    base = more = read_scenarios(["external-and-property"], plan)[0]
    for number, idle in enumerate(IDLE):
        more = add_shock(more, f"{name}_{number}", **idle)
    assert [*more.shocks].index(f"{name}_0") == (0 if name == "aaa" else len(base.shocks))
    first, second = (
        run(model, [each], n_paths=4_096, n_calibrations=16, method=method, n_points=64).attainments[0]
        for each in (base, more)
    )
    for frame in ("odds", "joint", "conditional", "quantiles"):
        one, other = (getattr(each, frame).select_dtypes("number") for each in (first, second))
        np.testing.assert_array_equal(one, other, err_msg=frame)
    np.testing.assert_array_equal(first.growth_se, second.growth_se)
    assert {*first.odds.reading} == {"printed", "stated", "tolerance", "Q1", "H1", "Q1-Q3"}


@pytest.mark.parametrize("method", ["paths", "analytic"])
def test_another_shock_leaves_what_it_does_not_touch_alone(model: Model, plan: Plan, method: str) -> None:
    """Also what other shocks of the scenario do: their draws stay."""
    base = read_scenarios(["external-and-property"], plan)[0]
    more = add_shock(base, loadings={"budget_revenue": -3.0}, speed={}, delay={}, probability=0.5)
    alone, together = (
        run(model, [each], n_paths=16_384, n_calibrations=0, method=method, n_points=256).attainments[0]
        for each in (base, more)
    )
    kept = alone.odds.target != "budget_revenue"
    gap = np.abs(alone.odds.probability - together.odds.probability).fillna(0)  # blank where nothing is due
    if method == "paths":
        assert (gap[kept] == 0).all()
    else:
        assert (gap <= 5 * alone.odds.mc_se.fillna(0) + 1e-6)[kept].all()  # other strata, other points
    assert gap[~kept].max() > 0.05


def test_a_plan_without_headline_takes_the_analytic_road(model: Model, plan: Plan) -> None:
    targets = tuple(each.model_copy(update={"headline": "no"}) for each in plan.targets if each.kind != "growth")
    bare = replace(model, plan=replace(plan, targets=targets))
    assert bare.plan.headline == ()
    ((analytic, counted),) = run_both(bare, read_scenarios(["baseline"], plan), 16_384, 64)
    assert measure_gaps(analytic, counted, "odds").abs().max() < 5


def test_paths_are_not_compared_with_themselves(model: Model, plan: Plan) -> None:
    result = run(model, read_scenarios(["baseline"], plan), n_paths=2_000, n_calibrations=0, method="paths")
    assert compare_roads(result.attainments[0], result.attainments[0]) == []
    assert result.deviations == ()


def test_what_needs_paths_is_counted_or_refused_with_its_reason(base: Model) -> None:
    model = make_model(base, make_law(5, 3, 2, 5.0))
    first, *rest = model.plan.targets
    twice = first.model_copy(update={"id": "again"})
    names = [target.id for target in model.plan.targets]
    shared = (make_composite("one", names[:2]), make_composite("two", names[1:]))
    many = make_scenario(**{f"shock_{number}": make_shock() for number in range(33)})
    for targets, scenario, reason in (
        ((first, twice, *rest), make_scenario(), "several targets on one indicator: series_0"),
        ((first, *rest, *shared), make_scenario(), "composites that share a member"),
        ((first, *rest), many, "33 shocks; the analytic road takes at most 32"),
    ):
        other = replace(model, plan=replace(model.plan, targets=targets))
        result = run(other, [scenario, replace(scenario, name="again")], n_paths=500, n_calibrations=0)
        assert [each.n_points for each in result.attainments] == [0, 0]
        with pytest.raises(InputError, match=f"scenario 'small' needs paths: {reason}"):
            run(other, [scenario], n_paths=500, n_calibrations=0, method="analytic")
    with pytest.raises(InputError, match=r"^method: unknown 'guess'; allowed: auto, analytic, paths"):
        run(model, [many], n_paths=500, method="guess")


def test_a_scenario_that_needs_paths_leaves_the_exact_road_to_the_others(base: Model) -> None:
    model = make_model(base, make_law(5, 3, 2, 5.0))
    many = make_scenario(**{f"shock_{number}": make_shock() for number in range(33)})
    first, second = run(model, [replace(many, shocks={}, name="calm"), many], n_paths=500, n_calibrations=0).attainments
    assert (first.n_points, second.n_points) == (16_384, 0)
