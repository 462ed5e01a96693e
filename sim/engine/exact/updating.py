"""Points given published figures: growth, then deliveries and milestones, and how likely each figure was."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim._typing import Floats, Singles
from sim.engine.exact.conditional import ask_milestone, draw_at_points, list_growth, run_delivery
from sim.engine.exact.growth_update import open_filter, update_growth
from sim.engine.exact.points import Points, Update
from sim.engine.exact.promise_update import update_amount, update_arrivals, update_milestone
from sim.engine.exact.shock_sets import ShockSet
from sim.engine.likelihood import Likelihood
from sim.engine.shock_effects import ShockDraw
from sim.model.known import Known
from sim.model.scenario_law import ScenarioLaw
from sim.results.evidence import Evidence

__all__ = ["Updated", "update_points"]

_SHARED = ("shock", "move", "draw", "figure", "growth")  # of what is kept: what figures do not change


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Updated:
    """Points given published figures.

    Attributes
    ----------
    points : Points
    weight : array, shape (point,)
        How likely all figures were at each point.
    sides : array, shape (figure, 3, point)
        In the order of `Known.names`: how likely all earlier figures were at a point; the same times the probability
        of no more than the figure's cell, and of no less, given them.
    """

    points: Points
    weight: Floats
    sides: Floats

    def gather(self, known: Known) -> Evidence:
        """Gather the evidence of the points, by replicate."""
        count, blocks = self.points.count, self.points.n_points // self.points.count
        weight = self.weight.reshape(blocks, -1) / count
        return Evidence(
            weight=weight.sum(axis=-1),
            squared=(weight**2).sum(axis=-1),
            n_points=count,
            sides=self.sides.reshape(*self.sides.shape[:2], blocks, -1).mean(axis=-1),
            stories={},
            names=known.said,
        )


def update_points(
    points: Points, law: ScenarioLaw, subset: ShockSet, known: Known, factors: Floats | None = None
) -> Updated:
    """Condition points on published figures, if exactly some shocks happen.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    subset : ShockSet
        The shocks that happen.
    known : Known
    factors : array, shape (shock,), optional
        On the sizes of shocks.

    Returns
    -------
    Updated
    """
    drawn = draw_at_points(points, law, subset)
    likely = Likelihood(points.n_points)
    if points.correction is not None:
        likely.correct(points.correction)
    figures, spread = points.figures, points.spread
    added = _add_up(points, law, drawn, factors)
    if factors is not None:
        drawn = {place: replace(each, sizes=each.sizes * np.float32(factors[place])) for place, each in drawn.items()}
    if added is not None:
        figures = figures + added
    changed, slopes = dict[str, Any](), dict[int, Floats]()
    if known.growth:
        prepared = points.keep(("filter", known.growth), lambda: open_filter(points, known.growth))
        grown = update_growth(points, prepared, added)
        likely.take(grown.drawn.chance, grown.drawn.below, grown.drawn.above)
        figures, spread, rest, slopes = grown.figures, grown.rest[1], grown.rest[0], grown.slopes
        changed = {"trend_common": grown.trend_common, "common": grown.common}
    else:
        rest = np.stack([points.find_rest(quarter, cumulative=False)[1] for quarter in range(len(spread))])
    kept: dict[Hashable, Any] = {
        key: made for key, made in points._kept.items() if isinstance(key, tuple) and key[0] in _SHARED
    }
    update = Update(weight=likely.weight, rest=rest, promised={}, beyond={}, slopes=slopes)
    moved = replace(points, figures=figures, spread=spread, update=update, _kept=kept, **changed)
    _update_promises(moved, update, law, drawn, known, likely)
    moved = replace(moved, update=replace(update, weight=likely.weight))
    return Updated(points=moved, weight=likely.weight, sides=likely.stack())


def _add_up(points: Points, law: ScenarioLaw, drawn: Mapping[int, ShockDraw], factors: Floats | None) -> Singles | None:
    """Growth that shocks add to every figure; None where none happens."""
    added = None
    for shock, each in list_growth(points, law, drawn).items():
        scaled = each if factors is None else np.float32(factors[shock]) * each
        added = scaled if added is None else added + scaled
    return added


def _update_promises(
    points: Points,
    update: Update,
    law: ScenarioLaw,
    drawn: Mapping[int, ShockDraw],
    known: Known,
    likely: Likelihood,
) -> None:
    """Condition deliveries and milestones on their own figures, at points whose growth is updated."""
    deliveries, milestones = points.laws.delivery_law, points.laws.milestone_law
    for number, cells in known.deliveries.items():
        run, ahead = run_delivery(points, law, drawn, number)
        reached = run.astype(np.float64) + ahead
        name = deliveries.ids[number]
        if np.isfinite(deliveries.arrivals[number]):
            update.promised[name], update.beyond[name], come = update_arrivals(points, reached, number, cells)
            likely.correct(come.correction)
            likely.take(come.chance, come.below, come.above)
        else:
            update.promised[name], update.beyond[name], amounts = update_amount(points, reached, number, cells)
            likely.take(amounts.chance, amounts.below, amounts.above)
    for number, told in known.milestones.items():
        shared, needed = (each.astype(np.float64) for each in ask_milestone(points, law, drawn, number))
        done = update_milestone(shared, needed, milestones.own, told)
        update.promised[milestones.ids[number]] = done.chances
        likely.take(done.chance, done.below, done.above)
