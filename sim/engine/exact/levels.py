"""Levels: which number of a target has given odds, alone or together with others; on points of the exact road."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim._typing import Floats
from sim.engine.exact.conditional import judge_delivery, judge_milestone
from sim.engine.exact.events import find_chance_of_aim, place_aim
from sim.engine.exact.normal import compute_normal_cdf
from sim.engine.exact.strata import Stratum
from sim.inputs.plan.aims import Aim
from sim.inputs.plan.targets import Delivery, Growth, Milestone
from sim.model.amounts import find_ratio

__all__ = ["find_joint_odds", "find_level", "find_number_odds", "find_quarter_odds"]

_STEPS = 20


def find_number_odds(strata: Sequence[Stratum], aim: Aim, numbers: Floats) -> Floats:
    """Find the odds of a target with a number for each replicate, or one for all.

    Parameters
    ----------
    strata : sequence of Stratum
    aim : Aim
        Of growth or of a delivery.
    numbers : array, shape (1,) or (replicate,)
        In the target's own unit.

    Returns
    -------
    array, shape (replicate,)
    """
    return _average(strata, lambda each: _judge(each, aim, numbers))


def find_joint_odds(
    strata: Sequence[Stratum], aims: Sequence[Aim], numbers: Sequence[Floats], others: Sequence[Aim]
) -> Floats:
    """Find the odds that targets are met together, some with a number for each replicate, or one for all.

    Parameters
    ----------
    strata : sequence of Stratum
    aims : sequence of Aim
        Of growth or of deliveries, no two of one figure.
    numbers : sequence of array, shape (1,) or (replicate,)
        Of each aim.
    others : sequence of Aim
        That keep what the plan says; no composites.

    Returns
    -------
    array, shape (replicate,)
    """

    def meet(stratum: Stratum) -> Floats:
        together = np.ones(stratum.points.n_points)
        for aim, number in zip(aims, numbers, strict=True):
            together *= _judge(stratum, aim, number)
        for aim in others:
            upper = find_chance_of_aim(stratum.points, stratum.law, stratum.drawn, aim)
            together *= upper if aim.sign > 0 else 1 - upper
        return together

    return _average(strata, meet)


def find_quarter_odds(strata: Sequence[Stratum], aim: Aim) -> Floats:
    """Find the odds that a milestone is done by each quarter's end, shape (quarter, replicate)."""
    assert isinstance(aim.target, Milestone)
    place = strata[0].points.model.milestone_law.ids.index(aim.target.id)
    return _average(
        strata, lambda each: np.asarray(judge_milestone(each.points, each.law, each.drawn, place), np.float64)
    )


def _average(strata: Sequence[Stratum], find: Callable[[Stratum], Floats]) -> Floats:
    total: Floats = sum((each.weight * each.points.average(find(each)) for each in strata), start=np.zeros(()))
    return total


def _judge(stratum: Stratum, aim: Aim, numbers: Floats) -> Floats:
    """Probability that a figure is on the right side of the number of its replicate, shape (point,)."""
    points, target = stratum.points, aim.target
    each = np.repeat(numbers, points.count) if len(numbers) > 1 else numbers
    if isinstance(target, Growth):
        place = points.model.reduced.split_cumulative(place_aim(points.model, aim, 0).figure)
        figure, spread = stratum.grown[place][0], np.maximum(points.spread[place][0], np.float32(1e-9))
        room = place_aim(points.model, aim, 0, np.zeros(1)).value[0]  # what printing allows on the wrong side
        margins = aim.sign * (figure - (each + room)) / spread
        return np.asarray(compute_normal_cdf(margins.astype(np.float32)), np.float64)
    assert isinstance(target, Delivery)
    number = points.model.delivery_law.ids.index(target.id)
    ratio = np.squeeze(find_ratio(target, each, aim.sign))
    upper = judge_delivery(points, stratum.law, stratum.drawn, number, ratio)[-1].astype(np.float64)
    return np.asarray(upper if aim.sign > 0 else 1 - upper)


def find_level(odds_at: Callable[[Floats], Floats], odds: float, easy: Floats, hard: Floats) -> Floats:
    """Find the hardest level whose odds are at least some, by halving.

    Parameters
    ----------
    odds_at : callable
        From levels, shape (replicate,), to odds, which fall from `easy` to `hard`.
    odds : float
    easy, hard : array, shape (replicate,)
        Ends between which it is sought.

    Returns
    -------
    array, shape (replicate,)
        NaN where even `easy` has lower odds.

    Examples
    --------
    >>> find_level(lambda level: 1 - level, 0.7, np.zeros(1), np.ones(1)).round(4).tolist()
    [0.3]
    """
    out_of_reach = odds_at(easy) < odds
    all_hard = odds_at(hard) >= odds
    reached, missed = easy.astype(np.float64), hard.astype(np.float64)
    for _ in range(_STEPS):
        middle = (reached + missed) / 2
        enough = odds_at(middle) >= odds
        reached, missed = np.where(enough, middle, reached), np.where(enough, missed, middle)
    return np.where(out_of_reach, np.nan, np.where(all_hard, hard, reached))
