"""The reduced form: every growth figure of the year as a sum of independent pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Singles
from sim.model.accounting import stack_periods
from sim.model.growth import Law, compute_moments

__all__ = ["Reduced", "mix", "reduce_law", "split_periods"]

_COLUMNS = 128
"""Paths of one matrix product: part of the algorithm, as the last bits of a product depend on their number; too few
for a linear algebra library to share among threads."""


@dataclass(frozen=True)
class Reduced:
    """Growth in every period as `mean + trend + news + shocks`, linear in what is random.

    Periods are the single quarters, then the cumulative figures from the second quarter on; the last is the year.
    Growth of indicator i in period c is `mean[c, i] + trend_common[i] f + trend_own[i] e[i] + sum over quarters p of
    scale[p] (common[c, p, i] F[p] + sum over j of own[c, p, i, j] E[p, j])`, all letters standard normal.

    Attributes
    ----------
    law : Law
    mean : array, shape (period, series)
        %.
    common : array, shape (period, quarter, series)
        Percentage points per standard normal of a quarter's common news.
    own : array, shape (period, quarter, series, series)
        Likewise of each indicator's own news; diagonal without spillovers.
    """

    law: Law
    mean: Floats
    common: Floats
    own: Floats

    @property
    def spread(self) -> Floats:
        """Standard deviation of what each quarter's news adds, at a scale of one, shape (period, quarter, series)."""
        spread: Floats = np.sqrt(self.common**2 + (self.own**2).sum(axis=-1))
        return spread

    @property
    def trend(self) -> Floats:
        """Standard deviation of the trend's error, shape (series,)."""
        trend: Floats = np.hypot(self.law.trend_common, self.law.trend_own)
        return trend

    @property
    def deviation(self) -> Floats:
        """Standard deviation of each figure without shocks, shape (period, series), percentage points."""
        deviation: Floats = np.hypot(np.sqrt((self.spread**2).sum(axis=1)), self.trend)
        return deviation

    @cached_property
    def weights(self) -> Singles:
        """What the figures of a year are made of, single quarters' first, then cumulative ones.

        Shape (2 x quarter x series, piece); pieces are one, the common trend error, each indicator's own, each
        quarter's common news, and each quarter's own news of each indicator.
        """
        law = self.law
        periods, quarters, series = self.common.shape
        trends = np.column_stack([law.trend_common, np.diag(law.trend_own)])
        news = np.concatenate([self.common[:, :, None], self.own.swapaxes(2, 3)], axis=2)  # period, quarter, piece
        pieces = [self.mean[..., None], np.tile(trends, (periods, 1, 1))]
        pieces += [news[:, quarter].swapaxes(1, 2) for quarter in range(quarters)]
        weights = split_periods(np.concatenate(pieces, axis=2))
        return weights.reshape(2 * quarters * series, -1).astype(np.float32)

    @property
    def has_spillovers(self) -> bool:
        """Whether one indicator's own news reaches another."""
        off = self.law.persistence - np.diag(np.diag(self.law.persistence))
        return bool(off.any())

    def find_cumulative(self, quarter: int) -> int:
        """The period that runs from January to the end of a quarter."""
        quarters = len(self.law.path)
        return quarters + quarter - 1 if quarter else 0

    def place_cumulative(self, quarters: Sequence[int]) -> NDArray[np.int64]:
        """Places of the figures to some quarters' ends among periods by series, flattened."""
        series = self.mean.shape[1]
        periods = np.array([self.find_cumulative(quarter) for quarter in quarters])
        places: NDArray[np.int64] = (periods[:, None] * series + np.arange(series)).reshape(-1)
        return places


def reduce_law(law: Law) -> Reduced:
    """The reduced form of a law of motion.

    Examples
    --------
    >>> import sim
    >>> reduced = reduce_law(sim.load_model(sim.read_plan("qingdao-2024")).law)
    >>> reduced.mean.shape, reduced.own.shape
    ((7, 6), (7, 4, 6, 6))
    """
    quarters, series = law.path.shape
    powers = [np.eye(series)]
    for _ in range(quarters):
        powers.append(law.persistence @ powers[-1])
    common = np.zeros((quarters, quarters, series))
    own = np.zeros((quarters, quarters, series, series))
    for news in range(quarters):
        for quarter in range(news, quarters):
            common[quarter, news] = powers[quarter - news] @ law.innovation_common
            own[quarter, news] = powers[quarter - news] * law.innovation_own
    shares = law.shares
    return Reduced(
        law,
        stack_periods(compute_moments(law)[0], shares),
        stack_periods(common, shares[:, None, :]),
        stack_periods(own, shares[:, None, :, None]),
    )


def split_periods(periods: Floats) -> Floats:
    """Single quarters, shape (quarter, ...), and cumulative figures likewise, from all periods of a year.

    Returns
    -------
    array, shape (2, quarter, ...)
        The first quarter is in both.

    Examples
    --------
    >>> split_periods(np.array([4.0, 6.0, 5.5])).tolist()
    [[4.0, 6.0], [4.0, 5.5]]
    """
    quarters = (len(periods) + 1) // 2
    return np.stack([periods[:quarters], np.concatenate([periods[:1], periods[quarters:]])])


def mix(weights: Singles, pieces: Singles) -> Singles:
    """Sums of pieces by their weights: a matrix product whose bits do not depend on how many paths are at hand.

    Parameters
    ----------
    weights : array, shape (figure, piece)
    pieces : array, shape (piece, path)

    Returns
    -------
    array, shape (figure, path)

    Notes
    -----
    Same bits on one kind of processor; others add in another order.

    Examples
    --------
    >>> mix(np.float32([[1, 2]]), np.float32([[1, 0, 3], [0, 1, 1]])).tolist()
    [[1.0, 2.0, 5.0]]
    """
    count = pieces.shape[1]
    products = -(-count // _COLUMNS)
    if count % _COLUMNS:
        pieces = np.pad(pieces, ((0, 0), (0, products * _COLUMNS - count)))
    mixed = np.empty((len(weights), products * _COLUMNS), np.float32)
    cut, cut_mixed = (array.reshape(len(array), products, _COLUMNS).swapaxes(0, 1) for array in (pieces, mixed))
    np.matmul(weights, cut, out=cut_mixed)
    return mixed[:, :count]
