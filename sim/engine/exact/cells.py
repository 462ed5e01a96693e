"""Normals drawn within cells, one after the other, and how likely each cell was given the earlier ones.

The recursion of Geweke, Hajivassiliou and Keane (Hajivassiliou, McFadden and Ruud 1996, J. Econometrics 72, 85): in the
coordinates of a Cholesky factor each cell is an interval of one normal, whose probability is known and within which it
is drawn. What is rounded is neither taken as exact nor thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim._typing import Floats

__all__ = ["Drawn", "draw_between", "draw_in_cells", "factorize", "solve", "solve_back"]

_PIVOT = 1e-7
"""Share of its standard deviation below which what earlier figures leave open of a figure is nothing."""

_FARTHEST = 37.0  # standard deviations: beyond, the distribution function is zero in double precision


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Drawn:
    """Figures drawn within their cells.

    Attributes
    ----------
    normals : array, shape (figure, sample)
        In the coordinates of the factor.
    values : array, shape (figure, sample)
        The figures, each in its cell.
    chance, below, above : array, shape (figure, sample)
        Probability of the cell, and of what lies on either side, given the earlier figures as drawn.
    """

    normals: Floats
    values: Floats
    chance: Floats
    below: Floats
    above: Floats


def factorize(covariance: Floats) -> Floats:
    """Factorize covariances by Cholesky's method; a figure that the earlier ones decide gets a pivot of zero.

    Parameters
    ----------
    covariance : array, shape (figure, figure, sample)

    Returns
    -------
    array, shape (figure, figure, sample)
        Lower triangles.
    """
    count = len(covariance)
    root = np.zeros_like(covariance)
    for column in range(count):
        left = covariance[column, column] - (root[column, :column] ** 2).sum(axis=0)
        root[column, column] = np.sqrt(np.maximum(left, 0))
        least = _PIVOT * np.sqrt(np.maximum(covariance[column, column], 0))
        root[column, column][root[column, column] < least] = 0
        inverse = _invert(root[column, column])
        for row in range(column + 1, count):
            left = covariance[row, column] - (root[row, :column] * root[column, :column]).sum(axis=0)
            root[row, column] = left * inverse
    return root


def solve(root: Floats, values: Floats) -> Floats:
    """Solve `root @ x = values` for lower triangles; where a pivot is zero, x is.

    Parameters
    ----------
    root : array, shape (figure, figure, sample)
    values : array, shape (figure, ..., sample)

    Returns
    -------
    array, shape of `values`
    """
    solved = np.empty_like(values)
    for row in range(len(root)):
        left = values[row].copy()
        for earlier in range(row):
            left -= root[row, earlier] * solved[earlier]
        solved[row] = left * _invert(root[row, row])
    return solved


def solve_back(root: Floats, values: Floats) -> Floats:
    """Solve `root.T @ x = values` for lower triangles; where a pivot is zero, x is.

    Parameters
    ----------
    root : array, shape (figure, figure, sample)
    values : array, shape (figure, sample)

    Returns
    -------
    array, shape of `values`
    """
    solved = np.empty_like(values)
    for row in reversed(range(len(root))):
        left = values[row].copy()
        for later in range(row + 1, len(root)):
            left -= root[later, row] * solved[later]
        solved[row] = left * _invert(root[row, row])
    return solved


def _invert(pivot: Floats) -> Floats:
    return np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > 0)


def draw_in_cells(
    mean: Floats, root: Floats, low: Sequence[float], high: Sequence[float], uniforms: Sequence[Floats]
) -> Drawn:
    """Draw jointly normal figures within their cells.

    Parameters
    ----------
    mean : array, shape (figure, sample)
    root : array, shape (figure, figure, sample)
        As `factorize` gives it.
    low, high : sequence of float, shape (figure,)
        low <= figure < high.
    uniforms : sequence of array, shape (figure, sample)

    Returns
    -------
    Drawn
    """
    shape = mean.shape
    normals, values, chance, below, above = (np.empty(shape) for _ in range(5))
    for row in range(len(mean)):
        centre = mean[row].copy()
        for earlier in range(row):
            centre += root[row, earlier] * normals[earlier]
        pivot = root[row, row]
        start, end = (_place_end(end - centre, pivot) for end in (low[row], high[row]))
        normals[row], chance[row], below[row], above[row] = draw_between(start, end, uniforms[row])
        values[row] = centre + pivot * normals[row]
    return Drawn(normals=normals, values=values, chance=chance, below=below, above=above)


def _place_end(away: Floats, pivot: Floats) -> Floats:
    """End of a cell in standard deviations; without any, on which side of the figure it is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(pivot > 0, away / pivot, np.where(away > 0, np.inf, -np.inf))


def draw_between(low: Floats, high: Floats, uniforms: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Draw standard normals between two ends.

    Parameters
    ----------
    low, high, uniforms : array, shape (sample,)

    Returns
    -------
    normals, chance, below, above : array, shape (sample,)
        Of the interval and of both sides. Where the interval is empty or out of reach, its chance is nothing.

    Examples
    --------
    >>> z, chance, below, above = draw_between(np.array([0.0]), np.array([np.inf]), np.array([0.5]))
    >>> z.round(4).tolist(), chance.tolist()
    ([0.6745], [0.5])
    """
    from scipy.special import ndtr, ndtri

    below, above = ndtr(low), ndtr(-high)
    flip = low > 0  # the tail that is small keeps its digits
    near, far = np.where(flip, -high, low), np.where(flip, -low, high)
    start = ndtr(near)
    chance = np.maximum(ndtr(far) - start, 0)
    normals = ndtri(np.clip(start + uniforms * chance, 1e-300, 1 - 1e-16))
    normals = np.clip(np.where(flip, -normals, normals), -_FARTHEST, _FARTHEST)
    nearest = np.where(np.isfinite(low), low, 0.0)
    return np.where(chance > 0, normals, np.clip(nearest, -_FARTHEST, _FARTHEST)), chance, below, above
