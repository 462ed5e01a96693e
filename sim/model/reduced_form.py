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
from sim.model.products import multiply

__all__ = ["Reduced", "reduce_law", "split_periods"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reduced:
    """Growth of every period as a sum of independent pieces: mean, trend and news.

    Periods are the single quarters, then the cumulative figures from the second quarter on; the last is the year.
    Growth of indicator i in period c is `mean[c, i] + trend_common[i] f + trend_own[i] e[i] + sum over quarters p of
    r[p] (common[c, p, i] F[p] + sum over j of own[c, p, i, j] E[p, j])`, with f, e, F and E standard normal and r the
    root of the heavy-tail scale. Shocks are added to it.

    Attributes
    ----------
    law : Law
    mean : array, shape (period, series)
        %.
    common : array, shape (period, quarter, series)
        Weight of a quarter's common news, percentage points per standard normal.
    own : array, shape (period, quarter, series, series)
        Weight of each indicator's own news, likewise; diagonal without spillovers.
    lone : array, shape (period, quarter, series)
        Weight of what is a quarter's own and does not last, likewise.
    """

    law: Law
    mean: Floats
    common: Floats
    own: Floats
    lone: Floats

    @property
    def spread(self) -> Floats:
        """Standard deviation of what each quarter's news adds where r is one, shape (period, quarter, series), pp."""
        spread: Floats = np.sqrt(self.common**2 + (self.own**2).sum(axis=-1) + self.lone**2)
        return spread

    @property
    def trend(self) -> Floats:
        """Standard deviation of the trend's error, shape (series,), percentage points."""
        trend: Floats = np.hypot(self.law.trend_common, self.law.trend_own)
        return trend

    @property
    def deviation(self) -> Floats:
        """Standard deviation of each figure without shocks, shape (period, series), percentage points."""
        deviation: Floats = np.hypot(np.sqrt((self.spread**2).sum(axis=1)), self.trend)
        return deviation

    @cached_property
    def weights(self) -> Singles:
        """Matrix that turns pieces into figures, shape (2 x quarter x series, piece).

        Figures are single quarters, then cumulative growth. Pieces are one, the common trend error, each indicator's
        own trend error, then for each quarter the common news and each indicator's own news, lasting and, if there is
        any, not.
        """
        law = self.law
        periods, quarters, series = self.common.shape
        trends = np.column_stack([law.trend_common, np.diag(law.trend_own)])
        parts = [self.common[:, :, None], self.own.swapaxes(2, 3)]
        if self.lone.any():
            parts.append(self.lone[:, :, :, None] * np.eye(series))
        news = np.concatenate(parts, axis=2)  # (period, quarter, piece, series)
        pieces = [self.mean[..., None], np.tile(trends, (periods, 1, 1))]  # (period, series, piece)
        pieces += [news[:, quarter].swapaxes(1, 2) for quarter in range(quarters)]
        weights = split_periods(np.concatenate(pieces, axis=2))
        return weights.reshape(2 * quarters * series, -1).astype(np.float32)

    def find_cumulative(self, quarter: int) -> int:
        """Find the period that runs from January to the end of a quarter.

        Parameters
        ----------
        quarter : int
            Counted from 0.

        Returns
        -------
        int
            Its place among periods.
        """
        quarters = len(self.law.path)
        return quarters + quarter - 1 if quarter else 0

    def place_cumulative(self, quarters: Sequence[int]) -> NDArray[np.int64]:
        """Find cumulative figures among periods by series, flattened.

        Parameters
        ----------
        quarters : sequence of int
            Counted from 0.

        Returns
        -------
        array of int, shape (quarter x series,)
            Places in the order of quarters, then series.
        """
        series = self.mean.shape[1]
        periods = np.array([self.find_cumulative(quarter) for quarter in quarters])
        places: NDArray[np.int64] = (periods[:, None] * series + np.arange(series)).reshape(-1)
        return places

    def split_cumulative(self, figures: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Split places of cumulative figures into quarters and series; the inverse of `place_cumulative`.

        Parameters
        ----------
        figures : array of int
            Places among periods by series, flattened.

        Returns
        -------
        quarters, series : array of int, shape of `figures`
        """
        periods, series = np.divmod(figures, self.mean.shape[1])
        return np.maximum(periods - len(self.law.path) + 1, 0), series


def reduce_law(law: Law) -> Reduced:
    """Work out the reduced form of a law of motion.

    Parameters
    ----------
    law : Law

    Returns
    -------
    Reduced

    See Also
    --------
    sim.model.growth.compute_moments : Mean and covariance of the same law.
    sim.engine.paths.start_growth : Paths from the reduced form.

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
        powers.append(multiply(law.persistence, powers[-1]))
    common = np.zeros((quarters, quarters, series))
    own = np.zeros((quarters, quarters, series, series))
    for news in range(quarters):
        for quarter in range(news, quarters):
            common[quarter, news] = multiply(powers[quarter - news], law.innovation_common)  # (series,)
            own[quarter, news] = powers[quarter - news] * law.innovation_own  # (series, series)
    shares = law.shares
    return Reduced(
        law=law,
        mean=stack_periods(compute_moments(law)[0], shares),
        common=stack_periods(common, shares[:, None, :]),
        own=stack_periods(own, shares[:, None, :, None]),
        lone=stack_periods(np.eye(quarters)[:, :, None] * law.quarter_own, shares[:, None, :]),
    )


def split_periods(periods: Floats) -> Floats:
    """Split the periods of a year into single quarters and cumulative figures.

    Parameters
    ----------
    periods : array, shape (period, ...)
        As `stack_periods` stacks them.

    Returns
    -------
    array, shape (2, quarter, ...)
        Single quarters, then cumulative figures; the first quarter stands in both.

    See Also
    --------
    sim.model.accounting.stack_periods : The inverse.

    Examples
    --------
    >>> split_periods(np.array([4.0, 6.0, 5.5])).tolist()
    [[4.0, 6.0], [4.0, 5.5]]
    """
    quarters = (len(periods) + 1) // 2
    return np.stack([periods[:quarters], np.concatenate([periods[:1], periods[quarters:]])])
