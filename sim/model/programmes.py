"""Programmes: how many of a list of works are under way by the year's end, and whether that is enough."""

from __future__ import annotations

from functools import cache

import numpy as np

from sim._typing import Floats, Singles
from sim.model.lookup_table import LookupGrid

__all__ = ["find_enough", "rank_share", "show_under_way"]


def find_enough(mean: Floats, sd: Floats, required: float, projects: float) -> Floats:
    """Find the probability that enough of a programme is under way.

    Parameters
    ----------
    mean, sd : array, shape () or (sample,)
        Of the share under way, a beta law.
    required : float
        Share that suffices.
    projects : float
        Works of the programme, to whole ones of which the share is rounded; infinity where they are not whole.

    Returns
    -------
    array, shape of `mean`

    Examples
    --------
    >>> even = np.array(0.5), np.sqrt(np.array(1 / 12))
    >>> find_enough(*even, 0.9, np.inf).round(3).item(), find_enough(*even, 0.9, 10).round(3).item()
    (0.1, 0.15)
    """
    from scipy.special import betaincc

    first, second = _shape_share(mean, sd)
    return np.asarray(betaincc(first, second, _find_least(required, projects)), dtype=np.float64)


def show_under_way(mean: Floats, sd: Floats, required: float, projects: float, rank: Singles) -> Singles:
    """Find the share of a programme that is under way, by a standard normal of which nothing is just enough.

    Parameters
    ----------
    mean, sd : array, shape () or (path,)
    required, projects : float
        As of `find_enough`.
    rank : array, shape (path,)

    Returns
    -------
    array, shape (path,)

    Notes
    -----
    A beta variate with parameters a and b is near exp(-gamma(b)/(a + b/2 - 1/2)) (Wise 1950, Biometrika 37, 208): where
    most of a programme is under way, to 0.002.
    """
    second, scale = _approach_gamma(mean, sd)
    just = _find_level(second, scale, _find_least(required, projects))
    missing: Singles = np.exp(
        _tabulate_gamma().read(-(rank + just.astype(np.float32)), np.log(second).astype(np.float32))
    )
    share: Singles = np.exp(-missing / scale.astype(np.float32))
    below = np.nextafter(required, 0)
    if np.isfinite(projects):
        share = np.asarray(np.round(share * projects) / projects, dtype=np.float32)
        below = required - 1 / projects
    # tables are near, not exact: what is enough is told by the rank
    enough, less = np.maximum(share, np.float32(required)), np.minimum(share, np.float32(below))
    return np.asarray(np.where(rank >= 0, enough, less), dtype=np.float32)


def rank_share(mean: Floats, sd: Floats, required: float, projects: float, share: Floats) -> Floats:
    """Find the standard normal from which on so large a share is under way: `show_under_way` the other way round.

    Parameters
    ----------
    mean, sd : array, shape () or (sample,)
        Of the share under way.
    required, projects : float
        As of `find_enough`.
    share : array, shape () or (sample,)
        From 0 to 1; of whole works, as many as it needs.

    Returns
    -------
    array, shape () or (sample,)
        Nothing at the share required.
    """
    if np.isfinite(projects):
        share = np.ceil(share * projects - 1e-9) / projects
    second, scale = _approach_gamma(mean, sd)
    levels = (_find_level(second, scale, _find_least(each, projects)) for each in (share, np.asarray(required)))
    return next(levels) - next(levels)


def _approach_gamma(mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Find shape and scale of the gamma variate that the log of the share is near to."""
    first, second = _shape_share(mean, sd)
    return second, np.maximum(first + second / 2 - 0.5, 1e-3)


def _find_level(second: Floats, scale: Floats, share: Floats | float) -> Floats:
    """Find the standard normal below which the share lies with its probability."""
    from scipy.special import gammaincc, ndtri

    below = gammaincc(second, -np.log(np.clip(share, 1e-9, 1)) * scale)
    return np.asarray(ndtri(np.clip(below, 1e-12, 1 - 1e-12)), dtype=np.float64)


def _shape_share(mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Find the two parameters of the beta law of the share under way."""
    size = np.maximum(mean * (1 - mean) / np.maximum(sd, 1e-6) ** 2 - 1, 0.1)
    return np.maximum(mean * size, 1e-9), np.maximum((1 - mean) * size, 1e-9)


def _find_least(required: Floats | float, projects: float) -> Floats | float:
    """Find the least share that is rounded to enough."""
    return required - 0.5 / projects


@cache
def _tabulate_gamma() -> LookupGrid:
    """Tabulate the log of a gamma variate by a standard normal and by the log of its shape."""
    from scipy.special import gammaincinv, ndtr

    normals, logs = np.linspace(-8, 8, 513), np.linspace(-5, 5, 81)
    values = gammaincinv(np.exp(logs)[:, None], ndtr(normals))
    return LookupGrid(-8.0, 1 / 32, -5.0, 1 / 8, np.log(np.maximum(values, 1e-30)).astype(np.float32))
