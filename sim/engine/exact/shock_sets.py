"""Sets of shocks: points shared out among those that happen together, and one that all rarer sets are drawn at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim._typing import Bools, Floats
from sim.engine.exact.points import Points, share_points
from sim.model.judged import Judged
from sim.model.scenario_law import ScenarioLaw
from sim.model.shock_strata import OtherSets, split_sets
from sim.model.shock_subsets import ShockMove, list_subsets, weigh_subsets
from sim.results.evidence import Story

__all__ = ["DrawnSets", "ShockSet", "cut_strata", "list_certain", "name_story"]

_FEWEST, _LEAST = 64, 1e-12


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DrawnSets:
    """Sets of shocks of which one is drawn at each point.

    Attributes
    ----------
    of : OtherSets
        Among which.
    happened : array of bool, shape (shock, point)
        Whether each shock happens.
    """

    of: OtherSets
    happened: Bools


ShockSet = tuple[int, ...] | DrawnSets
"""Which shocks happen in a stratum: the same ones at all its points, by place, or others at each."""


def list_certain(subset: ShockSet) -> tuple[int, ...]:
    """List the shocks that happen at all points of a stratum, by place; none where sets are drawn."""
    return () if isinstance(subset, DrawnSets) else subset


def name_story(subset: ShockSet) -> Story:
    """Name what a stratum tells of, as evidence keeps it."""
    return subset.of if isinstance(subset, DrawnSets) else subset


def cut_strata(
    points: Points,
    law: ScenarioLaw,
    *,
    chance: Floats | None = None,
    judged: Judged | None = None,
    fewest: int = _FEWEST,
) -> list[tuple[ShockSet, Floats, Points]]:
    """Cut points into strata: likely sets of shocks each alone, then all others together.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    chance : array, shape (shock, 2), optional
        In place of the law's.
    judged : Judged, optional
        Events by which points are shared out, in place of how likely each set is. Where some are of shocks, all sets
        stand alone.
    fewest : int
        Points of a stratum at least.

    Returns
    -------
    list of (ShockSet, array of shape (1,) or (replicate,), Points)
        Which shocks happen, how likely that is, and the points that are spent on it.
    """
    law = law if chance is None else replace(law, chance=chance)
    if judged is not None and judged.of_shocks:
        alone, others, left = list_subsets(law), None, 0.0
    else:
        alone, others, left = split_sets(law)
    shares = [*(alone if judged is None else judged.share_subsets(alone)).values()]
    counts = share_points([*shares, max(left, _LEAST)] if others else shares, points.count, fewest)
    weights = [np.array([weight]) for weight in alone.values()]
    moved = None
    if points.calibrations == "replicate":  # chances differ by replicate; elsewhere only their mean counts
        moves = {shock: points.cut(1).move_shock(law, shock) for shock in range(len(law.names))}
        known = {shock: move for shock, move in moves.items() if move is not None}
        weights = weigh_subsets(law, alone, known)
        moved = None if others is None else _stack_chances(law, known, points.n_points // points.count)
    strata: list[tuple[ShockSet, Floats, Points]] = [
        (subset, weight, points.cut(count)) for subset, weight, count in zip(alone, weights, counts, strict=False)
    ]
    if others is not None:
        cut = points.cut(counts[-1])
        rest = np.array([left]) if moved is None else np.maximum(1 - np.sum(np.broadcast_arrays(*weights), axis=0), 0)
        strata.append((_draw_sets(cut, others, moved), rest, cut))
    return strata


def _stack_chances(law: ScenarioLaw, moves: Mapping[int, ShockMove], replicates: int) -> Floats:
    """Stack the chances of shocks in each replicate, shape (shock, 2, replicate)."""
    chances = [moves[shock].chance if shock in moves else chance[:, None] for shock, chance in enumerate(law.chance)]
    return np.stack([np.broadcast_to(each, (2, replicates)) for each in chances])


def _draw_sets(points: Points, others: OtherSets, chance: Floats | None) -> DrawnSets:
    def draw() -> Bools:
        uniforms = np.stack([points.draw_happening(name).reshape(-1, points.count) for name in others.names])
        return others.draw(uniforms, chance).reshape(len(others.names), -1)

    return DrawnSets(of=others, happened=points.keep(("sets", others), draw))
