"""Separated joint odds, held against the normal law, against conditioning on points, and where the law is singular."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from small_models import find_annual_moments, find_odds_below, make_law, make_model, make_scenario, make_shock

from sim.engine.exact.integrals import integrate, integrate_replicates, sharpen
from sim.engine.exact.points import lay_points
from sim.engine.exact.separation import open_separation
from sim.engine.nets import REPLICATES
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import load_model
from sim.model.model import Model
from sim.model.scenario_law import compile_scenario

NONE = make_scenario()
HALF = 0.005  # of the last digit printed
OFFSETS = [0.5, -1.0, 0.2, -0.4, 1.1]


@pytest.fixture(scope="module")
def base(twin: Plan) -> Model:
    return load_model(twin)


def average(replicates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error over replicates."""
    return replicates.mean(axis=-1), replicates.std(axis=-1, ddof=1) / np.sqrt(REPLICATES)


def find_normal_odds(model: Model, places: tuple[int, ...]) -> float:
    """That some targets are all met, of normal annual figures."""
    mean, covariance = find_annual_moments(model.law)
    values = np.array([target.value for target in model.plan.targets])
    chosen = list(places)
    sign = np.array([-1 if target.criterion == "at_most" else 1 for target in model.plan.targets])
    mean, values, covariance = sign * mean, sign * values - HALF, covariance * np.outer(sign, sign)
    return find_odds_below((mean - values)[chosen], covariance[np.ix_(chosen, chosen)])


@pytest.mark.parametrize("spillovers", [False, True])
@pytest.mark.parametrize("series", [1, 2, 5])
def test_joint_and_pair_odds_are_those_of_the_multivariate_normal(base: Model, series: int, spillovers: bool) -> None:
    model = make_model(base, make_law(51, series, 4, np.inf, spillovers), OFFSETS[:series])
    first, *rest = model.plan.targets  # of which one is a bound from above
    targets = (first.model_copy(update={"criterion": "at_most"}), *rest)
    model = replace(model, plan=replace(model.plan, targets=targets))
    separation = open_separation(model, compile_scenario(model, NONE), 1024, seed=2)
    both, joint = separation.integrate()
    mean, error = average(joint)
    assert mean == pytest.approx(find_normal_odds(model, tuple(range(series))), abs=4.5 * error + 5e-6)
    assert error < 1e-4
    pairs, errors = average(both)
    for row, first in enumerate(separation.places):
        for column, second in enumerate(separation.places):
            chosen = (first,) if first == second else (first, second)
            wanted = find_normal_odds(model, chosen)
            assert pairs[row, column] == pytest.approx(wanted, abs=4.5 * errors[row, column] + 5e-6)


@pytest.fixture(scope="module")
def heavy(base: Model) -> tuple[Model, Scenario]:
    """Heavy tails, spillovers, and a shock that makes another likelier."""
    depends = {"shock": "storm", "probability_if_happened": 0.8, "probability_if_not": 0.1}
    size = {"law": "lognormal", "median": 0.8, "sigma": 0.6}
    loadings = {"series_0": -1.0, "series_2": -0.6}
    storm = make_shock(size=size, onset={"Q1": 0.4, "Q3": 0.6}, loadings=loadings)
    flood = make_shock(probability=None, depends_on=depends, size=size, loadings={"series_1": -1.0})
    model = make_model(base, make_law(52, 3, 4, 4.0, spillovers=True), OFFSETS[:3])
    return model, make_scenario(storm=storm, flood=flood)


@pytest.mark.parametrize(
    ("sizes", "probabilities"), [({}, {}), ({"storm": 2.5}, {}), ({"flood": 0.0}, {"storm": 0.9}), ({}, {"flood": 0.5})]
)
def test_separation_agrees_with_conditioning(
    heavy: tuple[Model, Scenario], sizes: dict[str, float], probabilities: dict[str, float]
) -> None:
    model, scenario = heavy
    law = compile_scenario(model, scenario)
    separation = open_separation(model, law, 1024, seed=2)
    factors = np.array([sizes.get(name, 1.0) for name in law.names])
    chance = np.array(
        [[probabilities.get(name, each) for each in row] for name, row in zip(law.names, law.chance, strict=True)]
    )
    both, joint = separation.integrate(factors, chance)
    changed = replace(law, chance=chance, growth=factors[:, None, None, None] * law.growth)
    conditioned = integrate(lay_points(model, 1024, seed=5), changed)
    (mean, error), (wanted, doubt) = average(joint), average(conditioned.number_met["headline"][-1])
    assert mean == pytest.approx(wanted, abs=4.5 * np.hypot(error, doubt))
    order = np.argsort(separation.places)
    (pairs, errors), (known, doubts) = average(both[np.ix_(order, order)]), average(conditioned.both)
    assert (np.abs(pairs - known) < 4.5 * np.hypot(errors, doubts) + 1e-6).all()
    assert error < doubt


def test_targets_come_in_the_plans_order_again(heavy: tuple[Model, Scenario]) -> None:
    model, scenario = heavy
    law = compile_scenario(model, scenario)
    separation = open_separation(model, law, 64, seed=2)
    assert separation.places != tuple(sorted(separation.places))
    points = lay_points(model, 1024, seed=2)
    sharp = sharpen(integrate(points, law), open_separation(model, law, 1024, seed=2))
    np.testing.assert_allclose(np.einsum("iir->ir", sharp.both).mean(axis=-1), sharp.met[0].mean(axis=-1), atol=3e-3)
    assert sharp.number_met["headline"].sum(axis=0) == pytest.approx(np.ones(REPLICATES), abs=1e-5)


def test_pieces_of_replicates_are_the_whole_cut_up(heavy: tuple[Model, Scenario]) -> None:
    model, scenario = heavy
    (whole,) = integrate_replicates(model, [scenario], 128, 7, range(REPLICATES))
    (piece,) = integrate_replicates(model, [scenario], 128, 7, range(4, 8))
    np.testing.assert_array_equal(piece.both, whole.both[..., 4:8])
    np.testing.assert_array_equal(piece.number_met["headline"], whole.number_met["headline"][..., 4:8])


@pytest.mark.parametrize("offsets", [[0.5, -0.5], [-0.5, 0.5], [0.0, 0.0]])
def test_two_figures_that_move_as_one_are_met_as_often_as_the_harder_one(base: Model, offsets: list[float]) -> None:
    """A singular law: nothing of their own."""
    law = make_law(53, 2, 3, np.inf)
    one = {name: np.repeat(np.abs(getattr(law, name)[:1]), 2) for name in ("innovation_common", "trend_common")}
    none = dict.fromkeys(("innovation_own", "quarter_own", "trend_own"), np.zeros(2))
    alike = {"path": law.path[:, [0, 0]], "shares": law.shares[:, [0, 0]], "momentum": law.momentum[[0, 0]]}
    law = replace(law, persistence=np.eye(2) * 0.5, **one, **none, **alike)
    model = make_model(base, law, offsets)
    both, joint = open_separation(model, compile_scenario(model, NONE), 256, seed=1).integrate()
    harder = stats.norm.sf(max(offsets) - HALF / np.sqrt(find_annual_moments(law)[1][0, 0]))
    assert joint.mean() == pytest.approx(harder, abs=2e-3)
    assert both[0, 1].mean() == pytest.approx(harder, abs=2e-3)


def test_without_anything_random_all_is_certain(base: Model) -> None:
    news = ("innovation_common", "innovation_own", "quarter_own", "trend_common", "trend_own")
    still = {name: np.zeros(2) for name in news}
    law = replace(make_law(3, 2, 2, 5.0), **still)
    ahead = replace(make_model(base, make_law(3, 2, 2, 5.0), [-1.0, -1.0]), law=law)
    behind = replace(make_model(base, make_law(3, 2, 2, 5.0), [-1.0, 1.0]), law=law)
    for model, wanted in ((ahead, 1), (behind, 0)):
        both, joint = open_separation(model, compile_scenario(model, NONE), 64, seed=1).integrate()
        assert (joint == wanted).all()
        assert (both[0, 1] == wanted).all()
