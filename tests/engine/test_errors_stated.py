"""The errors that the analytic road states: they cover, they reach what is asked for, and rare events claim none."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from small_models import make_law, make_model, make_scenario, make_shock

from sim.engine.counting import attain
from sim.engine.draws import draw
from sim.engine.exact.integrals import Integrals, integrate, integrate_replicates
from sim.engine.exact.inversion import open_spectrum
from sim.engine.exact.odds import (
    EXACT,
    MANY_NETS,
    ONE_NET,
    PILOT_POINTS,
    choose_count,
    estimate_replicate_error,
    judge_growth,
    sum_up,
)
from sim.engine.exact.points import lay_points
from sim.engine.nets import REPLICATES
from sim.engine.paths import simulate
from sim.engine.run import run
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import load_model
from sim.model.model import Model, build_model
from sim.model.scenario_law import compile_scenario
from sim.results.attainment import Attainment
from sim.results.integrals import sum_at_least
from sim.results.settings import MOST_POINTS
from sim.views.warning_lines import list_warnings

SEEDS = 1_000


@pytest.fixture(scope="module")
def base(twin: Plan) -> Model:
    return load_model(twin)


@pytest.fixture(scope="module")
def small(base: Model) -> tuple[Model, Scenario]:
    """Three targets over two quarters with heavy tails and a shock."""
    storm = make_shock(
        probability=0.3,
        onset={"Q1": 0.5, "Q2": 0.5},
        size={"law": "lognormal", "median": 0.8, "sigma": 0.5},
        loadings={"series_0": -1.0, "series_1": -0.5},
    )
    return make_model(base, make_law(44, 3, 2, 5.0), [0.3, -0.7, -1.2]), make_scenario(storm=storm)


def list_numbers(integrals: Integrals) -> Iterator[tuple[str, np.ndarray]]:
    """Replicates of some odds of different kinds."""
    for target, replicates in enumerate(integrals.met[0]):
        yield f"target {target}", replicates
    yield "pair", integrals.both[0, 1]
    yield "all", integrals.number_met["headline"][-1]
    yield "at least two", integrals.number_met["headline"][2:].sum(axis=0)


@pytest.fixture(scope="module")
def exact(small: tuple[Model, Scenario]) -> dict[str, float]:
    """Marginals by inversion; the rest from runs whose error is a hundredth of what is tested."""
    model, scenario = small
    law = compile_scenario(model, scenario)
    long = [dict(list_numbers(integrate(lay_points(model, 16_384, seed), law))) for seed in range(SEEDS, SEEDS + 8)]
    known = {name: float(np.mean([each[name] for each in long])) for name in long[0]}
    spectrum = open_spectrum(model, law)
    asked, odds = judge_growth(model, spectrum, spectrum.transform())
    for target in range(3):
        by_inversion = float(odds[(asked.reading == 0) & (asked.target == target)][0])
        assert known[f"target {target}"] == pytest.approx(by_inversion, abs=2e-5)
        known[f"target {target}"] = by_inversion
    return known


@pytest.mark.slow
def test_intervals_of_95_percent_hold_the_truth_as_often(
    small: tuple[Model, Scenario], exact: dict[str, float]
) -> None:
    model, scenario = small
    width = stats.t.ppf(0.975, REPLICATES - 1)
    covered = dict.fromkeys(exact, 0)
    for seed in range(SEEDS):
        for name, replicates in list_numbers(integrate_replicates(model, [scenario], 128, seed, range(REPLICATES))[0]):
            error = float(estimate_replicate_error(replicates, 128))
            covered[name] += abs(replicates.mean() - exact[name]) <= width * error
    shares = {name: count / SEEDS for name, count in covered.items()}
    assert all(0.93 <= share <= 0.97 for share in shares.values()), shares


ASKED = (
    "culture_tourism_projects",
    "wafer_mass_production",
    "green_ship_production",
    "leading_private_firms",
    "metro_line_6",
    "old_communities",
    "urban_jobs",
)
"""Of every kind that is not growth: a programme, single things that arrive, amounts, milestones."""


@pytest.fixture(scope="module")
def shipped(model: Model) -> tuple[Model, Scenario]:
    """The shipped calibration, of which most is uncertain, with growth and some other targets, and a shock."""
    plan = model.plan
    kept = tuple(target for target in plan.targets if target.kind == "growth" or target.id in ASKED)
    storm = make_shock(
        probability=0.4,
        onset={"Q1": 0.5, "Q3": 0.5},
        size={"law": "lognormal", "median": 0.8, "sigma": 0.5},
        loadings={"gdp": -1.0, "retail_sales": -1.5},
        speed={"all": -0.1},
        delay={"all": 0.3},
    )
    return build_model(replace(plan, targets=kept), model.calibration), make_scenario(storm=storm)


Stated = dict[str, tuple[np.ndarray, np.ndarray]]


def state(attainment: Attainment) -> Stated:
    """Numbers of a kind and the errors stated of them."""
    apart = ~np.eye(len(attainment.if_missed), dtype=bool)
    groups = attainment.number_met
    return {
        "marginals": (attainment.met[:3], attainment.met_se[:3]),
        "by quarter": (attainment.met[3:], attainment.met_se[3:]),
        "groups": (
            np.concatenate([sum_at_least(exactly)[1:] for exactly in groups.values()]),
            np.concatenate([attainment.at_least_se[group][1:] for group in groups]),
        ),
        "conditional": (attainment.if_missed[apart], attainment.if_missed_se[apart]),
        "quantiles": (attainment.growth, attainment.growth_se),
    }


@pytest.fixture(scope="module")
def few(shipped: tuple[Model, Scenario]) -> Attainment:
    model, scenario = shipped
    return attain(simulate(model, scenario, draw(model, 16, 0)))


def sum_points(few: Attainment, count: int, seed: int) -> Stated:
    """The analytic road, without many paths that check it."""
    points, law = lay_points(few.model, count, seed), compile_scenario(few.model, few.scenario)
    integrals = integrate(points, law)
    return state(sum_up(few.scenario, points, integrals, integrals, None, few, count))


@pytest.fixture(scope="module")
def truth(few: Attainment) -> dict[str, np.ndarray]:
    """From many more points."""
    long = [sum_points(few, 1_024, SEEDS + seed) for seed in range(4)]
    return {kind: np.mean([each[kind][0] for each in long], axis=0) for kind in long[0]}


@pytest.mark.slow
@pytest.mark.parametrize("road", ["analytic", "paths"])
def test_stated_intervals_cover_as_they_say(
    shipped: tuple[Model, Scenario], few: Attainment, truth: dict[str, np.ndarray], road: str
) -> None:
    """300 seeds: targets, by quarter, groups, conditionals and quantiles, each kind as a whole and each number."""
    if road == "analytic":
        width, runs = stats.t.ppf(0.975, REPLICATES - 1), [sum_points(few, 64, seed) for seed in range(300)]
    else:
        effort = {"n_paths": 4_096, "n_calibrations": 0, "method": "paths"}
        width, runs = 1.96, [state(run(*shipped, seed=seed, **effort).attainments[0]) for seed in range(300)]
    for kind, exact in truth.items():
        odds, error = (np.array([each[kind][part] for each in runs]) for part in (0, 1))
        claimed = np.isfinite(error)
        often = claimed.mean(axis=0) > 0.9
        assert often.sum() >= 25
        covered = ((np.abs(odds - exact) <= width * error) & claimed).sum(axis=0)[often] / claimed.sum(axis=0)[often]
        assert 0.93 < covered.mean() < 0.97, (kind, covered.mean())
        assert covered.min() > 0.88, (kind, covered.min())


def test_the_error_is_that_of_a_mean_over_replicates() -> None:
    replicates = np.random.default_rng(2).uniform(0.3, 0.6, (4, REPLICATES))
    error = estimate_replicate_error(replicates, 64)
    np.testing.assert_allclose(error, stats.sem(replicates, axis=-1))
    assert estimate_replicate_error(np.full(16, 0.5), 64) == EXACT


@pytest.mark.parametrize("mean", [5e-4, 1 - 5e-4])
def test_rare_events_claim_nothing_from_few_points(mean: float) -> None:
    replicates = mean + np.linspace(-1e-4, 1e-4, REPLICATES)
    assert np.isnan(estimate_replicate_error(replicates, 2048))
    assert estimate_replicate_error(replicates, 4096) > 1e-6
    assert estimate_replicate_error(replicates + np.sign(0.5 - mean) * 6e-4, 2048) > 1e-6


def test_a_rare_joint_event_of_a_run_claims_an_error_from_4096_points_on(base: Model) -> None:
    model = make_model(base, make_law(44, 3, 2, 5.0), [1.7, 1.7, 1.7])
    for n_points, claimed in ((1024, False), (4096, True)):
        result = run(model, [make_scenario()], n_paths=100, n_calibrations=0, method="analytic", n_points=n_points)
        joint = result.attainments[0].joint
        last = joint[joint.group == "headline"].iloc[-1]
        assert 0 < last.probability < 0.001
        assert np.isfinite(last.mc_se) == claimed


def test_the_analytic_road_reaches_the_error_asked_for(small: tuple[Model, Scenario], exact: dict[str, float]) -> None:
    model, scenario = small
    tolerance, gaps, stated = 3e-5, [], []
    for seed in range(12):
        result = run(
            model, [scenario], n_paths=100, seed=seed, n_calibrations=0, method="analytic", tolerance=tolerance
        )
        joint = result.attainments[0].joint
        headline = joint[joint.group == "headline"]
        gaps.append(headline.probability.iloc[-1] - exact["all"])
        gaps.append(headline.probability.iloc[1] - exact["at least two"])
        stated += headline.mc_se.tolist()
        assert result.settings.n_points > PILOT_POINTS
    assert np.sqrt(np.mean(np.square(gaps))) <= tolerance
    assert np.median(stated) <= tolerance


def test_counted_paths_reach_the_error_asked_for(small: tuple[Model, Scenario], exact: dict[str, float]) -> None:
    model, scenario = small
    tolerance, gaps = 2e-3, []
    for seed in range(12):
        result = run(model, [scenario], n_paths=None, seed=seed, n_calibrations=0, method="paths", tolerance=tolerance)
        odds = result.attainments[0].odds
        odds = odds[odds.reading == "printed"]
        assert odds.mc_se.max() <= tolerance
        gaps += [odds.probability.iloc[target] - exact[f"target {target}"] for target in range(3)]
    assert np.sqrt(np.mean(np.square(gaps))) <= tolerance
    assert result.largest_error > tolerance / 2  # and not for many times the paths that it takes


def test_the_count_of_points_rises_with_what_is_asked_for(small: tuple[Model, Scenario]) -> None:
    model, scenario = small
    pilot = [integrate(lay_points(model, PILOT_POINTS, 1), compile_scenario(model, scenario))]
    counts = [choose_count(pilot, tolerance, ONE_NET) for tolerance in np.geomspace(0.1, 1e-7, 40)]
    assert counts == sorted(counts)
    assert all(count & (count - 1) == 0 for count in counts)
    assert (counts[0], counts[-1]) == (PILOT_POINTS, MOST_POINTS)
    assert len(set(counts)) > 5
    mean = pilot[0].met.mean(axis=-1, keepdims=True)
    worse = replace(pilot[0], met=mean + 50 * (pilot[0].met - mean))
    assert choose_count([worse], 1e-3, ONE_NET) > choose_count(pilot, 1e-3, ONE_NET)
    assert choose_count([*pilot, worse], 1e-3, ONE_NET) == choose_count([worse], 1e-3, ONE_NET)
    assert choose_count([worse], 1e-3, MANY_NETS) > choose_count([worse], 1e-3, ONE_NET)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "tolerance"), [("analytic", 2e-3), ("paths", 4e-3)])
def test_no_error_that_is_printed_is_above_what_was_asked_for(model: Model, method: str, tolerance: float) -> None:
    """Of all shipped targets in every reading and by quarter, of groups, and given that others are missed."""
    result = run(model, "export-slump+property-slide", n_calibrations=0, method=method, tolerance=tolerance)
    stated = [result.odds.mc_se.max(), result.joint.mc_se.max(), result.conditional.mc_se.max()]
    assert tolerance / 5 < max(stated) <= tolerance
    assert result.largest_error == max(stated)
    assert list_warnings(result) == []


def test_a_tolerance_out_of_reach_is_said(small: tuple[Model, Scenario]) -> None:
    result = run(*small, n_paths=100, n_calibrations=0, method="analytic", n_points=64)
    asked = replace(result, settings=replace(result.settings, tolerance=1e-6))
    (said,) = list_warnings(asked)
    assert said.en.startswith("The standard error asked for, 0.0001 %, is not reached: the largest is 0.")
    assert "0.0001%" in said.zh
