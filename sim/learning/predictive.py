"""The predictive law of a year's outcome: Student t around a location, a common year error, a rare shock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sim._typing import Floats
from sim.inputs.quarters import PRINTED_STEP

__all__ = ["Predictive"]

_X, _W = np.polynomial.hermite_e.hermegauss(21)


_NODES: Floats = np.asarray(_X, dtype=np.float64)


_WEIGHTS: Floats = np.asarray(_W / _W.sum(), dtype=np.float64)


_G, _H = np.polynomial.legendre.leggauss(160)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Predictive:
    """Laws of n outcomes: location + u + scale x Student t.

    With probability 1 - `shock_probability` the year's u is normal with `common_sd`, else normal around `shock_size`
    with `shock_sd`. Each element is a law of its own: the year's error is integrated out by Gauss-Hermite quadrature.

    Attributes
    ----------
    location, scale, common_sd, shock_sd : array, shape (n,)
        Percentage points.
    shock_probability, shock_size : float
    df : float or array, shape (n,)
        Degrees of freedom of Student t.
    """

    location: Floats
    scale: Floats
    common_sd: Floats
    shock_sd: Floats
    shock_probability: float
    shock_size: float
    df: float | Floats

    def cdf(self, x: ArrayLike) -> Floats:
        """Find the probability that each outcome is at most x.

        Parameters
        ----------
        x : array, shape (n,) or (m, n)
            %.

        Returns
        -------
        array, shape of `x`
        """
        z = (np.asarray(x, dtype=np.float64) - self.location)[..., None]
        scale, df = self.scale[:, None], np.asarray(self.df)[..., None]
        calm = special.stdtr(df, (z - self.common_sd[:, None] * _NODES) / scale) @ _WEIGHTS
        shocked = z - self.shock_size - self.shock_sd[:, None] * _NODES
        rare = special.stdtr(df, shocked / scale) @ _WEIGHTS
        p = self.shock_probability
        return np.asarray((1 - p) * calm + p * rare, dtype=np.float64)

    def ppf(self, level: float) -> Floats:
        """Find the quantile of each outcome, by bisection.

        Parameters
        ----------
        level : float
            Between 0 and 1.

        Returns
        -------
        array, shape (n,)
            %.

        Raises
        ------
        ValueError
            If the level is not between 0 and 1.

        Examples
        --------
        >>> one = np.ones(1)
        >>> year = {"common_sd": 0.5 * one, "shock_sd": one, "shock_probability": 0.0, "shock_size": 0.0}
        >>> law = Predictive(location=5 * one, scale=one, df=4.0, **year)
        >>> law.ppf(0.5).round(6).tolist()
        [5.0]
        """
        if not 0 < level < 1:
            raise ValueError(f"a quantile's level lies between 0 and 1, not at {level}")
        spread = self.scale + self.common_sd + self.shock_sd + abs(self.shock_size)
        low, high = self.location - 4 * spread, self.location + 4 * spread
        while np.any(self.cdf(low) > level):
            low = np.where(self.cdf(low) > level, low - 4 * spread, low)
        while np.any(self.cdf(high) < level):
            high = np.where(self.cdf(high) < level, high + 4 * spread, high)
        for _ in range(60):
            middle = (low + high) / 2
            above = self.cdf(middle) > level
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.asarray((low + high) / 2, dtype=np.float64)

    def attain(self, target: Floats, at_most: NDArray[np.bool_] | None = None) -> Floats:
        """Find the probability that each printed figure reaches its target.

        Parameters
        ----------
        target : array, shape (n,)
            %.
        at_most : array of bool, shape (n,), optional
            Where the target is met by staying at or below it.

        Returns
        -------
        array, shape (n,)
        """
        below = self.cdf(target - PRINTED_STEP / 2)
        if at_most is None:
            return np.asarray(1 - below, dtype=np.float64)
        return np.where(at_most, self.cdf(target + PRINTED_STEP / 2), 1 - below)

    def crps(self, outcome: Floats) -> Floats:
        """Score each law by the continuous ranked probability score; the smaller the better.

        Parameters
        ----------
        outcome : array, shape (n,)
            %.

        Returns
        -------
        array, shape (n,)
            Percentage points.

        Notes
        -----
        The integral of (F(x) - 1{x >= outcome})^2, each side of the outcome mapped to (0, 1) [1]_.

        References
        ----------
        .. [1] Gneiting and Raftery (2007), Strictly proper scoring rules, prediction, and estimation, JASA 102, eq. 20.
        """
        spread = self.scale + self.common_sd + 0.5 * np.abs(outcome - self.location)
        t = (_G + 1) / 2
        step = (t / (1 - t))[:, None] * spread
        weight = (_H / 2 / (1 - t) ** 2)[:, None] * spread
        below = self.cdf(outcome - step) ** 2
        above = (1 - self.cdf(outcome + step)) ** 2
        return np.asarray((weight * (below + above)).sum(axis=0), dtype=np.float64)
