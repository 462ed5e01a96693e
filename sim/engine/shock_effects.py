"""Shocks drawn, path by path, and what they do to growth, deliveries and milestones."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Bools, Floats, Singles
from sim.engine.draws import Draws
from sim.model.products import mix
from sim.model.reduced_form import split_periods
from sim.model.scenario_law import ScenarioLaw, draw_onset_and_size
from sim.model.shock_subsets import ShockMove, find_chance, list_unknown, move_shock

__all__ = ["ShockDraw", "draw_shocks", "find_factor", "find_growth", "find_setback", "place_draw", "strike"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ShockDraw:
    """Onset and size of a shock, kept for the paths alone in which it happened.

    Attributes
    ----------
    n_paths : int
        Of all paths.
    paths : array of int, shape (struck path,), or slice
        In which it happened.
    onsets : array of int, shape (struck path,)
        Quarter of the onset, counted from 0.
    sizes : array, shape (struck path,)
        In the shock's own unit.
    profile : array, shape (quarter,)
        Strength in each quarter from the onset on, at size one.
    loading : array, shape (series, struck path), or None
        Factor on its loadings where they are drawn.
    among : hashable
        Names in which paths it happened, where these are points of which only some are struck.
    """

    n_paths: int
    paths: NDArray[np.int64] | slice
    onsets: NDArray[np.int64]
    sizes: Singles
    profile: Floats
    loading: Singles | None = None
    among: Hashable = None

    @property
    def places(self) -> NDArray[np.int64]:
        """Numbers of the struck paths, shape (struck path,)."""
        return np.arange(self.n_paths)[self.paths] if isinstance(self.paths, slice) else self.paths

    @property
    def happened(self) -> Bools:
        """Whether it happened, shape (path,)."""
        return self.spread(np.ones(len(self.sizes), bool))

    def find_strength(self) -> Singles:
        """Lay size times profile over the year.

        Returns
        -------
        array, shape (quarter, path)
            Zero where the shock did not happen.
        """
        quarters = range(len(self.profile))
        begun = [[self.profile[now - onset] if now >= onset else 0.0 for onset in quarters] for now in quarters]
        strength: Singles = self.sizes * np.array(begun, np.float32)[:, self.onsets]
        return self.spread(strength)

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Put values of the struck paths among all paths.

        Parameters
        ----------
        values : array, shape (..., struck path)

        Returns
        -------
        array, shape (..., path)
            Zero where the shock did not happen.
        """
        spread = np.zeros((*values.shape[:-1], self.n_paths), values.dtype)
        spread[..., self.paths] = values
        return spread


def draw_shocks(law: ScenarioLaw, draws: Draws) -> dict[int, ShockDraw]:
    """Draw a scenario's shocks: whether, when, how large.

    Parameters
    ----------
    law : ScenarioLaw
    draws : Draws
        Of which each shock has a stream by its name.

    Returns
    -------
    dict of int to ShockDraw
        By the place of the shock.
    """
    drawn: dict[int, ShockDraw] = {}
    happened: dict[int, NDArray[np.bool_]] = {}
    for place, name in enumerate(law.names):
        words = draws.draw_shock(name)
        move = _draw_move(law, place, draws)
        chance = find_chance(law, place, happened)
        if move is not None:
            parent = law.parent[place]
            likely, unlikely = move.chance
            chance = likely if parent is None else np.where(happened[parent], likely, unlikely)
        happened[place] = words[0] < chance * 2.0**32
        drawn[place] = _strike(law, place, words, happened[place], move)
    return drawn


def strike(law: ScenarioLaw, shock: int, draws: Draws, happened: Bools) -> ShockDraw:
    """Draw onset and size of a shock where something else has decided that it happens.

    Parameters
    ----------
    law : ScenarioLaw
    shock : int
        Its place.
    draws : Draws
    happened : array of bool, shape (path,)

    Returns
    -------
    ShockDraw
    """
    return _strike(law, shock, draws.draw_shock(law.names[shock]), happened, _draw_move(law, shock, draws))


def _draw_move(law: ScenarioLaw, shock: int, draws: Draws) -> ShockMove | None:
    return move_shock(law, shock, draws.draw_numbers(list_unknown(law, shock))) if draws.redrawn else None


def _strike(
    law: ScenarioLaw, shock: int, words: NDArray[np.uint32], happened: Bools, move: ShockMove | None
) -> ShockDraw:
    paths = slice(None) if happened.all() else np.flatnonzero(happened)
    struck = words[1:] if isinstance(paths, slice) else words[1:].take(paths, axis=1)
    return place_draw(law, shock, (struck + np.float64(0.5)) * 2.0**-32, paths, len(happened), move)


def place_draw(
    law: ScenarioLaw,
    shock: int,
    uniforms: Floats,
    paths: NDArray[np.int64] | slice,
    n_paths: int,
    move: ShockMove | None = None,
) -> ShockDraw:
    """Place onsets and sizes of a shock among the paths in which it happened.

    Parameters
    ----------
    law : ScenarioLaw
    shock : int
        Its place.
    uniforms : array, shape (2, struck path)
        Onset, size.
    paths : array of int, shape (struck path,), or slice
        In which it happened.
    n_paths : int
        Of all paths.
    move : ShockMove, optional
        What it would be in each of all paths, if what is not known of it is drawn.

    Returns
    -------
    ShockDraw
    """
    onsets, sizes = draw_onset_and_size(law, shock, uniforms)
    loading = None
    if move is not None:
        sizes = sizes * np.broadcast_to(move.strength, (n_paths,))[paths]
        loading = np.broadcast_to(move.loading, (len(move.loading), n_paths))[:, paths].astype(np.float32)
    return ShockDraw(
        n_paths=n_paths,
        paths=paths,
        onsets=onsets,
        sizes=sizes.astype(np.float32),
        profile=law.profile[shock],
        loading=loading,
    )


def find_growth(law: ScenarioLaw, drawn: Mapping[int, ShockDraw]) -> Singles:
    """Find what shocks add to growth.

    Parameters
    ----------
    law : ScenarioLaw
    drawn : mapping of int to ShockDraw
        By the place of the shock; one at least.

    Returns
    -------
    array, shape (2, quarter, series, path)
        Percentage points; of single quarters, then from the year's start to each quarter's end.
    """
    _, quarters, _, series = law.growth.shape
    n_paths = next(iter(drawn.values())).n_paths
    added = np.zeros((2, quarters, series, n_paths), np.float32)
    for shock, struck in drawn.items():
        if not len(struck.sizes) or not law.growth[shock].any():
            continue
        sizes = np.zeros((quarters, len(struck.sizes)), np.float32)
        sizes[struck.onsets, np.arange(len(struck.sizes))] = struck.sizes
        weights = split_periods(np.moveaxis(law.growth[shock], 0, -1)).reshape(-1, quarters)
        each = mix(weights.astype(np.float32), sizes).reshape(2, quarters, series, -1)
        if struck.loading is not None:
            each = each * struck.loading
        added[..., struck.paths] += each
    return added


def find_factor(law: ScenarioLaw, drawn: Mapping[int, ShockDraw], delivery: int) -> Singles | None:
    """Find the factor of shocks on the speed of a delivery: their effects add, and never turn it round.

    Parameters
    ----------
    law : ScenarioLaw
    drawn : mapping of int to ShockDraw
        All shocks of the scenario, by place.
    delivery : int

    Returns
    -------
    array, shape (quarter, path), or None
        None means one everywhere.
    """
    felt = [shock for shock in np.flatnonzero(law.speed[:, delivery]).tolist() if len(drawn[shock].sizes)]
    if not felt:
        return None
    factor = np.ones((), np.float32)
    for shock in felt:
        factor = factor + np.float32(law.speed[shock, delivery]) * drawn[shock].find_strength()
    return np.maximum(factor, np.float32(0))


def find_setback(law: ScenarioLaw, drawn: Mapping[int, ShockDraw], milestones: Sequence[int]) -> Singles | None:
    """Find by how many quarters shocks that have begun set milestones back.

    Parameters
    ----------
    law : ScenarioLaw
    drawn : mapping of int to ShockDraw
        All shocks of the scenario, by place.
    milestones : sequence of int
        Of which.

    Returns
    -------
    array, shape (quarter, milestone, path), or None
        By the end of each quarter; None where no shock delays any.
    """
    chosen = np.array(milestones, np.int64)
    felt = [shock for shock, struck in drawn.items() if len(struck.sizes) and law.delay[shock, chosen].any()]
    if not felt:
        return None
    quarters = law.profile.shape[1]
    setback = np.zeros((quarters, len(chosen), drawn[felt[0]].n_paths), np.float32)
    for shock in felt:
        struck, delays = drawn[shock], law.delay[shock, chosen].astype(np.float32)
        touched = np.flatnonzero(delays)
        for quarter in range(quarters):
            begun = struck.spread(struck.sizes * (struck.onsets <= quarter))
            setback[quarter, touched] += delays[touched, None] * begun
    return setback
