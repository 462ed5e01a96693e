"""Two scenarios in one year: the shocks of both on the same points, coupled as they are on the same paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from sim._typing import Bools, Floats
from sim.engine.exact.conditional import condition
from sim.engine.exact.points import Points, share_points
from sim.engine.exact.shock_sets import DrawnSets, ShockSet
from sim.engine.exact.updating import update_points
from sim.model.known import Known
from sim.model.scenario_law import ScenarioLaw
from sim.model.shock_strata import MOST_ALONE, OtherSets
from sim.model.shock_subsets import find_chance

__all__ = ["couple_subsets", "integrate_hybrids"]

_FEWEST = 64


def couple_subsets(before: ScenarioLaw, after: ScenarioLaw) -> dict[tuple[tuple[int, ...], tuple[int, ...]], float]:
    """Couple the sets of shocks that happen in two scenarios: a shock of one name is decided by one uniform in both.

    Parameters
    ----------
    before, after : ScenarioLaw

    Returns
    -------
    dict of (tuple of int, tuple of int) to float
        Probability by the places of those that happen in either; impossible pairs are left out.
    """
    names = list(dict.fromkeys([*before.names, *after.names]))
    choices = [
        [
            (first, second)
            for first in ((False, True) if name in before.names else (False,))
            for second in ((False, True) if name in after.names else (False,))
        ]
        for name in names
    ]
    coupled: dict[tuple[tuple[int, ...], tuple[int, ...]], float] = {}
    for states in product(*choices):
        happened = dict(zip(names, states, strict=True))
        weight = 1.0
        for name, (first, second) in happened.items():
            likely = [
                float(find_chance(law, law.names.index(name), [happened[each][side] for each in law.names]))
                if name in law.names
                else 0.0
                for side, law in enumerate((before, after))
            ]
            low = [likely[side] if state else 1 - likely[side] for side, state in enumerate((first, second))]
            weight *= min(low) if first == second else max(likely[int(second)] - likely[int(first)], 0.0)
            if not weight:
                break
        if weight > 0:
            sides = [
                tuple(place for place, each in enumerate(law.names) if happened[each][side])
                for side, law in enumerate((before, after))
            ]
            coupled[sides[0], sides[1]] = weight
    return coupled


def integrate_hybrids(
    points: Points,
    before: ScenarioLaw,
    after: ScenarioLaw,
    members: Sequence[int],
    chosen: Sequence[Bools],
    known: Known | None = None,
) -> Floats:
    """Integrate the odds that all of some targets are met where some of them feel one scenario, the others another.

    Parameters
    ----------
    points : Points
    before, after : ScenarioLaw
    members : sequence of int
        Places among the judged targets, no composite beside its own members.
    chosen : sequence of array of bool, shape (member,) or (member + 1,)
        Which of them feel the second scenario; last, whether published figures weigh years by it.
    known : Known, optional
        Published figures.

    Returns
    -------
    array, shape (2, choice, replicate)
        With figures, that these come too; and how likely they are. Without any: the odds, and one.
    """
    places = list(members)
    total = np.zeros((2, len(chosen), points.n_points // points.count))
    for first, second, chance, cut in _cut_pairs(points, before, after):
        sides = list[tuple[Floats, Floats]]()
        for law, subset in ((before, first), (after, second)):
            moved, likely = cut, np.ones(cut.n_points)
            if known is not None:
                updated = update_points(cut, law, subset, known)
                moved, likely = updated.points, updated.weight
            sides.append((condition(moved, law, subset).chances[0, places].astype(np.float64), likely))
        (one, before_weight), (other, after_weight) = sides
        for row, choice in enumerate(chosen):
            together = np.where(choice[: len(places), None], other, one).prod(axis=0)
            likely = after_weight if choice[len(places) :].any() else before_weight
            total[:, row] += chance * cut.average(np.stack([together * likely, likely]))
    return total


def _cut_pairs(
    points: Points, before: ScenarioLaw, after: ScenarioLaw
) -> Iterator[tuple[ShockSet, ShockSet, float, Points]]:
    """Cut points into strata of the sets that happen in two scenarios; of many, a pair is drawn at each point."""
    if 2 ** len({*before.names, *after.names}) > MOST_ALONE:
        first, second = (DrawnSets(of=_list_all(law), happened=_draw_all(points, law)) for law in (before, after))
        yield first, second, 1.0, points
        return
    coupled = couple_subsets(before, after)
    counts = share_points(coupled.values(), points.count, _FEWEST)
    for (pair, chance), count in zip(coupled.items(), counts, strict=True):
        yield *pair, chance, points.cut(count)


def _list_all(law: ScenarioLaw) -> OtherSets:
    """All sets of a scenario's shocks, none of which stands alone."""
    chances = tuple((float(one), float(two)) for one, two in law.chance)
    return OtherSets(names=law.names, parent=law.parent, chance=chances, without=())


def _draw_all(points: Points, law: ScenarioLaw) -> Bools:
    """Draw the shocks that happen at each point, by their names, shape (shock, point)."""
    happened = np.zeros((len(law.names), points.n_points), bool)
    for shock, name in enumerate(law.names):
        happened[shock] = points.draw_happening(name) < find_chance(law, shock, happened)
    return happened
