"""Single things that come one by one: chances and waits, tabulated."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from sim._typing import Floats
from sim.model.lookup_table import Lookup, LookupGrid

if TYPE_CHECKING:
    pass

__all__ = ["MOST_ARRIVALS", "find_lead", "tabulate_arrivals", "tabulate_wait"]

MOST_ARRIVALS = 200
"""From so many things on, the chance of single arrivals is added to the spread: their sum is near enough lognormal."""


_FARTHEST, _WIDEST = 8.0, 0.9  # standard deviations of the lead, and spreads, that tables of arrivals cover


_FEW = 5


def find_lead(chance: Floats, things: float, total: Floats) -> Floats:
    """Find the lead at which a goal is reached with a given chance, over all that is random in the year's log speed."""
    from scipy.special import ndtri

    if not np.isfinite(things):
        lead: Floats = total * ndtri(chance)
        return lead
    table = tabulate_arrivals(things)
    wide = np.sqrt(total**2 + 1 / things)
    return wide * table.invert(chance, total)


@cache
def tabulate_arrivals(needed: float) -> LookupGrid:
    """Tabulate that so many things have arrived, by how far the expected number is ahead.

    Parameters
    ----------
    needed : float
        Things that must have arrived; as many are expected at a lead of nothing.

    Returns
    -------
    LookupGrid
        Probability by the lead in units of `sqrt(spread^2 + 1 / needed)`, and by the spread of the log speed.

    Notes
    -----
    A Poisson process has brought k things by the time its mean reaches a gamma variate of shape k. The mean over the
    variate is taken by the trapezoid rule over its normal level, that over the lognormal speed in closed form.

    Examples
    --------
    >>> from scipy.special import gammainc
    >>> table = tabulate_arrivals(2.0)
    >>> certain = table.read(np.zeros(1, np.float32), np.zeros(1, np.float32))
    >>> bool(abs(certain - gammainc(2, 2)) < 2e-3)
    True
    """
    from scipy.special import gammainc, gammaincinv, ndtr

    # steps of the log wait must stay below the narrowest spread, and waits for few things are long and short
    normals = np.linspace(-6.5, 6.5, 53 if needed > _FEW else 209)
    weights = np.exp(-(normals**2) / 2)
    waits = np.log(gammaincinv(needed, ndtr(normals)) / needed)
    leads = np.linspace(-_FARTHEST, _FARTHEST, 257)
    spreads = np.linspace(0, _WIDEST, 9)
    wide = np.sqrt(spreads**2 + 1 / needed)
    ahead = (leads[:, None] * wide[1:, None, None] - waits) / spreads[1:, None, None]
    odds = np.empty((len(spreads), len(leads)))
    odds[0] = gammainc(needed, needed * np.exp(leads * wide[0]))
    odds[1:] = (ndtr(ahead) * (weights / weights.sum())).sum(axis=-1)
    return LookupGrid(leads[0], leads[1] - leads[0], spreads[0], spreads[1] - spreads[0], odds.astype(np.float32))


@cache
def tabulate_wait(things: float) -> Lookup:
    """Tabulate the time that a Poisson process of rate one takes to bring so many things, by a standard normal."""
    from scipy.special import gammaincinv, ndtr

    normals = np.linspace(-6, 6, 3073)
    return Lookup(-6.0, 12 / 3072, gammaincinv(things, ndtr(normals)).astype(np.float32))
