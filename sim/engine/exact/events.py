"""Events: some targets met, with numbers of one's own, given that some are missed; on points of the exact road."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim._typing import Floats
from sim.engine.exact.conditional import add_growth, draw_at_points, judge_delivery, judge_figures, judge_milestone
from sim.engine.exact.points import Points
from sim.engine.exact.strata import cut_pieces, solve_pieces
from sim.engine.exact.updating import update_points
from sim.engine.shock_effects import ShockDraw
from sim.inputs.plan.aims import Aim, Event, list_parts
from sim.inputs.plan.readings import READINGS, direct, name_readings
from sim.inputs.plan.targets import Delivery, Growth, Milestone
from sim.model.amounts import find_ratio
from sim.model.judged import Judged
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw
from sim.model.thresholds import Thresholds, find_bound
from sim.model.tilting import Tilt
from sim.results.evidence import Evidence, Story, add_evidence

__all__ = ["find_chance_of_aim", "integrate_event", "place_aim"]


def integrate_event(
    points: Points,
    law: ScenarioLaw,
    event: Event,
    known: Known | None = None,
    judged: Judged | None = None,
    tilt: Tilt | None = None,
) -> tuple[Floats, Floats, Evidence | None]:
    """Integrate the odds of an event over points.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    event : Event
    known : Known, optional
        Published figures.
    judged : Judged, optional
        Events, and how likely they are said to be.
    tilt : Tilt, optional
        Of these, found before; None means that of these points.

    Returns
    -------
    both, given : array, shape (replicate,)
        Probability that what is to be met is met and what is to be missed is missed, and of the latter alone: one
        where nothing is given. With figures, that these come too.
    evidence : Evidence or None
        How likely the figures are, as judged; None where nothing is published or judged. Nothing of all three where
        judgements cannot be met.
    """
    replicates = points.n_points // points.count
    both, given = np.zeros(replicates), np.zeros(replicates)
    hits, misses = list[Floats](), list[Floats]()
    told, weights, events = dict[Story, Evidence](), list[Floats](), list[tuple[bool, ...]]()
    for piece in cut_pieces(points, law, known, judged):
        cut, drawn = piece.points, draw_at_points(piece.points, piece.law, piece.subset)
        evidence = Evidence.flat(replicates, cut.count)
        if piece.known is not None:
            updated = update_points(cut, piece.law, piece.subset, piece.known)
            cut, evidence = updated.points, updated.gather(piece.known)
        told[len(told)] = evidence
        weights.append(piece.weight)
        events.append(piece.events)
        at_points = _Conditioned(points=cut, law=piece.law, drawn=drawn, known={})
        hit, missed = at_points.find_odds(event)
        hits.append(cut.average(hit))
        misses.append(cut.average(missed))
    if judged is not None:
        masses = [float((weight * each.weight).mean()) for weight, each in zip(weights, told.values(), strict=True)]
        tilt = tilt or solve_pieces(events, masses, judged.asked)
        factor = tilt.weigh(np.array(events, bool).T) if tilt.is_met else np.zeros(len(events))
        weights = [by * weight for by, weight in zip(factor, weights, strict=True)]
    for weight, hit, missed in zip(weights, hits, misses, strict=True):
        both += weight * hit
        given += weight * missed
    return both, given, None if known is None and judged is None else _add_weights([*told.values()], weights)


def _add_weights(told: Sequence[Evidence], weights: Sequence[Floats]) -> Evidence:
    """Add up how likely figures are over strata, of which some may hold rules' figures too."""
    first = replace(told[0], sides=told[0].sides[:0], names=())
    bare: dict[Story, Evidence] = {
        place: replace(first, weight=each.weight, squared=each.squared, n_points=each.n_points)
        for place, each in enumerate(told)
    }
    return add_evidence(bare, weights)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Conditioned:
    """Chances of aims at points, given which shocks happen; what was found is kept.

    Given a point, figures of different targets are independent; several aims of one figure ask for an interval of it.
    """

    points: Points
    law: ScenarioLaw
    drawn: Mapping[int, ShockDraw]
    known: dict[tuple[str, int], Floats]

    def find_odds(self, event: Event) -> tuple[Floats, Floats]:
        """Probability of an event and of what is given, shape (point,)."""
        met, missed, none = list(event.met), list(event.missed), list[Aim]()
        one = np.ones(self.points.n_points)
        meet = {
            ("all", "any"): lambda: self._meet(met, none, event) - self._meet(met + missed, none, event),
            ("all", "all"): lambda: self._meet(met, missed, event),
            ("any", "any"): lambda: (
                one - self._meet(none, met, event) - self._meet(missed, none, event) + self._meet(missed, met, event)
            ),
            ("any", "all"): lambda: self._meet(none, missed, event) - self._meet(none, missed + met, event),
        }
        if not missed:
            return meet[event.which_met, "all"](), one
        given = (
            one - self._meet(missed, none, event) if event.which_missed == "any" else self._meet(none, missed, event)
        )
        return np.maximum(meet[event.which_met, event.which_missed](), 0), given

    def _meet(self, met: Sequence[Aim], missed: Sequence[Aim], event: Event) -> Floats:
        """Probability that all of some aims are met and none of others, shape (point,)."""
        plan = self.points.model.plan
        for place, aim in enumerate(missed):
            parts = list_parts(plan, aim)
            if len(parts) > 1:  # missed unless all of its members are met
                others = [*missed[:place], *missed[place + 1 :]]
                return self._meet(met, others, event) - self._meet([*met, *parts], others, event)
        above: dict[Hashable, list[Floats]] = {}
        below: dict[Hashable, list[Floats]] = {}
        for asked, wanted in ((met, True), (missed, False)):
            for aim in asked:
                for part in list_parts(plan, aim):
                    chance = self._find_upper(part, event.reading)
                    (above if wanted == (part.sign > 0) else below).setdefault(_name_figure(part), []).append(chance)
        together = np.ones(self.points.n_points)
        for figure in dict.fromkeys([*above, *below]):  # in an order that no hash decides
            upper = np.min(above[figure], axis=0) if figure in above else 1.0
            lower = np.max(below[figure], axis=0) if figure in below else 0.0
            together = together * np.maximum(upper - lower, 0)
        return together

    def _find_upper(self, aim: Aim, reading: int) -> Floats:
        """Probability that the figure of an aim is at or above what is asked, shape (point,)."""
        key = f"{aim.name} {aim.sign}", reading
        if key not in self.known:
            self.known[key] = find_chance_of_aim(self.points, self.law, self.drawn, aim, reading)
        return self.known[key]


def place_aim(model: Model, aim: Aim, reading: int, number: Floats | None = None) -> Thresholds:
    """Place what an aim asks of growth among the figures of a year.

    Parameters
    ----------
    model : Model
    aim : Aim
        Of a growth target.
    reading : int
        Place among the plan's readings.
    number : array, shape (threshold,), optional
        In place of the aim's.

    Returns
    -------
    Thresholds
        One, or one for each number.
    """
    plan, target = model.plan, aim.target
    assert isinstance(target, Growth)
    reduced, quarters = model.reduced, len(model.law.path)
    quarter = quarters - 1 if reading < len(READINGS) else reading - len(READINGS)
    series = [each.id for each in plan.indicators].index(target.indicator)
    figure = reduced.find_cumulative(quarter) * len(plan.indicators) + series
    stated = find_bound(plan, target, name_readings(plan)[reading])
    goal = find_bound(plan, target, "stated")
    room = (goal - stated) * direct(plan, target)  # what the reading allows on the wrong side
    values = np.atleast_1d((target.value if aim.number is None else aim.number) if number is None else number)
    same = np.ones(len(values), np.int64)
    return Thresholds(
        reading=reading * same,
        target=plan.judged.index(target) * same,
        figure=figure * same,
        sign=aim.sign * np.ones(len(values)),
        value=values.astype(np.float64) - aim.sign * room,
        width=np.full(len(values), np.inf),
    )


def find_chance_of_aim(
    points: Points, law: ScenarioLaw, drawn: Mapping[int, ShockDraw], aim: Aim, reading: int = 0
) -> Floats:
    """Find the probability that the figure of a target is at or above the number of an aim.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    drawn : mapping of int to ShockDraw
        The shocks that happen, by place.
    aim : Aim
        Of a target that is no composite.
    reading : int
        Place among the plan's readings.

    Returns
    -------
    array, shape (point,)
    """
    model, target = points.model, aim.target
    course = max(reading - len(READINGS), -1)  # the year's own row is the last
    if isinstance(target, Growth):
        chance = judge_figures(points, place_aim(model, aim, reading), add_growth(points, law, drawn))[0]
        upper: Floats = chance.astype(np.float64)
        return upper if aim.sign > 0 else 1 - upper
    if isinstance(target, Delivery):
        place = model.delivery_law.ids.index(target.id)
        ratio = None if aim.number is None else find_ratio(target, aim.number, aim.sign)
        return np.asarray(judge_delivery(points, law, drawn, place, ratio)[course], np.float64)
    assert isinstance(target, Milestone)
    place = model.milestone_law.ids.index(target.id)
    quarter = course if aim.quarter is None else aim.quarter
    return np.asarray(judge_milestone(points, law, drawn, place)[quarter], np.float64)


def _name_figure(aim: Aim) -> str:
    """Name the figure that an aim asks for: several growth targets may be of one indicator."""
    return f"{aim.target.kind} {aim.target.indicator if isinstance(aim.target, Growth) else aim.target.id}"
