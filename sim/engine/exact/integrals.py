"""Integrals: the mean over points of conditional odds, one a replicate, from which odds and errors are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim._typing import Floats, Singles
from sim.engine.exact.conditional import condition, count_met
from sim.engine.exact.points import Points, lay_points, share_points
from sim.engine.exact.separation import Separation, open_separation
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import list_groups
from sim.inputs.plan.targets import Composite
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_scenario, list_subsets

__all__ = ["FEW", "Integrals", "integrate", "integrate_met", "integrate_replicates", "join", "sharpen"]

FEW = 256
"""Points of a replicate for the course by quarter and the number met, which are smoother than the year's odds."""


_FEWEST = 64


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Integrals:
    """Odds by independent replicates of a net.

    Attributes
    ----------
    met : array, shape (quarter, target, replicate)
        On course at each quarter's end; in the last row met, as stated.
    both : array, shape (target, target, replicate)
        Both of two headline targets met.
    number_met : dict of str to array, shape (number, replicate)
        By group: exactly 0, 1, 2, ... of its targets met.
    """

    met: Floats
    both: Floats
    number_met: dict[str, Floats]


def integrate(points: Points, law: ScenarioLaw) -> Integrals:
    """Integrate a scenario over points: each set of shocks that may happen together is a stratum of its own.

    Parameters
    ----------
    points : Points
        With coordinates for at least as many shocks as the scenario has.
    law : ScenarioLaw

    Returns
    -------
    Integrals
    """
    return _mix([(weight, _integrate_subset(chosen, law, subset)) for weight, chosen, subset in _stratify(points, law)])


def integrate_met(points: Points, law: ScenarioLaw) -> Floats:
    """Integrate the odds of each target as stated, and nothing else that `integrate` gives.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw

    Returns
    -------
    array, shape (target,)
        Probabilities.
    """
    last = len(points.model.plan.quarter_names) - 1
    total = np.zeros(len(points.model.plan.judged))
    for weight, chosen, subset in _stratify(points, law):
        total += weight * condition(chosen, law, subset, [last])[0].mean(axis=-1, dtype=np.float64)
    return total


def _stratify(points: Points, law: ScenarioLaw) -> Iterator[tuple[float, Points, tuple[int, ...]]]:
    """Cut points for each stratum: its weight, its points, and the places of the shocks that happen."""
    subsets = list_subsets(law)
    counts = share_points(subsets.values(), points.count, _FEWEST)
    for (subset, weight), count in zip(subsets.items(), counts, strict=True):
        yield weight, points.cut(count), subset


def _mix(parts: Sequence[tuple[float, Integrals]]) -> Integrals:
    """Average strata by their weights."""

    def add(arrays: Sequence[Floats]) -> Floats:
        total = np.zeros_like(arrays[0])
        for (weight, _), array in zip(parts, arrays, strict=True):
            total += weight * array
        return total

    return Integrals(
        met=add([part.met for _, part in parts]),
        both=add([part.both for _, part in parts]),
        number_met={group: add([part.number_met[group] for _, part in parts]) for group in parts[0][1].number_met},
    )


def _integrate_subset(points: Points, law: ScenarioLaw, subset: tuple[int, ...]) -> Integrals:
    plan = points.model.plan
    last = len(plan.quarter_names) - 1
    chances = condition(points, law, subset, [last])[0]
    few = points.cut(min(points.count, FEW))
    course = condition(few, law, subset, range(last))
    groups = list_groups(plan)
    shown = chances.reshape(len(chances), -1, points.count)[:, :, : few.count].reshape(len(chances), -1)
    number_met = {
        group: points.average(count_met(plan, members, chances))
        if group == "headline"
        else few.average(count_met(plan, members, shown))
        for group, members in groups.items()
    }
    met = np.concatenate([few.average(course), points.average(chances)[None]])
    both = _meet_pairs(points, plan, groups.get("headline", []), chances)
    return Integrals(met=met, both=both, number_met=number_met)


def _meet_pairs(points: Points, plan: Plan, members: Sequence[int], chances: Singles) -> Floats:
    """Compute the odds that both of two targets are met; those of a composite are its members'."""
    places = {target.id: number for number, target in enumerate(plan.judged)}
    needed = [
        {places[name] for name in target.members} if isinstance(target, Composite) else {number}
        for number, target in ((number, plan.judged[number]) for number in members)
    ]
    blocks = chances.shape[1] // points.count  # never -1: a plan may have no headline
    rows = chances[members].reshape(len(members), blocks, points.count).astype(np.float64)
    both: Floats = np.einsum("irn,jrn->ijr", rows, rows) / points.count
    for first in range(len(members)):
        for second in range(first + 1):
            if needed[first] & needed[second]:  # not independent: together they ask for the union of what they need
                union = sorted(needed[first] | needed[second])
                both[first, second] = both[second, first] = points.average(chances[union].prod(axis=0))
    return both


def integrate_replicates(
    model: Model, scenarios: Sequence[Scenario], count: int, seed: int, replicates: range
) -> list[Integrals]:
    """Integrate several scenarios over the same points: a piece of work that any executor can do.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    count : int
        Points of a replicate, a power of two.
    seed : int
    replicates : range
        Which shifts of the net.

    Returns
    -------
    list of Integrals
        One a scenario, with these replicates alone.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> baseline = sim.read_scenario("baseline", plan)
    >>> integrate_replicates(sim.load_model(plan), [baseline], 64, 2024, range(2))[0].met.shape
    (4, 79, 2)
    """
    n_shocks = max((len(scenario.shocks) for scenario in scenarios), default=0)
    points = lay_points(model, n_shocks, count, seed, replicates)
    found = []
    for scenario in scenarios:
        law = compile_scenario(model, scenario)
        integrals = integrate(points, law)
        if model.plan.headline and model.plan.headline_growth == model.plan.headline:
            integrals = sharpen(integrals, open_separation(model, law, count, seed, replicates))
        found.append(integrals)
    return found


def sharpen(integrals: Integrals, separation: Separation) -> Integrals:
    """Take the headline's pairs and joint odds from a separation, where growth is integrated out, not conditioned on.

    Parameters
    ----------
    integrals : Integrals
    separation : Separation
        Of the same scenario and replicates.

    Returns
    -------
    Integrals

    Notes
    -----
    What the odds of all targets gain, the odds of all but one lose, so that each replicate is still a distribution.
    """
    both, joint = separation.integrate()
    places = np.argsort(separation.places)
    exactly = integrals.number_met["headline"].copy()
    exactly[-2] += exactly[-1] - joint
    exactly[-1] = joint
    number_met = {**integrals.number_met, "headline": exactly}
    return replace(integrals, both=both[np.ix_(places, places)], number_met=number_met)


def join(parts: Sequence[Integrals]) -> Integrals:
    """Join integrals of other replicates of the same scenario, side by side in the order given.

    Parameters
    ----------
    parts : sequence of Integrals

    Returns
    -------
    Integrals
    """
    return Integrals(
        met=np.concatenate([part.met for part in parts], axis=-1),
        both=np.concatenate([part.both for part in parts], axis=-1),
        number_met={
            group: np.concatenate([part.number_met[group] for part in parts], axis=-1) for group in parts[0].number_met
        },
    )
