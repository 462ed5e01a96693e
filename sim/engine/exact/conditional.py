"""Conditional odds: the probability of each target at each point, and what follows from their independence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from sim._typing import Floats, Singles
from sim.engine.exact.normal import compute_normal_cdf
from sim.engine.exact.points import Points
from sim.engine.paths import run_courses
from sim.engine.shock_effects import Strike, find_delay, find_speed, hit_growth, strike_one
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import direct
from sim.inputs.plan.targets import Composite, Growth
from sim.inputs.scenario.reading import Scenario
from sim.model.milestones import find_drive

__all__ = ["MOST_SHOCKS", "condition", "count_met", "hit_cumulative", "list_subsets", "strike_points"]

MOST_SHOCKS = 8
"""Every subset of a scenario's shocks is a stratum of its own; beyond this there are too many."""


def list_subsets(scenario: Scenario, probabilities: Mapping[str, float] | None = None) -> dict[tuple[str, ...], float]:
    """Probability of each set of shocks that may happen together, without the impossible ones.

    Parameters
    ----------
    scenario : Scenario
    probabilities : mapping of str to float, optional
        Of shocks, in place of what the scenario says of them.

    Examples
    --------
    >>> import sim
    >>> list_subsets(sim.read_scenario("baseline", sim.read_plan("qingdao-2024")))
    {(): 0.92, ('rare_common_shock',): 0.08}
    """
    probabilities = probabilities or {}
    subsets = {}
    for happened in product((False, True), repeat=len(scenario.shocks)):
        known = dict(zip(scenario.shocks, happened, strict=True))
        weight = 1.0
        for name, shock in scenario.shocks.items():
            chance = probabilities.get(name, shock.probability)
            if chance is None:
                depends = shock.depends_on
                assert depends is not None
                chance = depends.probability_if_happened if known[depends.shock] else depends.probability_if_not
            weight *= chance if known[name] else 1 - chance
        if weight > 0:
            subsets[tuple(name for name in known if known[name])] = weight
    return subsets


def strike_points(
    points: Points, scenario: Scenario, subset: tuple[str, ...], sizes: Mapping[str, float] | None = None
) -> dict[str, Strike]:
    """What the shocks do at each point if exactly those of a subset happen."""
    sizes, strikes = sizes or {}, {}
    n_points = points.cumulative.shape[-1]
    for place, (name, shock) in enumerate(scenario.shocks.items()):
        uniforms = points.shocks[2 * place : 2 * place + 2].reshape(2, -1)
        chosen = slice(None) if name in subset else slice(0)
        struck = strike_one(shock, uniforms[:, chosen], chosen, n_points, points.model.plan.quarter_names)
        strikes[name] = struck.scale(sizes.get(name, 1.0))
    return strikes


def hit_cumulative(points: Points, scenario: Scenario, strikes: dict[str, Strike]) -> Singles:
    """Growth from January to each quarter's end at each point, shape (quarter, series, point), %."""
    struck = {name: strike for name, strike in strikes.items() if len(strike.sizes)}
    if not struck:
        return points.cumulative
    cumulative: Singles = points.cumulative + hit_growth(points.model, scenario, struck)[1]
    return cumulative


def condition(points: Points, scenario: Scenario, strikes: dict[str, Strike], quarters: Sequence[int]) -> Singles:
    """Probability at each point that each target is on course at some quarters' ends, and at the last one met.

    Parameters
    ----------
    points : Points
    scenario : Scenario
    strikes : dict of str to Strike
        As `strike_points` gives them.
    quarters : sequence of int
        Counted from 0.

    Returns
    -------
    array, shape (quarter, target, point)
        As stated. Given the point, targets that are not composites are independent of one another.
    """
    model, plan = points.model, points.model.plan
    places = {target.id: number for number, target in enumerate(plan.judged)}
    chances = np.empty((len(quarters), len(places), points.cumulative.shape[-1]), np.float32)
    _judge_growth(points, hit_cumulative(points, scenario, strikes), quarters, chances)
    deliveries = [places[name] for name in model.delivery_law.ids]
    chances[:, deliveries] = _judge_deliveries(points, scenario, strikes, quarters)
    milestones = [places[name] for name in model.milestone_law.ids]
    chances[:, milestones] = _judge_milestones(points, scenario, strikes, quarters)
    for number, target in enumerate(plan.judged):
        if isinstance(target, Composite):
            chances[:, number] = chances[:, [places[member] for member in target.members]].prod(axis=1)
    return chances


def _judge_growth(points: Points, cumulative: Singles, quarters: Sequence[int], chances: Singles) -> None:
    plan = points.model.plan
    series = {indicator.id: number for number, indicator in enumerate(plan.indicators)}
    for number, target in enumerate(plan.judged):
        if not isinstance(target, Growth):
            continue
        row, sign = series[target.indicator], np.float32(direct(plan, target))
        for place, quarter in enumerate(quarters):
            margin = sign * (cumulative[quarter, row] - np.float32(target.value))
            with np.errstate(divide="ignore", invalid="ignore"):
                chance = compute_normal_cdf(margin / points.spread[quarter, row])
            chances[place, number] = np.where(np.isnan(chance), 1, chance)  # nothing random, and just on the line


def _judge_deliveries(
    points: Points, scenario: Scenario, strikes: dict[str, Strike], quarters: Sequence[int]
) -> Singles:
    law, single = points.model.delivery_law, np.float32
    chances = np.empty((len(quarters), len(law.ids), points.cumulative.shape[-1]), single)
    if not law.ids:
        return chances
    shared = single(law.common) * points.draws.delivery_common + single(law.macro) * points.draws.trend_common
    courses, course_of = run_courses(law, points.news, find_speed(points.model, scenario, strikes, list(law.ids)))
    ahead: dict[tuple[int, int], Singles] = {}
    for number, course in enumerate(course_of):
        table = points.arrivals.get(number)
        own = single(law.shared[number]) * shared + single(np.log1p(law.reserve[number]))
        for place, quarter in enumerate(quarters):
            if (course, quarter) not in ahead:
                ahead[course, quarter] = _measure_lead(law.season[:, number], courses[course], quarter)
            reached = own + ahead[course, quarter]
            if table is None:
                chances[place, number] = compute_normal_cdf(reached / single(max(law.spread[number], 1e-9)))
            else:
                chances[place, number] = table.read(reached)
    return chances


def _measure_lead(season: Floats, course: Singles, quarter: int) -> Singles:
    """Log of what a pace of one delivers by a quarter's end over what is due by then."""
    due = 1.0 if quarter == len(season) - 1 else float(season[: quarter + 1].sum())
    if due == 0:
        return np.full_like(course[quarter], np.inf)
    with np.errstate(divide="ignore"):
        lead: Singles = np.log(course[quarter] / np.float32(due))
    return lead


def _judge_milestones(
    points: Points, scenario: Scenario, strikes: dict[str, Strike], quarters: Sequence[int]
) -> Singles:
    law, single = points.model.milestone_law, np.float32
    chances = np.empty((len(quarters), len(law.ids), points.cumulative.shape[-1]), single)
    shared = single(law.common) * points.draws.delivery_common + single(law.macro) * points.draws.trend_common
    own = single(np.sqrt(1 - law.common**2 - law.macro**2))
    delays = find_delay(points.model, scenario, strikes)
    alike: dict[tuple[float, float, bytes], int] = {}
    for number in range(len(law.ids)):
        delay = np.zeros(1, single) if delays is None or not delays[number].any() else delays[number]
        key = float(law.planned[number]), float(law.on_time[number]), delay.tobytes()
        if key in alike:
            chances[:, number] = chances[:, alike[key]]
            continue
        alike[key] = number
        for place, quarter in enumerate(quarters):
            drive = find_drive(law, law.on_time[number], quarter - law.planned[number] - delay.astype(np.float64))
            chances[place, number] = compute_normal_cdf(((shared - drive) / own).astype(single))
    return chances


def count_met(plan: Plan, members: Sequence[int], chances: Singles) -> Singles:
    """Distribution of how many targets of a group are met at each point.

    Parameters
    ----------
    plan : Plan
    members : sequence of int
        Places of the group's targets among those with odds.
    chances : array, shape (target, point)
        Of all targets with odds.

    Returns
    -------
    array, shape (number of members + 1, point)

    Notes
    -----
    Independent targets are convolved. A composite is met with all of its members: it lifts the
    case that all those inside the group are met, if those outside are met too.
    """
    places = {target.id: number for number, target in enumerate(plan.judged)}
    parts_of = {places[target.id]: [places[name] for name in target.members] for target in plan.composites}
    composites = [number for number in members if number in parts_of]
    bound = {part for number in composites for part in parts_of[number]}
    alone = [number for number in members if number not in bound and number not in composites]
    blocks = [np.stack([1 - chances[number], chances[number]]) for number in alone]
    for composite in composites:
        parts = parts_of[composite]
        block = np.ones((1, chances.shape[1]), np.float32)
        for number in parts:
            if number in members:
                block = _convolve(block, np.stack([1 - chances[number], chances[number]]))
        lifted = np.vstack([block, np.zeros_like(block[:1])])
        outside = chances[[number for number in parts if number not in members]].prod(axis=0)
        lifted[-1], lifted[-2] = block[-1] * outside, block[-1] * (1 - outside)
        blocks.append(lifted)
    while len(blocks) > 1:  # in pairs, which takes fewer and larger steps than one after the other
        pairs = [_convolve(*blocks[place : place + 2]) for place in range(0, len(blocks) - 1, 2)]
        blocks = pairs + blocks[len(blocks) - len(blocks) % 2 :]
    return blocks[0] if blocks else np.ones((1, chances.shape[1]), np.float32)


def _convolve(first: Singles, second: Singles) -> Singles:
    """Distribution of the sum of two independent counts, each of shape (count, point)."""
    total = np.zeros((len(first) + len(second) - 1, first.shape[1]), np.float32)
    if len(second) > len(first):
        first, second = second, first
    for number, chance in enumerate(second):
        total[number : number + len(first)] += first * chance
    return total
