"""Sobol's net in base 2, scrambled and shifted: points that fill the unit cube evenly.

Written out because `scipy.stats.qmc` takes a second to import and several times as long to draw many shifts of a net.
The tests hold the two against each other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["BITS", "MOST_DIMENSIONS", "find_directions", "lay_net", "scramble"]

BITS = 32


_TABLE = """
3 1; 7 1 3; 11 1 3 1; 13 1 1 1; 19 1 1 3 3; 25 1 3 5 13; 37 1 1 5 5 17; 41 1 1 5 5 5; 47 1 1 7 11 19; 55 1 1 5 1
1; 59 1 1 1 3 11; 61 1 3 5 5 31; 67 1 3 3 9 7 49; 91 1 1 1 15 21 21; 97 1 3 1 13 27 49; 103 1 1 1 15 7 5; 109 1
3 1 15 13 25; 115 1 1 5 5 19 61; 131 1 3 7 11 23 15 103; 137 1 3 7 13 13 15 69; 143 1 1 3 13 7 35 63; 145 1 3 5
9 1 25 53; 157 1 3 1 13 9 35 107; 167 1 3 1 5 27 61 31; 171 1 1 5 11 19 41 61; 185 1 3 5 3 3 13 69; 191 1 1 7 13
1 19 1; 193 1 3 7 5 13 19 59; 203 1 1 3 9 25 29 41; 211 1 3 5 13 23 1 55; 213 1 3 7 3 13 59 17; 229 1 3 1 3 5 53
69; 239 1 1 5 5 23 33 13; 241 1 1 7 7 1 61 123; 247 1 1 7 9 13 61 49; 253 1 3 3 5 3 55 33; 285 1 3 1 15 31 13 49
245; 299 1 3 5 15 31 59 63 97; 301 1 3 1 11 11 11 77 249; 333 1 3 1 11 27 43 71 9; 351 1 1 7 15 21 11 81 45; 355
1 3 7 3 25 31 65 79; 357 1 3 1 1 19 11 3 205; 361 1 1 5 9 19 21 29 157; 369 1 3 7 11 1 33 89 185; 391 1 3 3 3 15
9 79 71; 397 1 3 7 11 15 39 119 27
"""
"""Primitive polynomial and first direction numbers from the second dimension on: Joe and Kuo (2008, SIAM Journal on
Scientific Computing 30, 2635), table new-joe-kuo-6."""


MOST_DIMENSIONS = 1 + len(_TABLE.split(";"))


Words = NDArray[np.uint32]


def find_directions(dimensions: int) -> Words:
    """Find the direction numbers of a net.

    Parameters
    ----------
    dimensions : int
        From 1 to `MOST_DIMENSIONS`.

    Returns
    -------
    array of uint32, shape (dimension, bit)
        Fractions of 2^32.

    Raises
    ------
    ValueError
        If there are more dimensions than the table has.

    Examples
    --------
    >>> find_directions(1)[0, :3] / 2**32
    array([0.5  , 0.25 , 0.125])
    """
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise ValueError(f"{dimensions} dimensions; allowed: 1 to {MOST_DIMENSIONS}")
    rows = [[1] * BITS]
    for entry in _TABLE.split(";")[: dimensions - 1]:
        polynomial, *numbers = (int(word) for word in entry.split())
        degree = len(numbers)
        for bit in range(degree, BITS):
            number = numbers[bit - degree] ^ (numbers[bit - degree] << degree)
            for term in range(1, degree):
                if polynomial >> (degree - term) & 1:
                    number ^= numbers[bit - term] << term
            numbers.append(number)
        rows.append(numbers)
    return np.array([[number << (BITS - 1 - bit) for bit, number in enumerate(row)] for row in rows], np.uint32)


def scramble(directions: Words, rows: Words) -> Words:
    """Scramble direction numbers by a random triangular matrix for each dimension.

    Parameters
    ----------
    directions : array of uint32, shape (dimension, bit)
    rows : array of uint32, shape (dimension, bit)
        Random words, the rows of the matrices; the bits of row i below the i-th highest are not used.

    Returns
    -------
    array of uint32, shape (dimension, bit)

    Notes
    -----
    Matousek's linear scrambling (1998, Journal of Complexity 14, 527).
    """
    place = np.arange(BITS, dtype=np.uint32)
    unit = np.uint32(1) << (np.uint32(BITS - 1) - place)
    triangular = (rows & ~((unit << np.uint32(1)) - np.uint32(1))) | unit
    parity = np.bitwise_count(triangular[:, :, None] & directions[:, None, :]) & 1  # (dimension, row, bit)
    mixed: Words = (parity.astype(np.uint32) * unit[:, None]).sum(axis=1, dtype=np.uint32)
    return mixed


def lay_net(directions: Words, shifts: Words, count: int) -> NDArray[np.float64]:
    """Lay the first points of a net under several digital shifts.

    Parameters
    ----------
    directions : array of uint32, shape (dimension, bit)
    shifts : array of uint32, shape (dimension, replicate)
        Added bit by bit, without carry, to every point of a replicate.
    count : int
        A power of two.

    Returns
    -------
    array, shape (dimension, replicate, point)
        Uniform, strictly between 0 and 1.

    See Also
    --------
    sim.engine.draws.draw_net : Draws the scrambling and the shifts.

    Examples
    --------
    >>> lay_net(find_directions(2), np.zeros((2, 1), np.uint32), 4)[:, 0].round(3)
    array([[0.  , 0.5 , 0.25, 0.75],
           [0.  , 0.5 , 0.75, 0.25]])
    """
    levels = count.bit_length() - 1
    assert count == 1 << levels
    words = np.zeros((len(directions), count), np.uint32)  # (dimension, point)
    for level in range(levels):
        half = 1 << level
        np.bitwise_xor(words[:, :half], directions[:, level, None], out=words[:, half : 2 * half])
    points: NDArray[np.float64] = ((words[:, None, :] ^ shifts[:, :, None]) + np.float64(0.5)) * 2.0**-BITS
    return points
