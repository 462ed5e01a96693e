"""Histories made up from a known law."""

import numpy as np

from sim.inputs.history import History
from sim.inputs.outlook import Outlook

__all__ = ["OUTLOOK", "make_history"]

OUTLOOK = Outlook(dict.fromkeys(range(2010, 2025), 6.5), dict.fromkeys(range(2009, 2024), 6.5))


def make_history(regions: int, years: range, seed: int = 0, spread: float = 0.8, indicator: str = "gdp") -> History:
    """Walks of regions with targets 0.3 above the last outcome."""
    rng = np.random.default_rng(seed)
    steps = spread * 0.7 * rng.standard_t(4, (regions, len(years)))
    outcome = 7 + steps.cumsum(axis=1)
    target = np.hstack([np.full((regions, 1), 7.0), outcome[:, :-1]]) + 0.3
    count = outcome.size
    return History(
        np.repeat([f"R{region}" for region in range(regions)], len(years)).astype(object),
        np.tile(np.array(years), regions),
        np.full(count, indicator, dtype=object),
        target.ravel(),
        np.full(count, "~", dtype=object),
        outcome.ravel(),
    )
