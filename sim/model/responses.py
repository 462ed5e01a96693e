"""Responses of growth to shocks of size one."""

from __future__ import annotations

import numpy as np

from sim._typing import Floats
from sim.inputs.scenario.document import Shock
from sim.model.accounting import stack_periods
from sim.model.growth import Law

__all__ = ["expose"]


def expose(law: Law, shock: Shock, indicators: list[str]) -> Floats:
    """What a shock of size one adds to growth, %.

    Returns
    -------
    array, shape (onset, period, series)
    """
    quarters, series = law.path.shape
    profile = np.array(shock.profile.follow(quarters))
    loadings = np.array([shock.loadings.get(name, 0.0) for name in indicators])
    single = np.zeros((quarters, quarters, series))
    for onset in range(quarters):
        single[onset:, onset] = np.outer(profile[: quarters - onset], loadings)
    return stack_periods(single, law.shares[:, None, :]).swapaxes(0, 1)
