"""Accounting of growth: figures of single quarters and of the year to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim._typing import Float

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["accumulate", "difference", "stack_periods"]


def accumulate(single: NDArray[Float], shares: NDArray[Float]) -> NDArray[Float]:
    """Cumulative growth from single quarters: C[q] = sum(w[p] y[p], p <= q) / sum(w[p], p <= q).

    Parameters
    ----------
    single : array, shape (quarter, ...)
        Year-on-year growth of single quarters, %.
    shares : array, shape (quarter, ...)
        Share of each quarter in the base year's level; broadcasts against `single`.

    Returns
    -------
    array, shape of `single`
        Cumulative year-on-year growth, %; the last quarter's is the year's.

    Notes
    -----
    Exact for a level measured at fixed prices: growth of a sum is the mean of the parts' growth, weighted
    by the parts' levels a year ago.

    Examples
    --------
    >>> import numpy as np
    >>> accumulate(np.array([4.0, 6.0]), np.array([0.25, 0.75])).tolist()
    [4.0, 5.5]
    """
    cumulative: NDArray[Float] = single * shares
    for quarter in range(1, len(cumulative)):  # several times faster than numpy's cumsum along a first axis
        cumulative[quarter] += cumulative[quarter - 1]
    cumulative /= shares.cumsum(axis=0)
    return cumulative


def stack_periods(single: NDArray[Float], shares: NDArray[Float]) -> NDArray[Float]:
    """Single quarters above cumulative figures from the second quarter on.

    Parameters
    ----------
    single : array, shape (quarter, ...)
        Year-on-year growth of single quarters, %.
    shares : array, shape (quarter, ...)
        Share of each quarter in the base year's level; broadcasts against `single`.

    Returns
    -------
    array, shape (period, ...)
        Twice as many rows as quarters, less one; the last is the year.

    Examples
    --------
    >>> import numpy as np
    >>> stack_periods(np.array([4.0, 6.0]), np.array([0.25, 0.75])).tolist()
    [4.0, 6.0, 5.5]
    """
    import numpy as np

    return np.concatenate([single, accumulate(single, shares)[1:]])


def difference(cumulative: NDArray[Float], shares: NDArray[Float]) -> NDArray[Float]:
    """Single quarters from cumulative growth; the inverse of `accumulate`.

    Parameters
    ----------
    cumulative : array, shape (quarter, ...)
        Cumulative year-on-year growth, %.
    shares : array, shape (quarter, ...)
        Share of each quarter in the base year's level.

    Returns
    -------
    array, shape of `cumulative`
        Year-on-year growth of single quarters, %.

    Examples
    --------
    >>> import numpy as np
    >>> difference(np.array([4.0, 5.5]), np.array([0.25, 0.75])).tolist()
    [4.0, 6.0]
    """
    total = cumulative * shares.cumsum(axis=0)
    single: NDArray[Float] = total.copy()
    single[1:] -= total[:-1]
    single /= shares
    return single
