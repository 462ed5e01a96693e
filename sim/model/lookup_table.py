"""Lookup tables for functions that would otherwise be the slowest step of a path."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from sim._typing import Singles

__all__ = ["Lookup", "tabulate_scale"]


@dataclass(frozen=True)
class Lookup:
    """A function tabulated on an even grid and interpolated linearly, several times faster than `numpy.interp`.

    Attributes
    ----------
    low, step : float
        First argument and spacing of the grid.
    values : array of float32, shape (place,)
        The function on the grid; its first and last value hold beyond the grid.
    """

    low: float
    step: float
    values: Singles

    @cached_property
    def rises(self) -> Singles:
        """Difference of each value to the next, shape (place - 1,)."""
        return np.diff(self.values)

    def read(self, arguments: Singles) -> Singles:
        """Interpolate the function.

        Parameters
        ----------
        arguments : array of float32

        Returns
        -------
        array of float32, shape of `arguments`

        Examples
        --------
        >>> Lookup(0.0, 0.5, np.array([0, 1, 4], np.float32)).read(np.array([0.25, 0.75, -1], np.float32)).tolist()
        [0.5, 2.5, 0.0]
        """
        steps = (arguments - np.float32(self.low)) * np.float32(1 / self.step)
        np.clip(steps, 0, len(self.values) - 1.001, out=steps)
        whole = steps.astype(np.int32)  # float32 -> int32 -> intp is faster than float32 -> intp
        steps -= whole.astype(np.float32)
        place = whole.astype(np.intp)
        value: Singles = self.values.take(place, mode="clip")  # places are in range: "clip" skips the check
        steps *= self.rises.take(place, mode="clip")
        value += steps
        return value


@cache
def tabulate_scale(degrees_of_freedom: float) -> Lookup | None:
    """Tabulate the root r of the heavy-tail scale as a function of a standard normal.

    Parameters
    ----------
    degrees_of_freedom : float
        More than 2.

    Returns
    -------
    Lookup or None
        From a standard normal to the root of (nu - 2) / chi-square with nu degrees of freedom, whose mean square is
        one. None, which stands for one everywhere, if the degrees of freedom are infinite.

    Notes
    -----
    The root rises with the normal, quantile by quantile, so the same draw gives similar scales under calibrations with
    other tails. The relative error is below 1e-5 within six standard deviations.

    Examples
    --------
    >>> bool(abs(tabulate_scale(5.0).read(np.zeros(1, np.float32)) - (3 / 4.3515) ** 0.5) < 1e-4)  # chi-square median
    True
    """
    from scipy.special import gammainccinv, gammaincinv, ndtr

    if not np.isfinite(degrees_of_freedom):
        return None
    half = degrees_of_freedom / 2
    normals = np.linspace(-8.5, 8.5, 8193)
    tails = ndtr(-np.abs(normals))
    halved = np.where(normals < 0, gammainccinv(half, tails), gammaincinv(half, tails))
    scale = np.sqrt((half - 1) / halved).astype(np.float32)
    scale.setflags(write=False)
    return Lookup(-8.5, 17 / 8192, scale)
