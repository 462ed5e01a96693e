"""Programmes: how many of a list of works are under way by the year's end, and whether that is enough."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from sim._typing import Floats, Singles
from sim.model.lookup_table import LookupGrid

__all__ = ["ShareLaw", "find_enough", "rank_share"]


_NODES, _FEWER, _SURE = 12, 6, 1e-8  # of Gauss's rule, of that which tells its error, and the error that may stand


def find_enough(mean: Floats, sd: Floats, rules: Sequence[tuple[float, float]]) -> Floats:
    """Find the probability that enough of each of several programmes is under way.

    Parameters
    ----------
    mean, sd : array, shape () or (sample,)
        Of the share under way, a beta law.
    rules : sequence of tuple of float
        Of each programme, the share that suffices and its works, to whole ones of which the share is rounded; infinity
        where they are not whole.

    Returns
    -------
    array, shape (programme, *shape of `mean`)

    Notes
    -----
    The incomplete beta function is asked for once; from one programme's share to the next, the density is integrated by
    Gauss's rule, and the function is asked again where a rule of fewer nodes does not agree or the law is narrow.

    Examples
    --------
    >>> even = np.array(0.5), np.sqrt(np.array(1 / 12))
    >>> find_enough(*even, [(0.9, np.inf), (0.9, 10)]).round(3).tolist()
    [0.1, 0.15]
    """
    from scipy.special import betaincc

    first, second = (np.atleast_1d(each) for each in _shape_share(mean, sd))
    spread = np.sqrt(first * second / (first + second + 1)) / (first + second)
    leasts = [float(_find_least(*rule)) for rule in rules]
    chances = {min(leasts): betaincc(first, second, min(leasts))}
    for last, least in itertools.pairwise(sorted(set(leasts))):
        sums = [_integrate_density(first, second, last, least, nodes) for nodes in (_FEWER, _NODES)]
        chance = chances[last] - sums[1]
        unsure = ~(np.abs(sums[0] - sums[1]) <= _SURE) | (least - last > 2 * spread)
        chance[unsure] = betaincc(first[unsure], second[unsure], least)
        chances[least] = chance
    return np.stack([chances[least].reshape(np.shape(mean)) for least in leasts])


def _integrate_density(first: Floats, second: Floats, low: float, high: float, nodes: int) -> Floats:
    """Integrate the density of beta laws between two shares by Gauss's rule."""
    from scipy.special import betaln

    norm, half = betaln(first, second), (high - low) / 2
    integral = np.zeros(first.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        for place, weight in zip(*np.polynomial.legendre.leggauss(nodes), strict=True):  # the same bits of any sample
            share = low + half * (place + 1)
            integral += half * weight * np.exp((first - 1) * np.log(share) + (second - 1) * np.log1p(-share) - norm)
    return integral


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ShareLaw:
    """The share of a programme that is under way, as a function of a standard normal of which nothing is just enough.

    A beta variate with parameters a and b is near exp(-gamma(b)/(a + b/2 - 1/2)) (Wise 1950, Biometrika 37, 208): where
    most of a programme is under way, to 0.002.

    Attributes
    ----------
    log_second : array of float32, shape () or (path,)
        Log of b.
    scale : array of float32, shape () or (path,)
        a + b/2 - 1/2.
    just : array of float32, shape () or (path,)
        Standard normal of the share below which all but what suffices lies.
    required, projects : float
        What is enough, as in the rules of `find_enough`.
    """

    log_second: Singles
    scale: Singles
    just: Singles
    required: float
    projects: float

    @classmethod
    def of(cls, mean: Floats, sd: Floats, required: float, projects: float) -> ShareLaw:
        """Find the law of a share by its mean, its standard deviation and what is enough: see `find_enough`."""
        second, scale = _approach_gamma(mean, sd)
        just = _find_level(second, scale, _find_least(required, projects))
        singles = (np.asarray(each, np.float32) for each in (np.log(second), scale, just))
        return cls(
            **dict(zip(("log_second", "scale", "just"), singles, strict=True)), required=required, projects=projects
        )

    def show(self, rank: Singles) -> Singles:
        """Find the share under way, of whole works.

        Parameters
        ----------
        rank : array, shape (path,)
            Standard normals; from nothing on, enough is under way.

        Returns
        -------
        array, shape (path,)
        """
        missing: Singles = np.exp(_tabulate_gamma().read(-(rank + self.just), self.log_second))
        share: Singles = np.exp(-missing / self.scale)
        below = np.nextafter(self.required, 0)
        if np.isfinite(self.projects):
            share = np.asarray(np.round(share * self.projects) / self.projects, dtype=np.float32)
            below = self.required - 1 / self.projects
        # tables are near, not exact: what is enough is told by the rank
        enough, less = np.maximum(share, np.float32(self.required)), np.minimum(share, np.float32(below))
        return np.asarray(np.where(rank >= 0, enough, less), dtype=np.float32)


def rank_share(mean: Floats, sd: Floats, required: float, projects: float, share: Floats) -> Floats:
    """Find the standard normal from which on so large a share is under way: `ShareLaw.show` the other way round.

    Parameters
    ----------
    mean, sd : array, shape () or (sample,)
        Of the share under way.
    required, projects : float
        What is enough, as in the rules of `find_enough`.
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
