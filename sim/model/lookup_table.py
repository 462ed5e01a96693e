"""Functions read off fine tables, where the function itself would be the slowest step of a path."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from sim._typing import Singles

__all__ = ["Lookup", "tabulate_scale"]


@dataclass(frozen=True)
class Lookup:
    """A function on an even grid, joined by straight lines: several times faster than `numpy.interp`.

    Attributes
    ----------
    low, step : float
        Of the grid.
    values : array, shape (place,)
        Beyond the grid, its ends.
    """

    low: float
    step: float
    values: Singles

    @cached_property
    def rises(self) -> Singles:
        """From each value to the next."""
        return np.diff(self.values)

    def read(self, arguments: Singles) -> Singles:
        """The function's values.

        Examples
        --------
        >>> Lookup(0.0, 0.5, np.array([0, 1, 4], np.float32)).read(np.array([0.25, 0.75, -1], np.float32)).tolist()
        [0.5, 2.5, 0.0]
        """
        steps = (arguments - np.float32(self.low)) * np.float32(1 / self.step)
        np.clip(steps, 0, len(self.values) - 1.001, out=steps)
        whole = steps.astype(np.int32)  # which is turned into other types faster than a float into a place
        steps -= whole.astype(np.float32)
        place = whole.astype(np.intp)
        value: Singles = self.values.take(place, mode="clip")  # no place is outside: this spares the check
        steps *= self.rises.take(place, mode="clip")
        value += steps
        return value


@cache
def tabulate_scale(degrees_of_freedom: float) -> Lookup | None:
    """Root of the heavy-tail scale at standard normal levels.

    Parameters
    ----------
    degrees_of_freedom : float
        More than 2.

    Returns
    -------
    Lookup or None
        The root of (nu - 2) / chi-square, rising in the normal, so that draws of a calibration with other tails are
        still like each other; off by less than 1e-5 of itself within six standard deviations. None, for one
        everywhere, if the degrees of freedom are infinite.

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
