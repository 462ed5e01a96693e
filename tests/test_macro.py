"""The law of motion: its centre, and its moments by three roads."""

from dataclasses import replace

import numpy as np
import pytest

from sim.draws import draw
from sim.macro import Law, build_law, compute_centre, compute_moments, compute_outlook_shift
from sim.model import Model
from sim.paths import follow_law
from sim.plan import Plan


def test_arrays_cannot_be_written(model: Model) -> None:
    with pytest.raises(ValueError, match="read-only"):
        model.law.path[0, 0] = 1


def test_centre_by_hand(plan: Plan, model: Model) -> None:
    shift = (4.6 + 4.5) / 2 - 5.2
    outside = 5.9 + 0.94 * shift
    assert compute_outlook_shift(plan) == pytest.approx(shift)
    assert compute_centre(plan, model.calibration)[0] == pytest.approx(0.7 * outside + 0.3 * 5.5)


def test_without_target_the_centre_does_not_lean(plan: Plan, model: Model) -> None:
    bare = replace(plan, targets=plan.targets[1:])
    assert compute_centre(bare, model.calibration)[0] == pytest.approx(5.9 - 0.94 * 0.65)


def test_without_outlook_the_model_works_and_is_wider(plan: Plan, model: Model) -> None:
    blind = build_law(replace(plan, outlook=()), model.calibration)
    assert compute_outlook_shift(replace(plan, outlook=())) is None
    sighted, wider = (np.einsum("qiqi->qi", compute_moments(law)[1]) for law in (model.law, blind))
    assert (wider > sighted).all()
    np.testing.assert_allclose(
        wider - sighted, np.tile((np.array([0.94, 2.8, 1.3, 0.46, 2.1, 0.83]) * 0.5) ** 2, (4, 1))
    )


def test_moments_of_one_indicator_are_the_textbook_ones() -> None:
    one = np.ones(1)
    law = Law(
        path=np.full((4, 1), 5.0),
        shares=np.full((4, 1), 0.25),
        momentum=2 * one,
        persistence=np.array([[0.5]]),
        innovation_common=0.6 * one,
        innovation_own=0.8 * one,
        trend_common=0 * one,
        trend_own=0 * one,
        degrees_of_freedom=np.inf,
    )
    mean, covariance = compute_moments(law)
    np.testing.assert_allclose(mean[:, 0], [6, 5.5, 5.25, 5.125])
    np.testing.assert_allclose(np.diag(covariance[:, 0, :, 0]), (1 - 0.25 ** np.arange(1, 5)) / (1 - 0.25))
    np.testing.assert_allclose(covariance[0, 0, :, 0], 0.5 ** np.arange(4))


@pytest.mark.parametrize("degrees_of_freedom", [6.0, np.inf])
def test_simulated_moments_agree_with_exact_ones(model: Model, degrees_of_freedom: float) -> None:
    persistence = np.array(model.law.persistence)
    persistence[0, 2], persistence[4, 0] = 0.2, -0.3
    law = replace(model.law, persistence=persistence, degrees_of_freedom=degrees_of_freedom)
    growth = follow_law(law, draw(replace(model, law=law), 400_000, seed=7)).reshape(24, -1).astype(float)
    mean, covariance = compute_moments(law)
    covariance = covariance.reshape(24, 24)
    sd = np.sqrt(np.diag(covariance))
    assert np.abs((growth.mean(axis=1) - mean.reshape(-1)) / sd).max() < 4.5 / np.sqrt(400_000)
    correlation = np.cov(growth) / np.outer(sd, sd) - covariance / np.outer(sd, sd)
    assert np.abs(correlation).max() < 0.03  # fourth moments of Student t innovations with 6 degrees of freedom


def test_annual_spread_is_what_the_calibration_says(model: Model) -> None:
    _, covariance = compute_moments(model.law)
    weights = model.law.shares
    annual = np.einsum("qi,qiri,ri->i", weights, covariance, weights)
    np.testing.assert_allclose(np.sqrt(annual), [1.0, 6.0, 1.28, 4.9, 2.25, 0.75], rtol=0.08)
