"""Random draws: all of them are made here and nowhere else.

Every component (indicator, target, shock) has a stream of its own, seeded by its name and the number of a block of
paths. So another indicator or shock leaves every other draw alone, and cutting a run into chunks changes no bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Singles
from sim.engine.streams import BLOCK, draw_words, make_normals, open_stream
from sim.errors import InputError, blame, blame_kind
from sim.inputs.plan.plan import Plan
from sim.learning.loading import take_model
from sim.model.model import Model
from sim.results.settings import RunSettings, check_settings

__all__ = []


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class Draws:
    """Everything random in a number of paths.

    Attributes
    ----------
    seed : int
    first_block : int
        Number of the block that the first path belongs to.
    n_paths : int
    redrawn : bool
        Whether each path has a calibration of its own.
    held : mapping of str to float, optional
        Normals of the numbers of one calibration that all paths have instead; those not named are nil.
    shifted : mapping of str to array, optional
        Normals of some numbers that are drawn otherwise, as published figures ask.
    common, levels : array, shape (quarter, path)
        Common factor of a quarter's news, and level of the heavy-tail scale, standard normal.
    own : array, shape (quarter, series, path)
        Own news of each indicator, standard normal.
    quarter_own : array, shape (quarter, series, path)
        What is a quarter's own and does not last, likewise; without rows where the model has none of it.
    trend_common : array, shape (path,)
        Common error of the trend, standard normal.
    trend_own : array, shape (series, path)
        Own error of each indicator's trend, standard normal.
    delivery_common : array, shape (path,)
        What is common to all deliveries and milestones, standard normal.
    delivery_own : array, shape (delivery, path)
        Own speed of each delivery in the year, standard normal.
    delivery_quarter : array, shape (quarter, delivery, path)
        What is a quarter's own of it; of single arrivals, the wait for those that fall due in the quarter; likewise.
    milestone_own : array, shape (milestone, path)
        Own drive of each milestone, standard normal.
    first_path, n_drawn : int
        Of a part of paths that were drawn together: the first one's number among them, and their number; else zero.

    Notes
    -----
    The path is the last axis: what the simulation does to all paths at once then runs over contiguous memory.
    """

    seed: int
    first_block: int
    n_paths: int
    redrawn: bool
    common: Singles
    levels: Singles
    own: Singles
    quarter_own: Singles
    trend_common: Singles
    trend_own: Singles
    delivery_common: Singles
    delivery_own: Singles
    delivery_quarter: Singles
    milestone_own: Singles
    held: Mapping[str, float] | None = None
    shifted: Mapping[str, Floats] = field(default_factory=dict)
    first_path: int = 0
    n_drawn: int = 0
    _drawn: dict[str, NDArray[Any]] = field(default_factory=dict)

    def take(self, span: slice) -> Draws:
        """Take some of the paths, without copying them: what is drawn by name is drawn once for all of such parts.

        Parameters
        ----------
        span : slice
            From a first path to a last.

        Returns
        -------
        Draws
        """
        start, stop, _ = span.indices(self.n_paths)
        arrays = {name: getattr(self, name)[..., start:stop] for name in _ARRAYS}
        return replace(
            self,
            n_paths=stop - start,
            first_path=self.first_path + start,
            n_drawn=self.n_drawn or self.n_paths,
            shifted={name: normals[start:stop] for name, normals in self.shifted.items()},
            **arrays,
        )

    def _draw(self, name: str, make: Callable[[str, int, int], NDArray[Any]]) -> NDArray[Any]:
        """Draw a component block by block, or what was drawn of it for another part; shape (..., path)."""
        if name in self._drawn:
            held: NDArray[Any] = self._drawn[name][..., self.first_path : self.first_path + self.n_paths]
            return held
        total = self.n_drawn or self.n_paths
        parts = [make(name, block, count) for block, _, count in _cut(total, self.first_block)]
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
        if not self.n_drawn:
            return whole
        self._drawn[name] = whole
        return self._draw(name, make)

    def draw_numbers(self, names: Sequence[str]) -> dict[str, Floats]:
        """Draw standard normals that move numbers of the model, one stream a name.

        Returns
        -------
        dict of str to array, shape (path,)
            By name; the same whatever else is drawn. Of one calibration for all, shape (1,).
        """
        if self.held is not None:
            return {name: np.full(1, self.held.get(name, 0.0)) for name in names}

        def make(name: str, block: int, count: int) -> Singles:
            row = np.empty((1, count), np.float32)
            make_normals(open_stream(self.seed, name, block), row)
            return row.reshape(-1)

        return {
            name: self.shifted[name] if name in self.shifted else self._draw(f"number/{name}", make).astype(np.float64)
            for name in names
        }

    def draw_figure(self, name: str) -> Floats:
        """Draw uniforms by which a published figure lies within its cell, shape (path,), by its name."""

        def make(name: str, block: int, count: int) -> Floats:
            return np.asarray((draw_words(open_stream(self.seed, name, block), BLOCK)[:count] + 0.5) * 2.0**-32)

        return self._draw(f"figure/{name}", make)

    def draw_shock(self, name: str) -> NDArray[np.uint32]:
        """Draw occurrence, onset and size of the shock of a name.

        Parameters
        ----------
        name : str
            Names the stream.

        Returns
        -------
        array of uint32, shape (3, path)
            Uniform as fractions of 2^32; the same whatever other shocks a scenario holds.
        """

        def make(name: str, block: int, count: int) -> NDArray[np.uint32]:
            return draw_words(open_stream(self.seed, name, block), 3 * BLOCK).reshape(3, BLOCK)[:, :count]

        return self._draw(f"shock/{name}", make)

    def draw_part(self, name: str) -> NDArray[np.uint32]:
        """Draw which part of the mixture of a name comes true.

        Parameters
        ----------
        name : str
            Names the stream.

        Returns
        -------
        array of uint32, shape (path,)
            Uniform as fractions of 2^32.
        """

        def make(name: str, block: int, count: int) -> NDArray[np.uint32]:
            return draw_words(open_stream(self.seed, name, block), BLOCK)[:count]

        return self._draw(f"mixture/{name}", make)

    def __repr__(self) -> str:
        quarters, series, _ = self.own.shape
        return f"<Draws: {self.n_paths:,} paths of {quarters} quarters and {series} indicators, seed {self.seed}>"


_ARRAYS = (
    "common",
    "levels",
    "own",
    "quarter_own",
    "trend_common",
    "trend_own",
    "delivery_common",
    "delivery_own",
    "delivery_quarter",
    "milestone_own",
)


def _cut(n_paths: int, first_block: int) -> Iterator[tuple[int, slice, int]]:
    for start in range(0, n_paths, BLOCK):
        count = min(BLOCK, n_paths - start)
        yield first_block + start // BLOCK, slice(start, start + count), count


def check_draws(draws: Draws, model: Model) -> None:
    """Refuse draws of a model of another size.

    Raises
    ------
    InputError
        With what they are of.
    """
    if not isinstance(draws, Draws):
        raise InputError([blame_kind("draws", draws, "draws", "write sim.draw(model)")])
    due = (*model.law.path.shape, len(model.delivery_law.ids), len(model.milestone_law.ids))
    held = (*draws.own.shape[:2], len(draws.delivery_own), len(draws.milestone_own))
    if due != held:
        names = ("quarters", "indicators", "deliveries", "milestones")
        said = [", ".join(f"{count} {name}" for count, name in zip(each, names, strict=True)) for each in (held, due)]
        raise InputError([blame("draws", f"they are of {said[0]}; the model has {said[1]}", "write sim.draw(model)")])


def draw(
    model: Model | Plan | str | Path,
    n_paths: int = 100_000,
    seed: int = 2024,
    first_block: int = 0,
    *,
    redrawn: bool = True,
) -> Draws:
    """Draw everything random in a number of paths, shocks excepted.

    Parameters
    ----------
    model : Model, Plan, str or Path
        Its indicators and targets name the streams; its degrees of freedom make the scales.
    n_paths : int
        At least 1.
    seed : int
        Same seed, same bits.
    first_block : int
        Number of the first block of paths; path n of block b is the same path however it is reached.
    redrawn : bool
        Whether each path has a calibration of its own; else all follow the numbers as they are stated.

    Returns
    -------
    Draws
        With read-only arrays; `Draws.draw_shock` gives those of a shock.

    Raises
    ------
    InputError
        If the model is faulty, or a number out of range.

    See Also
    --------
    draw_blocks : The same, block by block.
    sim.simulate : Turns draws into paths.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model(sim.read_plan("qingdao-2024"))
    >>> draws = sim.draw(model, n_paths=1000, seed=1)
    >>> draws.own.shape
    (4, 6, 1000)
    """
    model = take_model(model)
    if isinstance(first_block, bool) or not isinstance(first_block, Integral) or first_block < 0:
        raise InputError([blame("first_block", f"{first_block!r}", "allowed: a whole number, 0 or more")])
    asked = check_settings(RunSettings(n_paths=n_paths, seed=seed), model.plan)
    n_paths, seed = asked.n_paths or n_paths, asked.seed
    law = model.law
    quarters, series = law.path.shape[:2]
    lone = series if law.quarter_own.any() else 0
    common = np.empty((quarters, n_paths), np.float32)
    levels = np.empty((quarters, n_paths), np.float32)
    own, quarter_own = (np.empty((quarters, rows, n_paths), np.float32) for rows in (series, lone))
    trend_common = np.empty(n_paths, np.float32)
    trend_own = np.empty((series, n_paths), np.float32)
    for block, span, _ in _cut(n_paths, first_block):
        shared = np.empty((2 * quarters + 1, span.stop - span.start), np.float32)
        make_normals(open_stream(seed, "common", block), shared)
        common[:, span], levels[:, span], trend_common[span] = shared[:quarters], shared[quarters:-1], shared[-1]
        for number, indicator in enumerate(model.plan.indicators):
            stream = open_stream(seed, f"indicator/{indicator.id}", block)
            make_normals(stream, own[:, number, span])
            make_normals(stream, trend_own[number : number + 1, span])
            if lone:
                make_normals(open_stream(seed, f"quarter/{indicator.id}", block), quarter_own[:, number, span])
    arrays: dict[str, Any] = {
        "common": common,
        "levels": levels,
        "own": own,
        "quarter_own": quarter_own,
        "trend_common": trend_common,
        "trend_own": trend_own,
        **_draw_targets(model, n_paths, seed, first_block),
    }
    for array in arrays.values():
        array.setflags(write=False)
    moved = redrawn and bool(model.uncertain)
    return Draws(seed=seed, first_block=first_block, n_paths=n_paths, redrawn=moved, **arrays)


def _draw_targets(model: Model, n_paths: int, seed: int, first_block: int) -> dict[str, Singles]:
    """Draw normals of deliveries and milestones: one stream for what is common, one a target."""
    deliveries, milestones = model.delivery_law, model.milestone_law
    common = np.empty(n_paths, np.float32)
    own = np.empty((len(deliveries.ids), n_paths), np.float32)
    quarter = np.empty((len(model.law.path), len(deliveries.ids), n_paths), np.float32)
    milestone = np.empty((len(milestones.ids), n_paths), np.float32)
    for block, span, _ in _cut(n_paths, first_block):
        make_normals(open_stream(seed, "deliveries", block), common[None, span])
        for number, name in enumerate(deliveries.ids):
            stream = open_stream(seed, f"target/{name}", block)
            make_normals(stream, own[number : number + 1, span])
            make_normals(stream, quarter[:, number, span])
        for number, name in enumerate(milestones.ids):
            make_normals(open_stream(seed, f"target/{name}", block), milestone[number : number + 1, span])
    return {
        "delivery_common": common,
        "delivery_own": own,
        "delivery_quarter": quarter,
        "milestone_own": milestone,
    }


def draw_blocks(model: Model, n_paths: int, seed: int, *, redrawn: bool = True) -> Iterator[Draws]:
    """Draw one block of paths at a time, in memory that does not grow with the number of paths.

    Parameters
    ----------
    model : Model
    n_paths : int
    seed : int
    redrawn : bool
        As for `draw`.

    Yields
    ------
    Draws
        Of up to `BLOCK` paths; together they are those of `draw`.
    """
    for block, _, count in _cut(n_paths, 0):
        yield draw(model, count, seed, block, redrawn=redrawn)
