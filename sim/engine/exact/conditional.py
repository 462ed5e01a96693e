"""Conditional odds: the probability of each target at each point, and what follows from their independence."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Singles
from sim.engine.courses import find_course
from sim.engine.exact.normal import compute_normal_cdf, find_chances
from sim.engine.exact.points import Points
from sim.engine.exact.shock_sets import DrawnSets, ShockSet
from sim.engine.shock_effects import ShockDraw, find_factor, find_growth, find_setback, place_draw
from sim.inputs.plan.readings import READINGS, name_readings
from sim.inputs.plan.targets import Composite
from sim.model.amounts import cut_off, find_capacity
from sim.model.arrivals import tabulate_arrivals
from sim.model.deliveries import count_due, find_spread
from sim.model.scenario_law import ScenarioLaw
from sim.model.thresholds import Thresholds, measure_margins

__all__ = [
    "MOST_SHOCKS",
    "Conditional",
    "add_growth",
    "ask_milestone",
    "condition",
    "draw_at_points",
    "judge_delivery",
    "judge_figures",
    "judge_milestone",
    "list_growth",
    "run_delivery",
]

MOST_SHOCKS = 32
"""Each shock takes arrays over all points, and a step of drawing."""


def draw_at_points(points: Points, law: ScenarioLaw, subset: ShockSet) -> dict[int, ShockDraw]:
    """Draw the shocks at each point if exactly those of a set happen.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    subset : ShockSet

    Returns
    -------
    dict of int to ShockDraw
        All shocks of the scenario, by place.
    """
    drawn = {}
    for shock in range(len(law.names)):
        if isinstance(subset, DrawnSets):
            struck, among = subset.happened[shock], (subset.of, shock)
            drawn[shock] = points.keep(
                ("draw", law.definition[shock], among),
                partial(_place, points, law, shock, np.flatnonzero(struck), among),
            )
        else:
            happened = shock in subset
            drawn[shock] = points.keep(
                ("draw", law.definition[shock], happened),
                partial(_place, points, law, shock, slice(None) if happened else slice(0)),
            )
    return drawn


def _place(
    points: Points, law: ScenarioLaw, shock: int, struck: NDArray[np.int64] | slice, among: Hashable = None
) -> ShockDraw:
    uniforms, move = points.draw_shock(law.names[shock]), points.move_shock(law, shock)
    return replace(place_draw(law, shock, uniforms[:, struck], struck, points.n_points, move), among=among)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Conditional:
    """Probability of each target in each reading at each point, and what it depends on.

    Attributes
    ----------
    chances : array, shape (reading, target, point)
        Zero in readings that a target lacks. Given the point, targets that are not composites are independent of one
        another.
    keys : tuple, shape (target,)
        What a target's chances depend on beside the point: the same key, the same chances in every scenario; None
        where they are not kept.
    """

    chances: Singles
    keys: tuple[Hashable, ...]


def condition(points: Points, law: ScenarioLaw, subset: ShockSet) -> Conditional:
    """Compute the probability of each target in each reading at each point.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    subset : ShockSet
        The shocks that happen.

    Returns
    -------
    Conditional
    """
    model, plan = points.model, points.model.plan
    places = {target.id: number for number, target in enumerate(plan.judged)}
    chances = np.zeros((len(name_readings(plan)), len(places), points.n_points), np.float32)
    keys: list[Hashable] = [None] * len(places)
    drawn = draw_at_points(points, law, subset)
    asked = model.thresholds
    chances[asked.reading, asked.target] = judge_figures(points, asked, add_growth(points, law, drawn))
    promised = points.update.promised if points.update else {}
    course = [*range(len(READINGS), len(chances)), 0]
    for number, (name, changes) in enumerate(zip(model.delivery_law.ids, law.speed.T, strict=True)):
        judge = partial(_judge_range, points, law, drawn, number)
        if name in promised:
            reached = judge()
        else:
            keys[places[name]] = key = _find_key(law, drawn, changes)
            reached = points.keep(("delivery", number, key), judge)
        chances[course, places[name]] = 1 - reached if model.delivery_law.is_cap[number] else reached
    for number, (name, changes) in enumerate(zip(model.milestone_law.ids, law.delay.T, strict=True)):
        if name in promised:
            chances[course, places[name]] = promised[name]
            continue
        keys[places[name]] = key = _find_key(law, drawn, changes)
        chances[course, places[name]] = points.keep(
            ("milestone", number, key), partial(judge_milestone, points, law, drawn, number)
        )
    for number, target in enumerate(plan.judged):
        if isinstance(target, Composite):
            parts = [places[member] for member in target.members]
            chances[:, number] = chances[:, parts].prod(axis=1)
            keys[number] = None if any(keys[part] is None for part in parts) else tuple(keys[part] for part in parts)
    return Conditional(chances=chances, keys=tuple(keys))


def _find_key(law: ScenarioLaw, drawn: Mapping[int, ShockDraw], changes: Floats) -> Hashable:
    """Name what shocks that happen do to a delivery or milestone, by their definitions."""
    return tuple(
        (law.definition[shock], float(changes[shock]), struck.among)
        for shock, struck in drawn.items()
        if changes[shock] and len(struck.sizes)
    )


def add_growth(points: Points, law: ScenarioLaw, drawn: Mapping[int, ShockDraw]) -> Singles:
    """Add what shocks add to growth from the year's start, shape (quarter, series, point).

    Points that know figures hold it already.
    """
    cumulative = points.cumulative
    if points.update is not None:
        return cumulative
    for added in list_growth(points, law, drawn).values():
        cumulative = cumulative + added[1]
    return cumulative


def list_growth(points: Points, law: ScenarioLaw, drawn: Mapping[int, ShockDraw]) -> dict[int, Singles]:
    """List what each shock that happens adds to growth, shape (2, quarter, series, point), by its place; it is kept."""
    return {
        shock: points.keep(("growth", law.definition[shock], struck.among), partial(find_growth, law, {shock: struck}))
        for shock, struck in drawn.items()
        if len(struck.sizes)
    }


def judge_figures(points: Points, asked: Thresholds, cumulative: Singles) -> Singles:
    """Find the probability that each threshold is met by cumulative growth, shape (threshold, point)."""
    figures = points.model.reduced.split_cumulative(asked.figure)
    return find_chances(measure_margins(asked, cumulative[figures]), points.spread[figures], asked.width)


def _judge_range(points: Points, law: ScenarioLaw, drawn: Mapping[int, ShockDraw], number: int) -> Singles:
    """Find the probability that what is due is delivered, and of a range no more than its upper end."""
    reached, laws = judge_delivery(points, law, drawn, number), points.laws.delivery_law
    if np.isinf(laws.excess[number]):
        return reached
    above = judge_delivery(points, law, drawn, number, laws.excess[number])
    return cut_off(reached, above, laws.due[:, number])


def judge_delivery(
    points: Points, law: ScenarioLaw, drawn: Mapping[int, ShockDraw], number: int, ratio: Floats | float | None = None
) -> Singles:
    """Find the probability that what is due of a delivery is delivered.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    drawn : mapping of int to ShockDraw
        All shocks of the scenario, by place.
    number : int
        Of the delivery.
    ratio : array, shape () or (point,), optional
        What the year must bring over the goal; None means what is due.

    Returns
    -------
    array, shape (quarter, point)
    """
    laws, single = points.laws.delivery_law, np.float32
    quarters, name = len(laws.due), laws.ids[number]
    if points.update is not None and name in points.update.promised:
        return points.update.promised[name] if ratio is None else points.update.beyond[name](ratio)
    capacity = None if ratio is None else find_capacity(laws, number, ratio)
    run, ahead = run_delivery(points, law, drawn, number)
    chances = np.empty((quarters, points.n_points), single)
    for quarter in range(quarters):
        reached = run[quarter] + ahead
        if capacity is not None:
            reached = np.asarray(reached - capacity, single)
        things = count_due(laws, quarter, number) if np.isfinite(laws.arrivals[number]) else np.inf
        if np.isinf(things):
            due = single(0 if quarter == quarters - 1 else np.log(max(laws.due[quarter, number], 1e-30)))
            own = points.keep(("spread", quarter, number), partial(find_spread, laws, quarter, number)).astype(single)
            chances[quarter] = compute_normal_cdf((reached - due) / np.maximum(own, single(1e-9)))
        elif things == 0:
            chances[quarter] = 1
        else:
            spread = laws.spread[number].astype(single)
            wide = np.sqrt(spread**2 + single(1 / things))
            reached += single(np.log(laws.arrivals[number] / things))
            chances[quarter] = tabulate_arrivals(things).read(reached / wide, spread)
    return chances


def run_delivery(
    points: Points, law: ScenarioLaw, drawn: Mapping[int, ShockDraw], number: int
) -> tuple[Singles, Singles]:
    """Find how far a delivery comes at each point, but for its own error.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    drawn : mapping of int to ShockDraw
        All shocks of the scenario, by place.
    number : int
        Of the delivery.

    Returns
    -------
    run : array, shape (quarter, point)
        Log of what its course brings by each quarter's end at a speed of one.
    ahead : array, shape (point,)
        Log of its speed over its goal.
    """
    laws = points.laws.delivery_law
    key = "course", laws.courses[number], _find_key(law, drawn, law.speed[:, number])
    run = points.keep(key, lambda: find_course(laws, points.news, find_factor(law, drawn, number), number))
    return run, points.keep(("ahead", number), lambda: _find_ahead(points, number))


def _find_ahead(points: Points, number: int) -> Singles:
    """Log of how far a delivery is ahead of its goal, but for its own error and the course of the year."""
    law, single = points.laws.delivery_law, np.float32
    ahead = law.lead[number].astype(single) + law.macro[number].astype(single) * points.trend_common
    ahead += (law.shared[number] * law.common).astype(single) * points.delivery_common
    return np.asarray(ahead, single)


def judge_milestone(points: Points, law: ScenarioLaw, drawn: Mapping[int, ShockDraw], number: int) -> Singles:
    """Find the probability that a milestone is done by each quarter's end, shape (quarter, point)."""
    name = points.laws.milestone_law.ids[number]
    if points.update is not None and name in points.update.promised:
        return points.update.promised[name]
    shared, needed = ask_milestone(points, law, drawn, number)
    own = points.laws.milestone_law.own.astype(np.float32)
    return compute_normal_cdf(np.asarray((shared - needed) / own, np.float32))


def ask_milestone(
    points: Points, law: ScenarioLaw, drawn: Mapping[int, ShockDraw], number: int
) -> tuple[Singles, Singles]:
    """Find what drives a milestone at each point but for its own part, and what each quarter asks of it.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    drawn : mapping of int to ShockDraw
        All shocks of the scenario, by place.
    number : int
        Of the milestone.

    Returns
    -------
    shared : array, shape (point,)
    needed : array, shape (quarter, point)
        Or with one column for all points.
    """
    laws, single = points.laws.milestone_law, np.float32
    common, macro = laws.common.astype(single), laws.macro.astype(single)
    shared: Singles = points.keep(
        "milestones", lambda: np.asarray(common * points.delivery_common + macro * points.trend_common, single)
    )
    needed = laws.needed[:, number].astype(single)
    needed = needed if needed.ndim == 2 else needed[:, None]
    setback = find_setback(law, drawn, [number])
    if setback is not None:
        needed = np.minimum.accumulate(needed + setback[:, 0] * laws.slip[number].astype(single), axis=0)
    return shared, needed
