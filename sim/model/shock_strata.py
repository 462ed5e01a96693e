"""Strata of a scenario's shocks: likely sets of them each alone, all other sets together.

Where few sets may happen, each is a stratum of its own. Their number doubles with every shock; beyond `MOST_ALONE` only
the likeliest stand alone, and which of the others happens is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim._typing import Bools, Floats, Ints
from sim.model.scenario_law import ScenarioLaw
from sim.model.shock_subsets import find_chance

__all__ = ["MOST_ALONE", "OtherSets", "split_sets"]

MOST_ALONE = 32
"""Sets of shocks of which all are strata of their own; what has more is split."""

_LIKELY = 1 / 8
"""Of a set that stands alone where there are many: points of a rarer one do more among all others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherSets:
    """All sets of shocks that may happen together, but some: which of them does is drawn.

    Attributes
    ----------
    names : tuple of str, shape (shock,)
    parent : tuple of int or None, shape (shock,)
    chance : tuple of (float, float), shape (shock,)
        As in `ScenarioLaw`.
    without : tuple of tuple of int
        Sets that stand alone, by the places of the shocks that happen.
    """

    names: tuple[str, ...]
    parent: tuple[int | None, ...]
    chance: tuple[tuple[float, float], ...]
    without: tuple[tuple[int, ...], ...]

    def draw(self, uniforms: Floats, chance: Floats | None = None) -> Bools:
        """Draw a set at each point, shock by shock.

        Parameters
        ----------
        uniforms : array, shape (shock, replicate, point)
        chance : array, shape (shock, 2, replicate), optional
            In place of its own.

        Returns
        -------
        array of bool, shape (shock, replicate, point)
            Whether each shock happens.

        Notes
        -----
        As long as all shocks so far are as in a set that stands alone, the next one has its chance given that none of
        these sets comes about; after that, its own.
        """
        chance = np.array(self.chance)[..., None] if chance is None else chance
        happened, row = np.zeros(uniforms.shape, bool), np.arange(chance.shape[-1])[:, None]
        node = np.zeros(uniforms.shape[1:], np.intp)
        for shock, (following, given) in enumerate(self._grow_tree(chance)):
            parent = self.parent[shock]
            free = _choose(chance[shock, :, :, None], None if parent is None else happened[parent])
            happened[shock] = uniforms[shock] < np.where(node >= 0, given[node, row], free)
            node = np.where(node >= 0, following[node, happened[shock].astype(np.intp)], -1)
        return happened

    def _grow_tree(self, chance: Floats) -> list[tuple[Ints, Floats]]:
        """Grow the tree of sets that stand alone, a level for each shock.

        Parameters
        ----------
        chance : array, shape (shock, 2, replicate)

        Returns
        -------
        list of (array of int, shape (node, 2); array, shape (node, replicate))
            Where each node goes on if the shock does not happen and if it does, -1 where no set that stands alone is
            left; how likely it does, given that none of them comes about.
        """
        alone = np.zeros((len(self.without), len(self.parent)), bool)
        for place, each in enumerate(self.without):
            alone[place, list(each)] = True
        weight = np.ones((len(alone), chance.shape[-1]))
        for shock, parent in enumerate(self.parent):
            likely = _choose(chance[shock], None if parent is None else alone[:, parent, None])
            weight = weight * np.where(alone[:, shock, None], likely, 1 - likely)
        tree = list[tuple[Ints, Floats]]()
        of, heads = np.zeros(len(alone), np.intp), np.zeros(1, np.intp)
        mass: Floats = np.ones((1, chance.shape[-1]))
        for shock, parent in enumerate(self.parent):
            likely = _choose(chance[shock], None if parent is None else alone[heads, parent, None])
            sides: Floats = np.stack([mass * (1 - likely), mass * likely], axis=1)
            branch = 2 * of + alone[:, shock]
            left = sides.reshape(-1, sides.shape[-1]).copy()
            np.subtract.at(left, branch, weight)
            others = np.maximum(left, 0).reshape(sides.shape)
            whole = others.sum(axis=1)
            given = np.where(whole > 0, others[:, 1] / np.where(whole > 0, whole, 1), likely)
            reached, heads, of = np.unique(branch, return_index=True, return_inverse=True)
            following = np.full(2 * len(mass), -1, np.intp)
            following[reached] = np.arange(len(reached))
            tree.append((following.reshape(-1, 2), given))
            mass = sides.reshape(-1, sides.shape[-1])[reached]
        return tree


def _choose(chance: Floats, parent: Bools | None) -> Floats:
    """Choose the chance of a shock by whether its parent happened."""
    chosen: Floats = chance[0] if parent is None else np.where(parent, chance[0], chance[1])
    return chosen


def split_sets(
    law: ScenarioLaw, chance: Floats | None = None
) -> tuple[dict[tuple[int, ...], float], OtherSets | None, float]:
    """Split the sets of shocks that may happen together into those that stand alone and all others.

    Parameters
    ----------
    law : ScenarioLaw
    chance : array, shape (shock, 2), optional
        In place of the law's.

    Returns
    -------
    alone : dict of tuple of int to float
        Probabilities by the places of the shocks that happen; where there are few enough all sets, as `list_subsets`
        lists them.
    others : OtherSets or None
        None where there are no others.
    weight : float
        Probability of the others.
    """
    chance = law.chance if chance is None else chance
    cases, weights, is_whole = np.zeros((1, 0), bool), np.ones(1), True
    for shock in range(len(law.names)):
        likely = find_chance(law, shock, cases.T, chance)
        cases = np.column_stack([np.repeat(cases, 2, axis=0), np.tile([False, True], len(cases))])
        weights = np.column_stack([weights * (1 - likely), weights * likely]).reshape(-1)
        kept = np.flatnonzero(weights)
        if len(kept) > MOST_ALONE:  # those that lead to the likeliest sets where shocks are independent
            is_whole, kept = False, np.sort(np.argsort(-weights, kind="stable")[:MOST_ALONE])
        cases, weights = cases[kept], weights[kept]
    if not is_whole:
        kept = np.flatnonzero(weights >= min(_LIKELY, weights.max()))[: round(1 / _LIKELY)]
        cases, weights = cases[kept], weights[kept]
    alone = {tuple(np.flatnonzero(case).tolist()): float(weight) for case, weight in zip(cases, weights, strict=True)}
    if is_whole:
        return alone, None, 0.0
    chances = tuple((float(one), float(two)) for one, two in chance)
    others = OtherSets(names=law.names, parent=law.parent, chance=chances, without=tuple(alone))
    return alone, others, max(1 - sum(alone.values()), 0.0)
