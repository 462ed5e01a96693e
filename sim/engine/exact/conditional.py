"""Conditional odds: the probability of each target at each point, and what follows from their independence."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from sim._typing import Floats, Singles
from sim.engine.exact.normal import compute_normal_cdf
from sim.engine.exact.points import Points
from sim.engine.paths import run_courses
from sim.engine.shock_effects import ShockDraw, find_delay, find_growth, find_speed, place_draw
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Composite
from sim.model.milestones import find_drive
from sim.model.scenario_law import ScenarioLaw
from sim.model.thresholds import measure_margins, met

__all__ = ["MOST_SHOCKS", "condition", "count_met", "draw_at_points"]

MOST_SHOCKS = 8
"""Every subset of a scenario's shocks is a stratum of its own; beyond this there are too many."""


def draw_at_points(points: Points, law: ScenarioLaw, subset: Collection[int]) -> dict[int, ShockDraw]:
    """Draw the shocks at each point if exactly those of a subset happen.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    subset : collection of int
        Places of shocks.

    Returns
    -------
    dict of int to ShockDraw
        All shocks of the scenario, by place.
    """
    n_points, drawn = points.cumulative.shape[-1], {}
    for shock in range(len(law.names)):
        uniforms = points.shocks[2 * shock : 2 * shock + 2].reshape(2, -1)
        struck = slice(None) if shock in subset else slice(0)
        drawn[shock] = place_draw(law, shock, uniforms[:, struck], struck, n_points)
    return drawn


def condition(points: Points, law: ScenarioLaw, subset: Collection[int], quarters: Sequence[int]) -> Singles:
    """Compute the probability that each target is on course at some quarters' ends, and at the last one met.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    subset : collection of int
        Places of the shocks that happen.
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
    drawn = draw_at_points(points, law, subset)
    struck = {shock: drawn[shock] for shock in subset}
    cumulative = points.cumulative + find_growth(law, struck)[1] if struck else points.cumulative
    _judge_growth(points, cumulative, quarters, chances)
    deliveries = [places[name] for name in model.delivery_law.ids]
    chances[:, deliveries] = _judge_deliveries(points, find_speed(law, drawn), quarters)
    milestones = [places[name] for name in model.milestone_law.ids]
    delays = find_delay(law, drawn, model.milestone_law.planned)
    chances[:, milestones] = _judge_milestones(points, delays, quarters)
    for number, target in enumerate(plan.judged):
        if isinstance(target, Composite):
            chances[:, number] = chances[:, [places[member] for member in target.members]].prod(axis=1)
    return chances


def _judge_growth(points: Points, cumulative: Singles, quarters: Sequence[int], chances: Singles) -> None:
    asked, place = points.model.thresholds.pick_course(), {quarter: number for number, quarter in enumerate(quarters)}
    ends, series = points.model.reduced.split_cumulative(asked.figure)
    chosen = np.isin(ends, quarters)
    asked, ends, series = asked.pick(chosen), ends[chosen], series[chosen]
    figures, spread = cumulative[ends, series], points.spread[ends, series]
    with np.errstate(divide="ignore", invalid="ignore"):
        likely = compute_normal_cdf(measure_margins(asked, figures) / spread)
    likely = np.where(spread > 0, likely, met(asked, figures))
    chances[[place[end] for end in ends.tolist()], asked.target] = likely


def _judge_deliveries(
    points: Points, speed: tuple[list[Singles | None], tuple[int, ...]], quarters: Sequence[int]
) -> Singles:
    law, single = points.model.delivery_law, np.float32
    chances = np.empty((len(quarters), len(law.ids), points.cumulative.shape[-1]), single)
    if not law.ids:
        return chances
    shared = single(law.common) * points.draws.delivery_common + single(law.macro) * points.draws.trend_common
    courses, course_of = run_courses(law, points.news, *speed)
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
    """Compute the log of what a pace of one delivers by a quarter's end over what is due by then."""
    due = 1.0 if quarter == len(season) - 1 else float(season[: quarter + 1].sum())
    if due == 0:
        return np.full_like(course[quarter], np.inf)
    with np.errstate(divide="ignore"):
        lead: Singles = np.log(course[quarter] / np.float32(due))
    return lead


def _judge_milestones(points: Points, delays: Singles | None, quarters: Sequence[int]) -> Singles:
    law, single = points.model.milestone_law, np.float32
    chances = np.empty((len(quarters), len(law.ids), points.cumulative.shape[-1]), single)
    shared = single(law.common) * points.draws.delivery_common + single(law.macro) * points.draws.trend_common
    own = single(np.sqrt(1 - law.common**2 - law.macro**2))
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
    """Compute the distribution of how many targets of a group are met at each point.

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
    """Compute the distribution of the sum of two independent counts, each of shape (count, point)."""
    total = np.zeros((len(first) + len(second) - 1, first.shape[1]), np.float32)
    if len(second) > len(first):
        first, second = second, first
    for number, chance in enumerate(second):
        total[number : number + len(first)] += first * chance
    return total
