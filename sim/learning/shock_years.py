"""Years of a rare shock in a record: the chance of an ordinary year, of which the record is a mean with those years.

The model takes a shock off the chance of an ordinary year. A record of which a part is of 2020 and 2022 has had it
taken off already: two of the four openings that were late, two of the three deeds of lists that were not done. Without
these lines it would be taken off twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from sim._typing import Floats
from sim.inputs.bundled import DEFAULT_PLAN
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import read_scenario

__all__ = ["find_ordinary", "measure_setback", "measure_slowdown", "strike_chance"]

_RARE_SHOCK = "rare_common_shock"  # of the shipped baseline, whose sizes are those of 2020 and 2022

_SIZES = 256


def measure_setback(slip: float) -> Floats:
    """Measure by how much the shipped baseline's rare shock sets back the drive of a milestone by the year's end.

    Parameters
    ----------
    slip : float
        Standard deviations of the drive per quarter of delay: that of the milestone's class.

    Returns
    -------
    array, shape (256,)
        Standard deviations of the drive, at sizes that are equally likely.
    """
    shock = _read_rare_shock()
    sizes = shock.size.quantile((np.arange(_SIZES) + 0.5) / _SIZES)
    setback: Floats = slip * shock.delay["all"] * sizes
    return setback


def measure_slowdown(season: str, shares: Sequence[float], total: float) -> Floats:
    """Measure by how much the shipped baseline's rare shock slows down a delivery by the year's end.

    Parameters
    ----------
    season : str
        Course of the delivery, by whose name a shock may say what it does to it.
    shares : sequence of float
        Of the course, a quarter each.
    total : float
        Standard deviation of the log of what an ordinary year delivers.

    Returns
    -------
    array, shape (quarter, 256)
        Such standard deviations: by the quarter in which it begins, all equally likely, and by size.

    Examples
    --------
    >>> bool(measure_slowdown("grain", [0.25] * 4, 0.1).mean() < measure_slowdown("steady", [0.25] * 4, 0.1).mean())
    True
    """
    shock = _read_rare_shock()
    sizes = shock.size.quantile((np.arange(_SIZES) + 0.5) / _SIZES)
    change = shock.speed.get(season, shock.speed["all"])
    profile = shock.profile.follow(len(shares))
    hit = [np.dot(shares[onset:], profile[: len(shares) - onset]) for onset in range(len(shares))]
    slowdown: Floats = -np.log(np.maximum(1 + change * np.outer(hit, sizes), 1e-9)) / total
    return slowdown


def strike_chance(chance: float, setback: Floats) -> float:
    """Find how likely a promise is kept in a year with a shock, from how likely it is in an ordinary one.

    Parameters
    ----------
    chance : float
        Of an ordinary year, above 0 and below 1.
    setback : array
        As `measure_setback` or `measure_slowdown` gives it: of shocks that are equally likely.

    Returns
    -------
    float

    Notes
    -----
    Milestones are taken as due by the year's end, as those of the records are: whenever in the year the shock begins,
    its whole delay counts then.

    Examples
    --------
    >>> round(strike_chance(0.5, np.array([1.0])), 4)
    0.1587
    """
    from scipy.special import ndtr, ndtri

    return float(ndtr(ndtri(chance) - setback).mean())


def find_ordinary(mean: float, share: float, setback: Floats, items: int = 1) -> float:
    """Find the chance of an ordinary year, of which a record's is the mean with that of years with a shock.

    Parameters
    ----------
    mean : float
        Chance by the record, above 0 and below 1.
    share : float
        Part of the record that is of years with a shock, from 0 to 1.
    setback : array
        What the shock does in them, as `measure_setback` or `measure_slowdown` gives it.
    items : int
        Of a list, of which all are needed: the record is one of single items, of which a year keeps as many as make
        its chance of all of them.

    Returns
    -------
    float
        The p of `mean = (1 - share) p + share strike_chance(p)`, each to the power 1 / items.

    Examples
    --------
    >>> ordinary = find_ordinary(0.6, 0.5, np.array([0.2, 0.4]))
    >>> round(ordinary, 3), round((ordinary + strike_chance(ordinary, np.array([0.2, 0.4]))) / 2, 6)
    (0.658, 0.6)
    """
    from scipy.optimize import brentq

    if not share or not setback.any():
        return mean

    def miss(chance: float) -> float:
        struck = strike_chance(chance, setback) ** (1 / items)
        return float((1 - share) * chance ** (1 / items) + share * struck - mean ** (1 / items))

    return float(brentq(miss, mean, 1 - 1e-12, xtol=1e-12))


@cache
def _read_rare_shock() -> Shock:
    return read_scenario("baseline", DEFAULT_PLAN).shocks[_RARE_SHOCK]
