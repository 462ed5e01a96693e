"""The law of motion: its centre, and its moments by three roads."""

from dataclasses import fields, replace

import numpy as np
import pytest

from sim.engine.courses import start_growth
from sim.engine.draws import draw
from sim.inputs.calibration import Calibration
from sim.inputs.plan.plan import Plan
from sim.model.growth import Law, build_law, compute_centre, compute_moments, compute_outlook_shift, compute_spread_left
from sim.model.lookup_table import find_scale
from sim.model.model import Model


def simulate_quarters(model: Model, law: Law, n_paths: int, seed: int) -> np.ndarray:
    """Growth of single quarters under a law, drawn."""
    own = replace(model, law=law)
    draws = draw(own, n_paths, seed, redrawn=False)
    return start_growth(own, law, draws, find_scale(law.degrees_of_freedom, draws.levels))[0].astype(float)


def test_arrays_cannot_be_written(model: Model) -> None:
    with pytest.raises(ValueError, match="read-only"):
        model.law.path[0, 0] = 1


def test_outlook_shift_by_hand(plan: Plan) -> None:
    assert compute_outlook_shift(plan) == pytest.approx((4.6 + 4.5) / 2 - 5.2)
    assert compute_outlook_shift(replace(plan, outlook=())) is None


def test_the_ordinary_year_has_the_centre_that_the_calibration_says(plan: Plan, model: Model) -> None:
    mean = (compute_moments(model.law)[0] * model.law.shares).sum(axis=0)
    said = [model.calibration.indicators[each.id].centre.value for each in plan.indicators]
    np.testing.assert_allclose(mean, said, atol=1e-12)
    np.testing.assert_array_equal(compute_centre(plan, model.calibration), said)


def test_targets_move_no_number_once_calibrated(plan: Plan, model: Model) -> None:
    bare = build_law(replace(plan, targets=plan.targets[1:]), model.calibration)
    for field in fields(bare):
        np.testing.assert_array_equal(getattr(bare, field.name), getattr(model.law, field.name))


def test_momentum_is_how_far_the_last_quarter_stood_above_the_centre(plan: Plan, model: Model) -> None:
    ended = [each.baseline + each.momentum for each in plan.indicators]
    np.testing.assert_allclose(model.law.momentum, ended - compute_centre(plan, model.calibration))


def test_momentum_shapes_the_course_of_the_year_and_not_its_sum(plan: Plan, model: Model) -> None:
    pushed = tuple(each.model_copy(update={"momentum": each.momentum + 1.0}) for each in plan.indicators)
    law = build_law(replace(plan, indicators=pushed), model.calibration)
    mean, before = compute_moments(law)[0], compute_moments(model.law)[0]
    assert (mean[0] > before[0]).all()
    assert (mean[-1] < before[-1]).all()
    np.testing.assert_allclose((mean * law.shares).sum(axis=0), (before * law.shares).sum(axis=0))


def test_moments_of_one_indicator_are_the_textbook_ones() -> None:
    one = np.ones(1)
    law = Law(
        path=np.full((4, 1), 5.0),
        shares=np.full((4, 1), 0.25),
        momentum=2 * one,
        persistence=np.array([[0.5]]),
        innovation_common=0.6 * one,
        innovation_own=0.8 * one,
        quarter_own=0.5 * one,
        trend_common=0.3 * one,
        trend_own=0.4 * one,
        degrees_of_freedom=np.asarray(np.inf),
    )
    mean, covariance = compute_moments(law)
    np.testing.assert_allclose(mean[:, 0], [6, 5.5, 5.25, 5.125])
    lasting = (1 - 0.25 ** np.arange(1, 5)) / (1 - 0.25)
    np.testing.assert_allclose(np.diag(covariance[:, 0, :, 0]), lasting + 0.5**2 + 0.3**2 + 0.4**2)
    np.testing.assert_allclose(covariance[0, 0, 1:, 0], 0.5 ** np.arange(1, 4) + 0.3**2 + 0.4**2)


@pytest.mark.parametrize("degrees_of_freedom", [6.0, np.inf])
def test_simulated_moments_agree_with_exact_ones(model: Model, degrees_of_freedom: float) -> None:
    persistence = np.array(model.law.persistence)
    persistence[0, 2], persistence[4, 0] = 0.2, -0.3
    lone = np.linspace(0.1, 0.6, 6)
    heavy = np.asarray(degrees_of_freedom)
    law = replace(model.law, persistence=persistence, quarter_own=lone, degrees_of_freedom=heavy)
    growth = simulate_quarters(model, law, 400_000, seed=7).reshape(24, -1)
    mean, covariance = compute_moments(law)
    covariance = covariance.reshape(24, 24)
    sd = np.sqrt(np.diag(covariance))
    assert np.abs((growth.mean(axis=1) - mean.reshape(-1)) / sd).max() < 4.5 / np.sqrt(400_000)
    correlation = np.cov(growth) / np.outer(sd, sd) - covariance / np.outer(sd, sd)
    assert np.abs(correlation).max() < 0.03  # fourth moments of Student t innovations with 6 degrees of freedom


def test_annual_spread_is_what_the_calibration_says(model: Model) -> None:
    _, covariance = compute_moments(model.law)
    weights = model.law.shares
    annual = np.sqrt(np.einsum("qi,qiri,ri->i", weights, covariance, weights))
    for spread, numbers in zip(annual, model.calibration.indicators.values(), strict=True):
        assert spread == pytest.approx(numbers.trend_sd.year_sd, abs=2e-3)


def test_spread_left_is_what_a_regression_on_known_quarters_leaves(model: Model) -> None:
    law = replace(model.law, quarter_own=np.full(6, 0.3), degrees_of_freedom=np.asarray(np.inf))
    growth = simulate_quarters(model, law, 200_000, seed=3)
    left = compute_spread_left(law)
    annual = (growth * law.shares[:, :, None]).sum(axis=0)
    for number in (0, 3):
        for known in range(4):
            regressors = np.vstack([np.ones(annual.shape[1]), growth[:known, number]])
            fitted = np.linalg.lstsq(regressors.T, annual[number], rcond=None)[0] @ regressors
            assert (annual[number] - fitted).std() == pytest.approx(left[known, number], rel=0.01)


def test_nothing_known_leaves_the_whole_spread(model: Model) -> None:
    _, covariance = compute_moments(model.law)
    annual = np.einsum("qi,qiri,ri->i", model.law.shares, covariance, model.law.shares)
    np.testing.assert_allclose(compute_spread_left(model.law)[0], np.sqrt(annual))


def test_a_spillover_goes_from_its_origin_to_what_it_reaches(plan: Plan, model: Model) -> None:
    """How far GDP stands above its centre is felt in retail sales a quarter later, and not the other way."""
    spillover = {"origin": "gdp", "reaches": "retail_sales", "value": 0.2, "sd": 0, "unit": "pp/pp", "source": "s"}
    numbers = model.calibration.model_dump() | {"spillovers": [spillover]}
    law, ids = build_law(plan, Calibration.model_validate(numbers)), [each.id for each in plan.indicators]
    one, other = ids.index("gdp"), ids.index("retail_sales")
    assert (law.persistence[other, one], law.persistence[one, other]) == (0.2, 0)
    mean = compute_moments(law)[0]
    expected, carried = np.empty_like(mean), law.momentum
    for quarter, base in enumerate(law.path):
        carried = law.persistence @ carried
        expected[quarter] = base + carried
    np.testing.assert_allclose(mean, expected)
