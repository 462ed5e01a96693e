"""Nets: scrambled Sobol points under independent shifts, some by a name of their own."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.engine.streams import draw_words, open_stream

__all__ = ["REPLICATES", "draw_base_net", "draw_named_net", "draw_net"]

REPLICATES = 16
"""Independent shifts of a net; standard errors come from the spread of their means."""


def draw_net(seed: int, dimensions: int, count: int, replicates: range = range(REPLICATES)) -> NDArray[np.float64]:
    """Draw a scrambled Sobol net under independent digital shifts.

    Parameters
    ----------
    seed : int
    dimensions : int
        A further dimension leaves the others alone.
    count : int
        Points of a replicate, a power of two; a larger net begins with the same points.
    replicates : range
        Numbers of the shifts.

    Returns
    -------
    array, shape (dimension, replicate, point)
        Uniform, strictly between 0 and 1.

    Raises
    ------
    ValueError
        If the net has more dimensions than its table.

    See Also
    --------
    sim.engine.sobol.lay_net : Lays the points.

    Examples
    --------
    >>> points = draw_net(2024, 3, 64)
    >>> points.shape, bool(np.abs(points.mean(axis=2) - 0.5).max() < 1 / 64)
    ((3, 16, 64), True)
    """
    from sim.engine.sobol import BITS, find_directions, lay_net, scramble

    rows, shifts = np.empty((dimensions, BITS), np.uint32), np.empty((dimensions, len(replicates)), np.uint32)
    for dimension in range(dimensions):
        words = draw_words(open_stream(seed, "net", dimension), 2 * (BITS + replicates.stop))[::2]
        rows[dimension], shifts[dimension] = words[:BITS], words[BITS:][replicates.start :]
    return lay_net(scramble(find_directions(dimensions), rows), shifts, count)


def draw_named_net(
    seed: int, name: str, dimensions: int, count: int, replicates: range = range(REPLICATES)
) -> NDArray[np.float64]:
    """Draw a scrambled Sobol net of its own for what bears a name, in an order of its own.

    Whatever else is drawn changes none of its bits: a shock's coordinates go by the shock's name, a number's by the
    number's.

    Parameters
    ----------
    seed : int
    name : str
    dimensions : int
        Of the net; few, as the nets of different names are stratified each for itself and paired at random.
    count : int
        Points of a replicate, a power of two; more points begin with the same ones.
    replicates : range
        Which of the shifts.

    Returns
    -------
    array, shape (dimension, replicate, point)
        Uniform, strictly between 0 and 1.

    Notes
    -----
    Latin supercube sampling (Owen 1998, ACM TOMACS 8, 71): each net's points are permuted. The permutation is nested,
    so that the first 2^j points are a net for every j.

    Examples
    --------
    >>> points = draw_named_net(2024, "shock/slump", 2, 64)
    >>> points.shape, bool((np.sort(points[0, 0] * 64).astype(int) == np.arange(64)).all())
    ((2, 16, 64), True)
    """
    from sim.engine.sobol import BITS, find_directions, lay_net, scramble

    rows = draw_words(open_stream(seed, f"net/{name}", 0), 2 * dimensions * BITS)[::2].reshape(dimensions, BITS)
    shifts = draw_words(open_stream(seed, f"net/{name}", 1), 2 * dimensions * REPLICATES)[::2]
    chosen = shifts.reshape(dimensions, REPLICATES)[:, replicates.start : replicates.stop]
    net = lay_net(scramble(find_directions(dimensions), rows), chosen, count)
    return net[..., _draw_nested_order(seed, name, count)]


def draw_base_net(seed: int, dimensions: int, count: int, replicates: range = range(REPLICATES)) -> NDArray[np.float64]:
    """Draw a net of as many dimensions as are asked for: those beyond the table of directions are nets of their own.

    Parameters
    ----------
    seed : int
    dimensions : int
    count : int
        Points of a replicate, a power of two.
    replicates : range

    Returns
    -------
    array, shape (dimension, replicate, point)
    """
    from sim.engine.sobol import MOST_DIMENSIONS

    nets = [draw_net(seed, min(dimensions, MOST_DIMENSIONS), count, replicates)]
    nets += [
        draw_named_net(seed, f"base/{number}", 1, count, replicates) for number in range(MOST_DIMENSIONS, dimensions)
    ]
    return nets[0] if len(nets) == 1 else np.concatenate(nets)


@lru_cache(maxsize=512)
def _draw_nested_order(seed: int, name: str, count: int) -> NDArray[np.intp]:
    """Permute places so that the first 2^j stay the first 2^j for every j, each block by a random binary tree."""
    stream = open_stream(seed, f"net/{name}", 2)
    order = np.zeros(count, np.intp)
    for level in range(count.bit_length() - 1):
        size = 1 << level
        flips = draw_words(stream, max(size, 2)) & 1  # a node each: of the block's bit b, size >> (b + 1) nodes
        inside, first = np.arange(size), 0
        permuted = np.zeros(size, np.intp)
        for bit in range(level):
            permuted |= (((inside >> bit) & 1) ^ flips[first + (inside >> (bit + 1))]) << bit
            first += size >> (bit + 1)
        order[size : 2 * size] = size + permuted
    order.setflags(write=False)
    return order
