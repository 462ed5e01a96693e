"""Growth accounting: figures of single quarters, and from January to each quarter's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim._typing import Float

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["accumulate", "difference", "stack_periods"]


def accumulate(single: NDArray[Float], shares: NDArray[Float]) -> NDArray[Float]:
    """Turn growth of single quarters into cumulative growth: C[q] = sum(w[p] y[p], p <= q) / sum(w[p], p <= q).

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

    See Also
    --------
    difference : The inverse.
    stack_periods : Both kinds of figures in one array.

    Notes
    -----
    Exact for a level at fixed prices: the growth of a sum is the mean of its parts' growth, weighted by the parts'
    levels a year ago.

    Examples
    --------
    >>> import numpy as np
    >>> accumulate(np.array([4.0, 6.0]), np.array([0.25, 0.75])).tolist()
    [4.0, 5.5]
    """
    cumulative: NDArray[Float] = single * shares  # (quarter, ...)
    for quarter in range(1, len(cumulative)):  # several times faster than np.cumsum along the first axis
        cumulative[quarter] += cumulative[quarter - 1]
    cumulative /= shares.cumsum(axis=0)
    return cumulative


def stack_periods(single: NDArray[Float], shares: NDArray[Float]) -> NDArray[Float]:
    """Stack growth of single quarters on cumulative growth from the second quarter on: the periods of a year.

    Parameters
    ----------
    single : array, shape (quarter, ...)
        Year-on-year growth of single quarters, %.
    shares : array, shape (quarter, ...)
        Share of each quarter in the base year's level; broadcasts against `single`.

    Returns
    -------
    array, shape (period, ...)
        %. Periods are Q1, Q2, Q3, Q4, then H1, Q1-Q3 and the year: one less than twice as many as quarters.

    See Also
    --------
    sim.model.reduced_form.split_periods : Takes them apart again.

    Examples
    --------
    >>> import numpy as np
    >>> stack_periods(np.array([4.0, 6.0]), np.array([0.25, 0.75])).tolist()
    [4.0, 6.0, 5.5]
    """
    import numpy as np

    return np.concatenate([single, accumulate(single, shares)[1:]])


def difference(cumulative: NDArray[Float], shares: NDArray[Float]) -> NDArray[Float]:
    """Recover growth of single quarters from cumulative growth.

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

    See Also
    --------
    accumulate : The inverse.

    Examples
    --------
    >>> import numpy as np
    >>> difference(np.array([4.0, 5.5]), np.array([0.25, 0.75])).tolist()
    [4.0, 6.0]
    """
    total = cumulative * shares.cumsum(axis=0)  # (quarter, ...): growth to date in shares of the year's level
    single: NDArray[Float] = total.copy()
    single[1:] -= total[:-1]
    single /= shares
    return single
