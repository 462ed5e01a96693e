"""Odds conditioned on points, held against laws whose joint probabilities are known, and against enumeration."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats
from small_models import (
    find_annual_moments,
    find_odds_below,
    make_composite,
    make_law,
    make_model,
    make_scenario,
    make_shock,
)

from sim.engine.exact.conditional import condition
from sim.engine.exact.integrals import integrate, integrate_replicates
from sim.engine.exact.inversion import open_spectrum
from sim.engine.exact.normal import compute_normal_cdf, find_chances
from sim.engine.exact.number_met import count_met
from sim.engine.exact.odds import judge_growth
from sim.engine.exact.points import Points, lay_points
from sim.engine.nets import REPLICATES
from sim.engine.run import run
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import load_model
from sim.model.lookup_table import Lookup
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario
from sim.results.attainment import Attainment
from sim.results.integrals import Integrals, join

NONE = make_scenario()
OFFSETS = [0.4, -0.8, 0.1, -0.3]
HALF = 0.005  # of the last digit printed: a figure just so far below the target is printed as the target


@pytest.fixture(scope="module")
def base(twin: Plan) -> Model:
    return load_model(twin)


def condition_on(model: Model, scenario: Scenario = NONE, n_points: int = 4096, seed: int = 11) -> Attainment:
    result = run(model, [scenario], n_paths=100, seed=seed, n_calibrations=0, method="analytic", n_points=n_points)
    return result.attainments[0]


def count_normal(model: Model, offsets: list[float]) -> np.ndarray:
    """Probability of each pattern of met and missed, shape (2, 2, ...), of normal annual figures."""
    _, covariance = find_annual_moments(model.law)
    deviation = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(deviation, deviation)
    values = np.array([target.value - HALF for target in model.plan.targets])
    level = (find_annual_moments(model.law)[0] - values) / deviation
    pattern = np.empty((2,) * len(offsets))
    for met in product((0, 1), repeat=len(offsets)):
        sign = np.array([1 if each else -1 for each in met])
        pattern[met] = find_odds_below(level * sign, correlation * np.outer(sign, sign))
    return pattern


def count_pattern(pattern: np.ndarray) -> np.ndarray:
    """Probability that at least 1, 2, ... are met."""
    number = np.indices(pattern.shape).sum(axis=0)
    return np.array([pattern[number >= least].sum() for least in range(1, pattern.ndim + 1)])


@pytest.mark.parametrize("spillovers", [False, True])
def test_joint_odds_are_those_of_the_multivariate_normal(base: Model, spillovers: bool) -> None:
    model = make_model(base, make_law(31, 4, 4, np.inf, spillovers), OFFSETS)
    pattern = count_normal(model, OFFSETS)
    assert pattern.sum() == pytest.approx(1, abs=1e-5)
    attainment = condition_on(model)
    joint = attainment.joint[attainment.joint.group == "headline"]
    gap = np.abs(joint.probability - count_pattern(pattern))
    assert (gap < 4 * joint.mc_se + 1e-5).all()
    assert joint.mc_se.max() < 1e-3
    ids = [target.id for target in model.plan.targets]
    for row in attainment.conditional.itertuples():
        axes = tuple(place for place, name in enumerate(ids) if name not in (row.missed, row.met))
        pair = pattern.sum(axis=axes)
        pair = pair if ids.index(row.missed) < ids.index(row.met) else pair.T
        assert row.probability == pytest.approx(pair[0, 1] / pair[0].sum(), abs=4 * row.mc_se + 2e-5)


def test_targets_with_nothing_in_common_are_independent(base: Model) -> None:
    """The joint odds are products, the number met has the distribution that enumeration gives."""
    law = replace(make_law(32, 4, 3, np.inf), innovation_common=np.zeros(4), trend_common=np.zeros(4))
    model = make_model(base, law, OFFSETS)
    chances = stats.norm.sf([target.value - HALF for target in model.plan.targets], *_spread(model))
    pattern = np.ones((2,) * 4)
    for place, chance in enumerate(chances):
        pattern *= np.array([1 - chance, chance]).reshape([2 if axis == place else 1 for axis in range(4)])
    attainment = condition_on(model, n_points=64)
    joint = attainment.joint[attainment.joint.group == "headline"].probability
    np.testing.assert_allclose(joint, count_pattern(pattern), atol=2e-6)
    given = attainment.conditional.set_index(["missed", "met"]).probability
    for missed, met in combinations(range(4), 2):
        ids = [model.plan.targets[place].id for place in (missed, met)]
        assert given[tuple(ids)] == pytest.approx(chances[met], abs=2e-6)


def _spread(model: Model) -> tuple[np.ndarray, np.ndarray]:
    mean, covariance = find_annual_moments(model.law)
    return mean, np.sqrt(np.diag(covariance))


@pytest.mark.parametrize("spillovers", [False, True])
def test_conditioned_marginals_are_those_of_inversion(base: Model, spillovers: bool) -> None:
    """Two ways to the same number, with heavy tails and shocks, at every quarter's end."""
    law = make_law(33, 3, 4, 4.0, spillovers)
    storm = make_shock(size={"law": "lognormal", "median": 0.8, "sigma": 0.5}, onset={"Q1": 0.3, "Q3": 0.7})
    model, scenario = make_model(base, law, OFFSETS[:3]), make_scenario(storm=storm)
    law = compile_scenario(model, scenario)
    integrals = integrate(lay_points(model, 2048, seed=4), law)
    mean = integrals.met.mean(axis=-1)
    error = integrals.met.std(axis=-1, ddof=1) / np.sqrt(REPLICATES)
    spectrum = open_spectrum(model, law)
    asked, odds = judge_growth(model, spectrum, spectrum.transform())
    for reading, target, exact in zip(asked.reading, asked.target, odds, strict=True):
        assert abs(mean[reading, target] - exact) < 5 * error[reading, target] + 1e-6, (reading, target)
    assert error.max() < 2e-3


def test_a_composite_of_growth_is_joint_at_every_quarter_with_spillovers(base: Model) -> None:
    """Own news that reach another indicator tie the two together in the course of the year as at its end."""
    model = make_model(base, make_law(97, 2, 3, np.inf, spillovers=True), [0.0, 0.0])
    both = make_composite("both", [target.id for target in model.plan.targets])
    model = replace(model, plan=replace(model.plan, targets=(*model.plan.targets, both)))
    integrals = integrate(lay_points(model, 4096, seed=3), compile_scenario(model, NONE))
    error = integrals.met.std(axis=-1, ddof=1) / 4
    values = np.array([target.value - HALF for target in model.plan.targets[:2]])
    for quarter, reading in enumerate((3, 4, 0)):
        shares = model.law.shares[: quarter + 1] / model.law.shares[: quarter + 1].sum(axis=0)
        cut = replace(model.law, path=model.law.path[: quarter + 1], shares=shares)
        mean, covariance = find_annual_moments(cut)
        wanted = stats.multivariate_normal(-mean, covariance).cdf(-values)
        assert integrals.met[reading, 2].mean() == pytest.approx(wanted, abs=5 * error[reading, 2] + 1e-6)


def test_the_number_met_is_that_of_brute_force(base: Model) -> None:
    """Composites inside a group, partly outside it, and members alone: against all patterns."""
    model = make_model(base, make_law(1, 7, 2, 5.0))
    names = [target.id for target in model.plan.targets]
    within, across = make_composite("within", names[:2]), make_composite("across", names[2:5])
    plan = replace(model.plan, targets=(*model.plan.targets, within, across))
    numbers = np.random.default_rng(5)
    single = numbers.uniform(0, 1, (7, 6)).astype(np.float32)
    chances = np.vstack([single, single[:2].prod(axis=0), single[2:5].prod(axis=0)])
    for members in ([0, 1, 7], [2, 3, 8], [8], [3, 5, 8, 6], [0, 1, 2, 4, 5, 7, 8], list(range(9)), [0, 5], []):
        wanted = np.zeros((len(members) + 1, 6))
        for met in product((False, True), repeat=7):
            weight = np.prod([one if yes else 1 - one for one, yes in zip(single, met, strict=True)], axis=0)
            all_met = [*met, all(met[:2]), all(met[2:5])]
            wanted[sum(all_met[place] for place in members)] += weight
        np.testing.assert_allclose(count_met(plan, members, chances), wanted, atol=2e-6)


def test_pairs_of_a_composite_and_its_members_are_not_independent(base: Model) -> None:
    law = replace(make_law(32, 3, 3, np.inf), innovation_common=np.zeros(3), trend_common=np.zeros(3))
    model = make_model(base, law, OFFSETS[:3])
    both = make_composite("both", ["series_0_target", "series_1_target"], headline="yes")
    model = replace(model, plan=replace(model.plan, targets=(*model.plan.targets, both)))
    first, second, third = stats.norm.sf([target.value - HALF for target in model.plan.targets[:3]], *_spread(model))
    given = condition_on(model, n_points=64).conditional.set_index(["missed", "met"]).probability
    assert given["series_0_target", "both"] == pytest.approx(0, abs=1e-6)
    assert given["both", "series_2_target"] == pytest.approx(third, abs=2e-6)
    assert given["both", "series_0_target"] == pytest.approx(first * (1 - second) / (1 - first * second), abs=3e-6)


def test_certain_outcomes_are_certain(base: Model) -> None:
    """Nothing random at all: a figure on the line is met, one below is not, and nothing is NaN."""
    news = ("innovation_common", "innovation_own", "quarter_own", "trend_common", "trend_own")
    still = {name: np.zeros(2) for name in news}
    law = replace(make_law(3, 2, 2, 5.0), path=np.full((2, 2), 4.0), momentum=np.zeros(2), **still)
    model = replace(base, plan=make_model(base, make_law(3, 2, 2, 5.0)).plan, law=law, built_of=None)
    targets = tuple(
        each.model_copy(update={"value": value})
        for each, value in zip(model.plan.targets, (4 + HALF, 4.5), strict=True)
    )
    model = replace(model, plan=replace(model.plan, targets=targets))
    points = lay_points(model, 64, seed=1)
    chances = condition(points, compile_scenario(model, NONE), ()).chances[0]
    assert (chances[0] == 1).all()
    assert (chances[1] == 0).all()


def test_pieces_of_replicates_join_to_the_whole(model: Model, base: Model) -> None:
    small, scenario = make_model(base, make_law(2, 2, 4, 5.0)), make_scenario(storm=make_shock())
    (whole,) = integrate_replicates(small, [scenario], 64, 7, range(REPLICATES))
    parts = [integrate_replicates(small, [scenario], 64, 7, range(first, first + 4))[0] for first in range(0, 16, 4)]
    joined: Integrals = join(parts)
    np.testing.assert_array_equal(whole.met, joined.met)
    np.testing.assert_array_equal(whole.both, joined.both)
    for group, odds in whole.number_met.items():
        np.testing.assert_array_equal(odds, joined.number_met[group])
    points = lay_points(model, 64, 7)
    assert points.cumulative.shape == (4, 6, 64 * REPLICATES)


def test_points_of_more_and_of_fewer_begin_alike(model: Model) -> None:
    many, few = lay_points(model, 256, seed=3), lay_points(model, 64, seed=3)
    cut: Points = many.cut(64)
    np.testing.assert_allclose(cut.cumulative, few.cumulative, atol=1e-5)  # sums in another order on some processors
    for name in ("spread", "common", "scale", "trend_common", "delivery_common"):
        np.testing.assert_allclose(getattr(cut, name), getattr(few, name), atol=1e-6)
    assert cut.cut(64) is cut


def test_a_lookup_is_a_straight_line_between_its_values_and_its_ends_beyond() -> None:
    grid = np.linspace(-2, 3, 11)
    table = Lookup(-2.0, 0.5, (grid**2).astype(np.float32))
    arguments = np.linspace(-1.99, 2.9, 200).astype(np.float32)
    np.testing.assert_allclose(table.read(arguments), np.interp(arguments, grid, grid**2), atol=1e-4)
    assert table.read(np.array([-50, 50], np.float32)) == pytest.approx([4, 9], abs=0.01)


def test_normal_probabilities_of_many_values_are_those_of_each() -> None:
    values = np.random.default_rng(1).normal(size=(5, 40_000)).astype(np.float32)
    values[0, :3] = np.nan, np.inf, -np.inf
    together = compute_normal_cdf(values)
    assert np.array_equal(together, np.stack([compute_normal_cdf(row) for row in values]), equal_nan=True)
    np.testing.assert_allclose(together, stats.norm.cdf(values), atol=4e-7)
    width, one = np.full(5, np.inf), np.ones_like(values)
    assert find_chances(values, one, width)[0, 0] == 1  # nothing random, and just on the line
