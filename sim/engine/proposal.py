"""Proposals: heavy-tail scales and calibrations drawn nearly as published figures make them, and weighted for it.

Given scales and calibrations all is conditioned on figures exactly; these two are drawn. Where figures tell much of
them, few draws of the prior would be likely, and the odds would rest on those few.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim._typing import Floats

__all__ = ["Proposal", "fit_shifts", "name_level", "shift_normals"]

Proposal = Mapping[str, tuple[float, float]]
"""Mean and standard deviation of the normals of some numbers and of the quarters' levels, by name."""

_NARROWEST = 0.8  # standard deviation: above the root of a half, below which weights would have no variance
_FARTHEST = 3.0  # standard deviations
_LEAST = 0.02  # squared distance from the standard normal from which on a coordinate is worth a proposal
_FEWEST = 10  # effective points of which a proposal is fitted
_NOISE = 6.0  # the same by effective points: nearer ones may be no more than the noise of few points


def name_level(quarter: int) -> str:
    """Name the level of a quarter's heavy-tail scale among the coordinates."""
    return f"level/{quarter}"


def shift_normals(proposal: Proposal, name: str, normals: Floats) -> tuple[Floats, Floats]:
    """Shift standard normals to what is proposed of a coordinate.

    Parameters
    ----------
    proposal : Proposal
    name : str
        One of its coordinates.
    normals : array, shape (sample,)

    Returns
    -------
    shifted : array, shape (sample,)
    logs : array, shape (sample,)
        Log of the ratio of the standard normal density to the proposed one, there.

    Examples
    --------
    >>> z = np.linspace(-6, 6, 1201)
    >>> y, logs = shift_normals({"level/0": (0.5, 1.2)}, "level/0", z)
    >>> weight = np.exp(logs - z**2 / 2)
    >>> round(float((weight * y).sum() / weight.sum()), 6)    # the mean is the standard normal's again
    0.0
    """
    mean, spread = proposal[name]
    shifted = mean + spread * normals
    logs: Floats = np.log(spread) - (shifted**2 - normals**2) / 2
    return shifted, logs


def fit_shifts(coordinates: Mapping[str, Floats], weight: Floats) -> dict[str, tuple[float, float]]:
    """Fit a proposal to weighted coordinates.

    Parameters
    ----------
    coordinates : mapping of str to array, shape (sample,)
        By name; standard normal where nothing is known.
    weight : array, shape (sample,)
        How likely published figures are at each sample.

    Returns
    -------
    dict of str to (float, float)
        Of the coordinates of which the figures tell more than noise.
    """
    shares = weight / max(float(weight.sum()), 1e-300)
    effective = 1 / max(float((shares**2).sum()), 1e-300)
    if not _FEWEST <= effective <= len(weight):  # one or two points tell nothing, nor do figures out of all reach
        return {}
    least = max(_LEAST, _NOISE / effective)
    found = {}
    for name, values in coordinates.items():
        mean = float(shares @ values)
        spread = float(np.sqrt(shares @ (values - mean) ** 2))
        if mean**2 + (spread - 1) ** 2 > least:
            found[name] = (float(np.clip(mean, -_FARTHEST, _FARTHEST)), max(spread, _NARROWEST))
    return found
