"""Histograms of many series at once, on fine grids that are fixed before anything is counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim._typing import Floats, Ints, Singles

__all__ = ["BINS", "Histogram"]

BINS = 4096
"""Bins of each series."""


_AROUND = 0.02  # of the counts on either side of a quantile


_ROWS = 3  # counted at once: they stay in a core's fast memory


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Histogram:
    """Counts of many series on fine grids of their own; they grow in place.

    Attributes
    ----------
    low, width : array, shape (series,)
        Lower end and bin width of each series' grid.
    counts : array, shape (series, BINS)
    """

    low: Floats
    width: Floats
    counts: Ints

    def add(self, values: Singles, first: int = 0, weights: Ints | None = None) -> None:
        """Count values; those beyond a grid's end go into its last bin.

        Parameters
        ----------
        values : array, shape (series, path)
        first : int
            Row of the first series.
        weights : array of int, shape (path,), optional
            As how many each path counts; sums must stay below 2^53.
        """
        for start in range(0, len(values), _ROWS):
            rows = slice(first + start, first + min(start + _ROWS, len(values)))
            low, scale = (each[rows, None].astype(np.float32) for each in (self.low, 1 / self.width))
            position = values[start : start + _ROWS] - low
            position *= scale
            np.clip(position, 0, BINS - 1, out=position)
            bins = position.astype(np.int32)
            bins += np.arange(0, BINS * len(bins), BINS, dtype=np.int32)[:, None]
            each = None if weights is None else np.tile(weights, len(bins))
            counted = np.bincount(bins.reshape(-1), weights=each, minlength=BINS * len(bins))
            self.counts[rows] += counted.astype(np.int64, copy=False).reshape(-1, BINS)

    def find_quantiles(self, levels: Floats) -> Floats:
        """Find quantiles, interpolated within a bin.

        Parameters
        ----------
        levels : array, shape (level,)
            Between 0 and 1.

        Returns
        -------
        array, shape (series, level)
            Off by less than a bin's width.
        """
        found = np.empty((len(self.counts), len(levels)))
        for row, counts in enumerate(self.counts):
            cumulative = np.concatenate([[0], np.cumsum(counts)])
            wanted = levels * cumulative[-1]
            bins = np.clip(np.searchsorted(cumulative, wanted, side="left") - 1, 0, BINS - 1)
            inside = (wanted - cumulative[bins]) / np.maximum(counts[bins], 1)
            found[row] = self.low[row] + (bins + inside) * self.width[row]
        return found

    def find_density(self, levels: Floats) -> Floats:
        """Estimate the density at quantiles, over a fiftieth of the counts on either side.

        Parameters
        ----------
        levels : array, shape (level,)
            Between 0 and 1.

        Returns
        -------
        array, shape (series, level)
            Per unit of the series.
        """
        low, high = (self.find_quantiles(np.clip(levels + side, 0, 1)) for side in (-_AROUND, _AROUND))
        density: Floats = 2 * _AROUND / np.maximum(high - low, 1e-9)
        return density
