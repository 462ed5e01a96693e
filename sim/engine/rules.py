"""Rules followed path by path: each figure as it is printed, and the shocks that answer to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim._typing import Bools, Floats, Singles
from sim.engine.courses import find_amount, find_course, find_speed
from sim.engine.draws import Draws
from sim.engine.shock_effects import ShockDraw, find_factor, find_growth, strike
from sim.model.deliveries import DeliveryLaw, count_due
from sim.model.known import KnownGrowth
from sim.model.rules import RuleLaw
from sim.model.scenario_law import ScenarioLaw

__all__ = ["YearSoFar", "follow_rules"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class YearSoFar:
    """The year without shocks, as far as rules ask for it.

    Attributes
    ----------
    law : DeliveryLaw
        The one that paths follow.
    draws : Draws
    figures : array, shape (2, quarter, series, path)
    needed : array, shape (quarter, delivery, path)
    news : array, shape (quarter, path)
    counts : mapping of int to sequence of (int, array)
        Of deliveries of single things with published numbers: by quarter, how many had come.
    """

    law: DeliveryLaw
    draws: Draws
    figures: Singles
    needed: Singles
    news: Singles
    counts: Mapping[int, Sequence[tuple[int, Floats]]] = field(default_factory=dict)


def follow_rules(year: YearSoFar, law: ScenarioLaw, drawn: Mapping[int, ShockDraw]) -> dict[int, ShockDraw]:
    """Let rules strike where their figures are printed so, in the order in which these come out.

    Parameters
    ----------
    year : YearSoFar
    law : ScenarioLaw
    drawn : mapping of int to ShockDraw
        Shocks that happen by chance.

    Returns
    -------
    dict of int to ShockDraw
        With those of rules.
    """
    followed = dict(drawn)
    for rule in law.rules:
        if isinstance(rule.struck, KnownGrowth):
            at = rule.struck.kind, rule.struck.quarter, rule.struck.series
            below = year.figures[at] + find_growth(law, followed)[at] < np.float32(rule.cut)
        else:
            below = _falls_short(year, law, followed, rule)
        followed[rule.shock] = strike(law, rule.shock, year.draws, below == rule.below)
    return followed


def _falls_short(year: YearSoFar, law: ScenarioLaw, drawn: Mapping[int, ShockDraw], rule: RuleLaw) -> Bools:
    """Whether less than a rule's cut has been delivered."""
    number, quarter = rule.delivery, rule.struck.quarter
    assert number is not None
    run = find_course(year.law, year.news, find_factor(law, drawn, number), number)
    if not np.isfinite(year.law.arrivals[number]):
        amount = find_amount(year.law, year.draws, run, number, quarter)
        return np.asarray(np.exp(amount) < rule.cut, bool)
    uniforms = year.draws.draw_figure(f"{rule.struck.name}/rule")
    arrival = _find_arrival(year, run, number, float(np.ceil(rule.cut)), uniforms)
    return np.asarray(arrival > np.exp(run[quarter].astype(np.float64)), bool)


def _find_arrival(year: YearSoFar, run: Singles, number: int, count: float, uniforms: Floats) -> Floats:
    """Draw the course by which so many single things have come, shape (path,).

    Things that come between two of known time fall evenly into the time of the process; after the last, the wait is a
    gamma.
    """
    from scipy.special import betaincinv, gammaincinv

    needed = year.needed[:, number].astype(np.float64)
    marks = [
        (np.full(run.shape[1], count_due(year.law, q, number)),) * 2 + (np.exp(row),) for q, row in enumerate(needed)
    ]
    marks += [(come, come + 1, np.exp(run[q].astype(np.float64))) for q, come in year.counts.get(number, ())]
    before, start = np.zeros(run.shape[1]), np.zeros(run.shape[1])
    after, end = np.full(run.shape[1], np.inf), np.zeros(run.shape[1])
    for least, most, time in marks:
        later, earlier = (least <= count) & (least >= before), (most > count) & (most < after)
        before, start = np.where(later, least, before), np.where(later, time, start)
        after, end = np.where(earlier, most, after), np.where(earlier, time, end)
    gap = np.maximum(count - before, 1e-9)
    between = start + (end - start) * betaincinv(gap, np.where(np.isinf(after), 1.0, after - count), uniforms)
    beyond = start + gammaincinv(gap, uniforms) / (year.law.arrivals[number] * find_speed(year.law, year.draws, number))
    return np.where(before == count, start, np.where(np.isinf(after), beyond, between))
