"""Odds of growth targets under changed shocks, on points laid once: sizes are scaled, chances replaced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim._typing import Floats, Ints, Singles
from sim.engine.exact.conditional import draw_at_points, list_growth
from sim.engine.exact.normal import find_chances
from sim.engine.exact.points import Points
from sim.engine.exact.shock_sets import ShockSet, cut_strata, name_story
from sim.engine.exact.updating import update_points
from sim.model.known import Known
from sim.model.scenario_law import ScenarioLaw
from sim.model.thresholds import Thresholds, measure_margins
from sim.results.evidence import Evidence, Story, add_evidence
from sim.results.integrals import divide_weighted

__all__ = ["GrowthOdds", "hit_figures", "integrate_growth"]

_FEWEST = 16


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GrowthOdds:
    """Odds of growth targets by independent replicates of a net.

    Attributes
    ----------
    odds : array, shape (threshold, replicate)
        That each threshold is met.
    joint : array, shape (replicate,)
        That all of some of them are.
    evidence : Evidence, optional
        Of the published figures, where there are some.
    """

    odds: Floats
    joint: Floats
    evidence: Evidence | None = None


def hit_figures(points: Points, law: ScenarioLaw, subset: ShockSet) -> dict[int, Singles]:
    """Find what each shock of a set adds to every figure.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    subset : ShockSet

    Returns
    -------
    dict of int to array, shape (2, quarter, series, point)
        By the place of the shock: percentage points; of single quarters, then from the year's start to each quarter's
        end.
    """
    return list_growth(points, law, draw_at_points(points, law, subset))


def integrate_growth(
    points: Points,
    law: ScenarioLaw,
    asked: Thresholds,
    together: Ints,
    factors: Floats | None = None,
    chance: Floats | None = None,
    known: Known | None = None,
) -> GrowthOdds:
    """Integrate the odds of growth targets over points.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
        With all shocks, those that change nothing as they stand included.
    asked : Thresholds
        Of the cumulative figures.
    together : array of int
        Thresholds that must all be met for the joint odds.
    factors : array, shape (shock,), optional
        On the sizes of shocks.
    chance : array, shape (shock, 2), optional
        In place of the law's.
    known : Known, optional
        Published figures to condition on.

    Returns
    -------
    GrowthOdds
    """
    factors = np.ones(len(law.names)) if factors is None else factors
    figures = points.model.reduced.split_cumulative(asked.figure)
    replicates = points.n_points // points.count
    odds, joint, mass = np.zeros((len(asked.figure), replicates)), np.zeros(replicates), np.zeros(replicates)
    told, weights = dict[Story, Evidence](), list[Floats]()
    for subset, weight, cut in cut_strata(points, law, chance=chance, fewest=_FEWEST):
        likely = np.ones(cut.n_points)
        if known is not None:
            updated = update_points(cut, law, subset, known, factors)
            cut, likely = updated.points, updated.weight
            told[name_story(subset)] = updated.gather(known)
            weights.append(weight)
        reached = cut.cumulative[figures]
        for shock, added in hit_figures(cut, law, subset).items() if known is None else ():
            if factors[shock]:
                reached = reached + np.float32(factors[shock]) * added[1][figures]
        chances = find_chances(measure_margins(asked, reached), cut.spread[figures], asked.width)
        odds += weight * cut.average(chances)
        joint += weight * cut.average(chances[together].prod(axis=0))
        mass += weight * likely.reshape(replicates, -1).mean(axis=-1)
    if known is not None:
        odds, joint = divide_weighted(odds, mass), divide_weighted(joint, mass)
    evidence = add_evidence(told, weights) if told else None
    return GrowthOdds(odds=odds, joint=joint, evidence=evidence)
