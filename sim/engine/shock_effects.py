"""Shocks drawn, path by path, and what they do to growth, deliveries and milestones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Singles
from sim.engine.draws import Draws
from sim.model.reduced_form import mix, split_periods
from sim.model.scenario_law import ScenarioLaw, draw_onset_and_size, find_chance

__all__ = ["ShockDraw", "draw_shocks", "find_delay", "find_growth", "find_speed", "place_draw"]


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
    """

    n_paths: int
    paths: NDArray[np.int64] | slice
    onsets: NDArray[np.int64]
    sizes: Singles
    profile: Floats

    @property
    def places(self) -> NDArray[np.int64]:
        """Numbers of the struck paths, shape (struck path,)."""
        return np.arange(self.n_paths)[self.paths] if isinstance(self.paths, slice) else self.paths

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
        happened[place] = words[0] < find_chance(law, place, happened) * 2.0**32
        paths = slice(None) if happened[place].all() else np.flatnonzero(happened[place])
        struck = words[1:] if isinstance(paths, slice) else words[1:].take(paths, axis=1)
        drawn[place] = place_draw(law, place, (struck + np.float64(0.5)) * 2.0**-32, paths, draws.n_paths)
    return drawn


def place_draw(
    law: ScenarioLaw, shock: int, uniforms: Floats, paths: NDArray[np.int64] | slice, n_paths: int
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

    Returns
    -------
    ShockDraw
    """
    onsets, sizes = draw_onset_and_size(law, shock, uniforms)
    return ShockDraw(
        n_paths=n_paths, paths=paths, onsets=onsets, sizes=sizes.astype(np.float32), profile=law.profile[shock]
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
        Percentage points; of single quarters, then from January to each quarter's end.
    """
    _, quarters, _, series = law.growth.shape
    n_paths = next(iter(drawn.values())).n_paths
    # What adds nothing is left out, as even nothings may change the order in which a processor adds.
    felt = [shock for shock in drawn if law.growth[shock].any() and not law.idle[shock]]
    sizes = np.zeros((len(felt), quarters, n_paths), np.float32)
    weights = np.zeros((2, quarters, series, len(felt), quarters), np.float32)
    for place, shock in enumerate(felt):
        struck = drawn[shock]
        sizes[place, struck.onsets, struck.places] = struck.sizes
        weights[..., place, :] = split_periods(np.moveaxis(law.growth[shock], 0, -1))
    added = mix(weights.reshape(2 * quarters * series, -1), sizes.reshape(-1, n_paths))
    return added.reshape(2, quarters, series, n_paths)


def find_speed(law: ScenarioLaw, drawn: Mapping[int, ShockDraw]) -> tuple[list[Singles | None], tuple[int, ...]]:
    """Find the factors of shocks on the speed of deliveries.

    Parameters
    ----------
    law : ScenarioLaw
    drawn : mapping of int to ShockDraw
        All shocks of the scenario, by place.

    Returns
    -------
    factors : list of (array, shape (quarter, path), or None)
        Never negative; None means one everywhere.
    factor_of : tuple of int, shape (delivery,)
        The factor of each delivery; those that shocks touch alike share one.
    """
    strengths = {shock: drawn[shock].find_strength() for shock in np.flatnonzero(law.speed.any(axis=1)).tolist()}
    alike: dict[tuple[float, ...], int] = {}
    factors: list[Singles | None] = []
    factor_of = []
    for changes in map(tuple, law.speed.T.tolist()):
        if changes not in alike:
            alike[changes] = len(factors)
            effects = [np.float32(change) * strengths[shock] for shock, change in enumerate(changes) if change]
            factors.append(np.maximum(sum(effects, start=np.float32(1)), 0) if effects else None)
        factor_of.append(alike[changes])
    return factors, tuple(factor_of)


def find_delay(law: ScenarioLaw, drawn: Mapping[int, ShockDraw], planned: Floats) -> Singles | None:
    """Find how many quarters shocks delay each milestone: where they begin by its planned quarter.

    Parameters
    ----------
    law : ScenarioLaw
    drawn : mapping of int to ShockDraw
        All shocks of the scenario, by place.
    planned : array, shape (milestone,)
        Planned quarters, counted from 0.

    Returns
    -------
    array, shape (milestone, path), or None
        None where no shock delays any.
    """
    if not law.delay.any():
        return None
    delay = np.zeros((len(planned), next(iter(drawn.values())).n_paths), np.float32)
    for shock, struck in drawn.items():
        for due in set(planned[law.delay[shock] != 0].tolist()):
            in_time = struck.spread(struck.sizes * (struck.onsets <= due))
            for number in np.flatnonzero((law.delay[shock] != 0) & (planned == due)):
                delay[number] += np.float32(law.delay[shock, number]) * in_time
    return delay
