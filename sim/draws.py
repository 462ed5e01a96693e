"""Draws: everything random, made here and nowhere else.

Every component has a stream of its own, seeded by its name and the number of a block of paths. So adding an
indicator or a shock leaves every other draw alone, and cutting a run into chunks changes nothing, to the bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.model import Model

__all__ = ["BLOCK", "Draws", "draw", "draw_blocks"]

BLOCK = 8192
"""Paths of a block: part of the algorithm, as another value would give other draws."""

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Draws:
    """Everything random in a number of paths.

    Attributes
    ----------
    seed : int
    first_block : int
        Number of the block that the first path belongs to.
    n_paths : int
    common, scale : array, shape (quarter, path)
        Common factor of a quarter's news, standard normal; root of the heavy-tail scale,
        whose square has mean one.
    own : array, shape (quarter, series, path)
        Own news of each indicator, standard normal.
    trend_common : array, shape (path,)
        Common error of the trend, standard normal.
    trend_own : array, shape (series, path)
        Own error of each indicator's trend, standard normal.

    Notes
    -----
    The path is the last axis: what the simulation does to all paths at once then runs over contiguous memory.
    """

    seed: int
    first_block: int
    n_paths: int
    common: Singles
    scale: Singles
    own: Singles
    trend_common: Singles
    trend_own: Singles

    def draw_shock(self, name: str) -> NDArray[np.float64]:
        """Uniform draws of the shock of a name: occurrence, onset, size.

        Returns
        -------
        array, shape (3, path)
            Strictly between 0 and 1; the same whatever else a scenario holds.
        """
        uniforms = np.empty((3, self.n_paths))
        for block, span, count in _cut(self.n_paths, self.first_block):
            drawn = _open_stream(self.seed, f"shock/{name}", block).random((3, BLOCK))
            uniforms[:, span] = drawn[:, :count]
        uniforms += 2.0**-54  # never exactly 0, where an unbounded law has no quantile
        return uniforms


def _open_stream(seed: int, name: str, block: int) -> np.random.Generator:
    """The generator of a component and block; the only place that makes one."""
    key = int.from_bytes(sha256(name.encode()).digest()[:8], "big")
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(key, block))))


def _cut(n_paths: int, first_block: int) -> Iterator[tuple[int, slice, int]]:
    for start in range(0, n_paths, BLOCK):
        count = min(BLOCK, n_paths - start)
        yield first_block + start // BLOCK, slice(start, start + count), count


def draw(model: Model, n_paths: int = 100_000, seed: int = 2024, first_block: int = 0) -> Draws:
    """Draw everything random in a number of paths.

    Parameters
    ----------
    model : Model
    n_paths : int
        At least 1.
    seed : int
        Same seed, same bits.
    first_block : int
        Number of the first block of paths; path n of block b is the same path however it is reached.

    Returns
    -------
    Draws
        With read-only arrays.

    Examples
    --------
    >>> import sim
    >>> model = sim.calibrate(sim.read_plan("qingdao-2024"))
    >>> draws = sim.draw(model, n_paths=1000, seed=1)
    >>> draws.own.shape
    (4, 6, 1000)
    """
    quarters, series = model.law.path.shape
    common = np.empty((quarters, n_paths), np.float32)
    scale = np.empty((quarters, n_paths), np.float32)
    own = np.empty((quarters, series, n_paths), np.float32)
    trend_common = np.empty(n_paths, np.float32)
    trend_own = np.empty((series, n_paths), np.float32)
    normals = np.empty((quarters + 1, BLOCK), np.float32)
    half = model.law.degrees_of_freedom / 2
    for block, span, count in _cut(n_paths, first_block):
        stream = _open_stream(seed, "common", block)
        stream.standard_normal(out=normals, dtype=np.float32)
        common[:, span], trend_common[span] = normals[:-1, :count], normals[-1, :count]
        if np.isfinite(half):
            drawn = _open_stream(seed, "scale", block).standard_gamma(half, (quarters, BLOCK), dtype=np.float32)
            scale[:, span] = np.sqrt(np.float32(half - 1) / drawn[:, :count])
        else:
            scale[:, span] = 1
        for number, indicator in enumerate(model.plan.indicators):
            stream = _open_stream(seed, f"indicator/{indicator.id}", block)
            stream.standard_normal(out=normals, dtype=np.float32)
            own[:, number, span], trend_own[number, span] = normals[:-1, :count], normals[-1, :count]
    for array in (common, scale, own, trend_common, trend_own):
        array.setflags(write=False)
    return Draws(seed, first_block, n_paths, common, scale, own, trend_common, trend_own)


def draw_blocks(model: Model, n_paths: int, seed: int) -> Iterator[Draws]:
    """The draws of `draw`, one block of paths at a time, in memory that does not grow with their number."""
    for block, _, count in _cut(n_paths, 0):
        yield draw(model, count, seed, block)
