"""Quarters: names, and cumulative figures."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim.inputs.quarters import name_cumulative, name_quarters
from sim.model.accounting import accumulate, difference

growths = arrays(float, (4, 3), elements=st.floats(-50, 50))
weights = arrays(float, (4, 1), elements=st.floats(0.05, 1))


def test_cumulative_names_follow_statistical_offices() -> None:
    assert [name_cumulative(q, 4) for q in range(4)] == ["Q1", "H1", "Q1-Q3", "FY"]
    assert [name_cumulative(q, 2) for q in range(2)] == ["Q1", "FY"]
    assert [name_cumulative(q, 1) for q in range(1)] == ["FY"]
    assert name_quarters(3) == ("Q1", "Q2", "Q3")


def test_cumulative_growth_is_growth_of_summed_levels() -> None:
    levels = np.array([[20.0], [25.0], [27.0], [28.0]])
    growth = np.array([[3.0], [5.0], [-2.0], [8.0]])
    after = levels * (1 + growth / 100)
    by_levels = 100 * (np.cumsum(after, axis=0) / np.cumsum(levels, axis=0) - 1)
    np.testing.assert_allclose(accumulate(growth, levels / levels.sum()), by_levels)


@given(growths, weights)
def test_difference_undoes_accumulate(growth: np.ndarray, shares: np.ndarray) -> None:
    np.testing.assert_allclose(difference(accumulate(growth, shares), shares), growth, atol=1e-9)


@given(growths, weights)
def test_cumulative_growth_lies_between_the_quarters(growth: np.ndarray, shares: np.ndarray) -> None:
    cumulative = accumulate(growth, shares)
    running_low, running_high = np.minimum.accumulate(growth), np.maximum.accumulate(growth)
    assert (cumulative >= running_low - 1e-9).all()
    assert (cumulative <= running_high + 1e-9).all()
