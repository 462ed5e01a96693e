"""The reduced form, and the sums that paths are made of."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import make_scenario, make_storm

from sim.model.accounting import accumulate
from sim.model.growth import compute_moments
from sim.model.model import Model
from sim.model.reduced_form import reduce_law, split_periods
from sim.model.scenario_law import compile_scenario


@pytest.mark.parametrize("lone", [0.0, 0.4])
def test_weights_have_the_exact_moments(model: Model, lone: float) -> None:
    """Of a law whose heavy-tail scales are one: the first piece is one, the others standard normals."""
    quarters, series = model.law.path.shape
    spilling = model.law.persistence + np.eye(series, k=1) * 0.1
    law = replace(model.law, persistence=spilling, quarter_own=lone * np.arange(series))
    mean, covariance = compute_moments(law)
    weights = reduce_law(law).weights.astype(float)
    single, cumulative = weights.reshape(2, quarters * series, -1)
    np.testing.assert_allclose(single[:, 0], mean.reshape(-1), rtol=1e-6)
    np.testing.assert_allclose(single[:, 1:] @ single[:, 1:].T, covariance.reshape(24, 24), rtol=1e-5, atol=1e-6)
    stacked = accumulate(single.reshape(quarters, series, -1), model.law.shares[..., None])
    np.testing.assert_allclose(cumulative, stacked.reshape(24, -1), rtol=1e-5, atol=1e-6)


def test_deviation_is_the_root_of_the_exact_variance(model: Model) -> None:
    law = replace(model.law, quarter_own=np.full(len(model.plan.indicators), 0.3))
    _, covariance = compute_moments(law)
    exact = np.sqrt(np.einsum("qiqi->qi", covariance))
    np.testing.assert_allclose(split_periods(reduce_law(law).deviation)[0], exact)


def test_a_shock_adds_to_both_kinds_of_figures_alike(model: Model) -> None:
    growth = compile_scenario(model, make_scenario(storm=make_storm())).growth[0]
    both = split_periods(growth.swapaxes(0, 1))  # kind, quarter, onset, series
    np.testing.assert_allclose(both[1], accumulate(both[0], model.law.shares[:, None]))
