"""Weights that make few points speak for many: chosen functions get the means that many points give them.

Calibration of weights as in surveys (Deville and Särndal 1992, JASA 87, 376): of all weights that give these
means, those nearest to equal ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Ints, Singles
from sim.engine.exact.normal import compute_normal_cdf

__all__ = ["list_moments", "list_products", "weigh_points"]

_SHIFTS = (-1.0, -0.5, 0.0, 0.5, 1.0)  # of all figures, standard deviations, by which shocks may move them
_OFF, _FEW = (-2.0, -1.0, 0.0, 1.0, 2.0), (-0.7, 0.0, 0.7)  # of a figure supposed; and of all others then
_POWERS = (1, 2, 3)
_NEGLIGIBLE = 0.03  # singular values below this share of the largest are left out
_LEAST = 0.05  # a weight; equal ones are one


def weigh_points(values: Floats, means: Floats) -> Floats:
    """Weigh points so that functions have given means.

    Parameters
    ----------
    values : array, shape (function, point)
    means : array, shape (function,)

    Returns
    -------
    array, shape (point,)
        One on average, as near to one as the means allow.

    Examples
    --------
    >>> weigh_points(np.array([[0.0, 1.0, 2.0, 3.0]]), np.array([1.6])).round(2).tolist()
    [0.88, 0.96, 1.04, 1.12]
    """
    count = values.shape[1]
    whole = np.vstack([np.ones(count), values])
    size = np.maximum(np.sqrt((whole**2).mean(axis=1)), 1e-300)
    whole, asked = whole / size[:, None], np.concatenate([[1.0], means]) / size
    moved, *_ = np.linalg.lstsq(whole, count * asked - whole.sum(axis=1), rcond=_NEGLIGIBLE)
    weight = np.maximum(1 + moved, _LEAST)
    return np.asarray(weight / weight.mean())


_LEAST_LEFT = np.float32(1e-6)  # standard deviations left open of a figure that what is common decides


def list_products(
    common: Singles, own: Singles, bounds: Sequence[tuple[int, float, float]], figures: Sequence[dict[str, Singles]]
) -> Floats:
    """List odds of all targets together at each point and the one opposite, some of them with a figure supposed.

    Parameters
    ----------
    common, own : array, shape (series, point)
        Of the year: mean at each point, and standard deviation of what is left open, in standard deviations.
    bounds : sequence of (int, float, float)
        Of targets: indicator, better side, and number in standard deviations from the mean.
    figures : sequence of dict
        As `sim.analysis.figure_table.draw_figures` gives them.

    Returns
    -------
    array, shape (function, point)
    """
    found: list[NDArray[Any]] = [_judge(common, own, bounds, shift) for shift in _SHIFTS]
    for figure, off in product(figures, _OFF):
        place = int(figure["indicator"])
        shared, left, away = common.copy(), own.copy(), list[tuple[Singles, Singles]]()
        shared[place], left[place] = figure["year"], figure["left"]
        for side in (1, -1):
            z = (np.float32(off) - side * figure["expected"]) / figure["wide"]
            likely = np.exp(-0.5 * z * z) / figure["wide"]
            away.append((likely.astype(np.float32), np.float32(off) - side * figure["drawn"]))
        found.append((away[0][0] + away[1][0]) / 2)
        for shift in _FEW:
            parts = [
                likely * _multiply(side * shared + figure["slopes"] * gap, left, bounds, shift)
                for side, (likely, gap) in zip((1, -1), away, strict=True)
            ]
            found.append((parts[0] + parts[1]) / 2)
    return np.array(found, np.float64)


def _judge(common: Singles, own: Singles, bounds: Sequence[tuple[int, float, float]], shift: float) -> Singles:
    both = [_multiply(side * common, own, bounds, shift) for side in (1, -1)]
    return np.asarray((both[0] + both[1]) / 2)


def _multiply(centre: Singles, left: Singles, bounds: Sequence[tuple[int, float, float]], shift: float) -> Singles:
    met = np.ones(centre.shape[1], np.float32)
    for place, sign, bound in bounds:
        spread = np.maximum(left[place], _LEAST_LEFT)
        met *= compute_normal_cdf(np.float32(sign) * (centre[place] + np.float32(shift - bound)) / spread)
    return met


def list_moments(onsets: Ints, effects: Floats, quarters: int) -> Floats:
    """List moments of what a shock does, by the quarter in which it begins.

    Parameters
    ----------
    onsets : array of int, shape (point,)
    effects : array, shape (effect, point)
        Size times loading, different ones.
    quarters : int

    Returns
    -------
    array, shape (function, point)
    """
    middle = np.maximum(np.median(np.abs(effects), axis=1, keepdims=True), 1e-300)
    bent = effects / (np.abs(effects) + middle)  # between -1 and 1, as what odds make of it
    rows = [np.ones(len(onsets)), *(each**power for each in bent for power in _POWERS)]
    rows += [bent[one] * bent[other] for one in range(len(bent)) for other in range(one)]
    return np.concatenate(
        [np.array(rows) * (onsets == quarter) for quarter in range(quarters) if (onsets == quarter).any()]
    )
