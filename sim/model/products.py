"""Matrix products whose bits do not depend on how many threads a linear algebra library takes.

Such a library shares a large product among threads, and the last bits depend on how it was shared. Here no call is
large enough to be shared.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Singles

__all__ = ["mix", "multiply", "weigh"]

Numbers = TypeVar("Numbers", np.float32, np.float64)
_MATRIX, _VECTOR = 1 << 18, 9000
"""Multiplications up to which OpenBLAS keeps to one thread: of two matrices, and of a matrix and a vector."""
_MOST_COLUMNS, _FEWEST_COLUMNS = 128, 16
"""Paths of one product. Part of the algorithm: the last bits of a product depend on its number of columns."""
_SUMMED = 512  # samples whose sum is in the precision of the values


def mix(weights: Singles, pieces: Singles) -> Singles:
    """Multiply weights by pieces so that a path's bits do not depend on how many other paths there are.

    Parameters
    ----------
    weights : array of float32, shape (figure, piece)
    pieces : array of float32, shape (piece, path)

    Returns
    -------
    array of float32, shape (figure, path)
        The matrix product, in the unit of `weights`.

    Notes
    -----
    Cuts the product into blocks of 128 columns, or of fewer and of some rows where there are many weights; the last
    one is padded with zeros. The bits are the same on one kind of processor; another kind may add in another order.

    Examples
    --------
    >>> mix(np.float32([[1, 2]]), np.float32([[1, 0, 3], [0, 1, 1]])).tolist()
    [[1.0, 2.0, 5.0]]
    """
    count, columns = pieces.shape[1], _MOST_COLUMNS
    while columns > _FEWEST_COLUMNS and weights.size * columns > _MATRIX:
        columns //= 2
    rows = max(1, _MATRIX // max(weights.shape[1] * columns, 1))
    products = -(-count // columns)
    if count % columns:
        pieces = np.pad(pieces, ((0, 0), (0, products * columns - count)))
    mixed = np.empty((len(weights), products * columns), np.float32)
    cut, cut_mixed = (array.reshape(len(array), products, columns).swapaxes(0, 1) for array in (pieces, mixed))
    for first in range(0, len(weights), rows):
        some = slice(first, first + rows)
        np.matmul(weights[some], cut, out=cut_mixed[:, some])  # (figure, piece) by (product, piece, column)
    return mixed[:, :count]


def multiply(first: NDArray[Numbers], second: NDArray[Numbers]) -> NDArray[Numbers]:
    """Multiply matrices, a part of what is summed at a time.

    Parameters
    ----------
    first : array, shape (row, summed)
    second : array, shape (summed, column) or (summed,)

    Returns
    -------
    array, shape (row, column) or (row,)

    Examples
    --------
    >>> multiply(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])).tolist()
    [[11.0]]
    """
    columns = second.shape[1] if second.ndim == 2 else 1
    most = _VECTOR if 1 in (len(first), columns) else _MATRIX
    length = max(1, most // max(len(first) * columns, 1))
    product = first[:, :length] @ second[:length]
    for start in range(length, len(second), length):
        product += first[:, start : start + length] @ second[start : start + length]
    return product


def weigh(values: NDArray[Numbers], weights: NDArray[Numbers]) -> Floats:
    """Sum values over samples by weights.

    Parameters
    ----------
    values : array, shape (..., sample)
    weights : array, shape (sample,)

    Returns
    -------
    array of float64, shape (...)
        Of singles as well: what some hundred samples add up to is added in double precision.

    Examples
    --------
    >>> weigh(np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([0.5, 0.5])).tolist()
    [1.5, 4.0]
    """
    whole = len(weights) // _SUMMED * _SUMMED
    cut = values[..., :whole].reshape(*values.shape[:-1], -1, _SUMMED)
    parts = np.einsum("...cn,cn->...c", cut, weights[:whole].reshape(-1, _SUMMED))
    rest = np.einsum("...n,n->...", values[..., whole:], weights[whole:])
    summed: Floats = parts.sum(axis=-1, dtype=np.float64) + rest
    return summed
