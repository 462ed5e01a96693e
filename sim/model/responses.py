"""Responses of growth to shocks of size one."""

from __future__ import annotations

import numpy as np

from sim._typing import Floats
from sim.model.accounting import stack_periods
from sim.model.growth import Law

__all__ = ["unit_response"]


def unit_response(law: Law, profile: Floats, loadings: Floats) -> Floats:
    """Compute what a shock of size one adds to growth.

    Parameters
    ----------
    law : Law
    profile : array, shape (quarter,)
        Strength of the shock in each quarter from its onset on.
    loadings : array, shape (series,)
        Percentage points of single-quarter growth at full strength.

    Returns
    -------
    array, shape (onset, period, series)
        Percentage points, by the quarter in which the shock begins; periods as `stack_periods` stacks them.
    """
    quarters, series = law.path.shape
    single = np.zeros((quarters, quarters, series))  # (quarter, onset, series)
    for onset in range(quarters):
        single[onset:, onset] = np.outer(profile[: quarters - onset], loadings)
    return stack_periods(single, law.shares[:, None, :]).swapaxes(0, 1)
