"""Streams of random numbers: no other place makes a generator."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from sim._typing import Singles

__all__ = ["BLOCK", "draw_calibration", "draw_latin", "draw_normals", "draw_words", "make_normals", "open_stream"]

BLOCK = 65_536
"""Paths of a block. Part of the algorithm: another value gives other draws."""


_STEP = 1024  # normals are made for a multiple of so many paths


@cache
def _hash(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big")


def open_stream(seed: int, name: str, block: int) -> np.random.Generator:
    """Open the stream of a component and block; no other place makes a generator."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(_hash(name), block))))


def draw_words(stream: np.random.Generator, count: int) -> NDArray[np.uint32]:
    """Draw `count` uniform 32-bit words (even). `integers` releases the interpreter's lock; `random_raw` does not."""
    drawn = stream.integers(0, 2**64 - 1, count // 2, dtype=np.uint64, endpoint=True)
    return drawn.view(np.uint32)


def draw_normals(seed: int, name: str, index: int, count: int) -> NDArray[np.float64]:
    """Draw standard normals of a component that is not part of a path, such as the errors of a calibration.

    Parameters
    ----------
    seed : int
    name : str
        Names the stream.
    index : int
        Another index gives independent draws.
    count : int

    Returns
    -------
    array, shape (count,)
    """
    return open_stream(seed, name, index).standard_normal(count)


def draw_calibration(seed: int, names: Sequence[str], index: int) -> dict[str, float]:
    """Draw the normals of one calibration, a stream a number: the plain way, which nets are held against."""
    return {name: float(draw_normals(seed, f"calibration/{name}", index, 1)[0]) for name in names}


def draw_latin(seed: int, name: str, count: int) -> NDArray[np.float64]:
    """Draw one uniform from each of `count` equal parts of (0, 1), in random order.

    Parameters
    ----------
    seed : int
    name : str
        Names the stream.
    count : int

    Returns
    -------
    array, shape (count,)

    Examples
    --------
    >>> sorted((draw_latin(1, "a", 4) * 4).astype(int).tolist())
    [0, 1, 2, 3]
    """
    stream = open_stream(seed, f"latin/{name}", 0)
    return (stream.permutation(count) + stream.random(count)) / count


def make_normals(stream: np.random.Generator, out: Singles) -> None:
    """Fill an array with the standard normals of the first paths of a block.

    Parameters
    ----------
    stream : Generator
    out : array of float32, shape (row, path)
        At most a block of paths.

    Notes
    -----
    Box and Muller's transform (1958, Ann. Math. Stat. 29, 610), on numpy's vector units about twice as fast as numpy's
    own normals. None is beyond 5.8 standard deviations because the uniforms have 24 bits.
    """
    rows, count, half = *out.shape, BLOCK // 2
    needed = min(-(-count // _STEP) * _STEP, BLOCK)  # whole steps: a cut must not end in a shorter vector
    words = draw_words(stream, 2 * rows * half).reshape(2, rows, half)  # twice as fast as Generator.random
    radius, angle = (words[:, :, :needed] >> np.uint32(8)).astype(np.float32)
    radius *= np.float32(-(2.0**-24))
    radius += 1  # in (0, 1], so that its logarithm is finite
    np.log(radius, out=radius)
    radius *= -2
    np.sqrt(radius, out=radius)
    angle *= np.float32(2 * np.pi * 2.0**-24)
    whole = out if count == needed else np.empty((rows, needed), np.float32)
    for turned, turn in ((whole[:, :half], np.cos), (whole[:, half:], np.sin)):
        columns = turned.shape[1]
        turn(angle[:, :columns], out=turned)
        turned *= radius[:, :columns]
    if count < needed:
        out[:] = whole[:, :count]
