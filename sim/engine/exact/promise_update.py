"""Deliveries and milestones given what has been done so far, at each point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sim._typing import Bools, Floats, Singles
from sim.engine.exact.arrivals import ArrivalsDrawn, draw_arrivals, find_arrival_chance
from sim.engine.exact.cells import Drawn, draw_in_cells, factorize, solve
from sim.engine.exact.points import Points
from sim.model.amounts import find_capacity
from sim.model.deliveries import count_due, find_covariance
from sim.model.known import KnownDelivery, KnownMilestone

__all__ = ["UpdatedMilestone", "find_done", "update_amount", "update_arrivals", "update_milestone"]


Beyond = Callable[[Floats | float], Singles]
"""From what the year must bring over the goal to the probability that it does, or is on course to by each quarter."""


def update_amount(
    points: Points, reached: Floats, number: int, cells: Sequence[KnownDelivery]
) -> tuple[Singles, Beyond, Drawn]:
    """Condition a measured delivery on what has been delivered.

    Parameters
    ----------
    points : Points
    reached : array, shape (quarter, point)
        Log of what it brings by each quarter's end over its goal, but for its own error.
    number : int
        Of the delivery.
    cells : sequence of KnownDelivery

    Returns
    -------
    chances : array, shape (quarter, point)
        That what is due by each quarter's end is delivered.
    beyond : callable
        The same of any share of the goal.
    drawn : Drawn
        Logs of what has been delivered, each in its cell.
    """
    law = points.laws.delivery_law
    at = [each.quarter for each in cells]
    covariance = np.broadcast_to(find_covariance(law, number), (*[len(law.due)] * 2, points.n_points))
    root = factorize(covariance[np.ix_(at, at)])
    with np.errstate(divide="ignore"):
        low, high = (np.log(np.maximum([getattr(each, end) for each in cells], 0)) for end in ("low", "high"))
        due = np.log(np.array([*law.due[:-1, number], 1.0]))
    uniforms = [points.draw_figure(each.name) for each in cells]
    drawn = draw_in_cells(reached[at], root, low.tolist(), high.tolist(), uniforms)
    own = solve(root, drawn.values - reached[at])

    last = len(due) - 1

    def judge(capacity: Floats | float, year: Floats | float) -> Singles:
        """Chance of what is due at a capacity, which so much told of the year settles."""
        chances = np.ones((len(due), points.n_points), np.float32)
        for quarter in np.flatnonzero(~np.isneginf(due)).tolist():
            asked = due[quarter] + capacity
            told = asked if quarter < last else year
            if quarter in at:
                chances[quarter] = drawn.values[at.index(quarter)] >= told
                continue
            slope = solve(root, covariance[at, quarter])
            left = np.maximum(covariance[quarter, quarter] - np.einsum("an,an->n", slope, slope), 1e-18)
            centre = reached[quarter] + np.einsum("an,an->n", slope, own)
            chances[quarter] = _cdf((centre - asked) / np.sqrt(left))
            chances[quarter][find_done(drawn.values, cells, quarter, told)] = 1
        return chances

    def judge_ratio(ratio: Floats | float) -> Singles:
        with np.errstate(divide="ignore"):
            return judge(find_capacity(law, number, ratio), np.log(ratio / law.required[number]))

    return judge(0.0, 0.0), judge_ratio, drawn


def find_done(amounts: Floats, cells: Sequence[KnownDelivery], quarter: int, due: Floats | float) -> Bools:
    """Find where what is due by a quarter's end had been delivered by an earlier one, and stays so.

    Parameters
    ----------
    amounts : array, shape (figure, sample)
        Logs of what had been delivered.
    cells : sequence of KnownDelivery
    quarter : int
    due : float or array, shape (sample,)
        Log of what is due by its end.

    Returns
    -------
    array of bool, shape (sample,)
    """
    done = np.zeros(amounts.shape[1], bool)
    for row, each in enumerate(cells):
        if each.kept and each.quarter < quarter:
            done |= amounts[row] >= due
    return done


def update_arrivals(
    points: Points, reached: Floats, number: int, cells: Sequence[KnownDelivery]
) -> tuple[Singles, Beyond, ArrivalsDrawn]:
    """Condition a delivery of single things on how many have come.

    Parameters
    ----------
    points, reached, number, cells
        As for `update_amount`.

    Returns
    -------
    chances : array, shape (quarter, point)
    beyond : callable
        As `update_amount` gives it.
    drawn : ArrivalsDrawn
    """
    law = points.laws.delivery_law
    from scipy.special import ndtri

    speed = ndtri(points.draw_figure(f"{law.ids[number]}/speed"))
    uniforms = [points.draw_figure(each.name) for each in cells]
    expected = np.log(law.arrivals[number]) + reached
    drawn = draw_arrivals(expected, law.spread[number], cells, speed, uniforms)
    due = [count_due(law, quarter, number) for quarter in range(len(law.due))]
    chances = np.stack([find_arrival_chance(drawn, quarter, due[quarter]) for quarter in range(len(due))])

    def judge(ratio: Floats | float) -> Singles:
        early = np.exp(-find_capacity(law, number, ratio))
        above = np.stack([find_arrival_chance(drawn, quarter, due[quarter], early) for quarter in range(len(due))])
        told = drawn.counts[-1] >= np.ceil(ratio * law.arrivals[number] / law.required[number] - 1e-6)
        above[-1] = told if drawn.quarters[-1] == len(due) - 1 else np.where(told, 1.0, above[-1])
        return above.astype(np.float32)

    return chances.astype(np.float32), judge, drawn


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class UpdatedMilestone:
    """A milestone given whether it was reached by the ends of quarters.

    Attributes
    ----------
    chances : array, shape (quarter, sample)
        That it is done by each quarter's end.
    low, high : array, shape (sample,)
        Ends between which its own standard normal lies.
    chance, below, above : array, shape (figure, sample)
        Probability of each figure given the earlier ones, and of either side.
    """

    chances: Singles
    low: Floats
    high: Floats
    chance: Floats
    below: Floats
    above: Floats


def update_milestone(shared: Floats, needed: Floats, own: Floats, known: Sequence[KnownMilestone]) -> UpdatedMilestone:
    """Condition a milestone on whether it was reached by the ends of quarters.

    Parameters
    ----------
    shared : array, shape (point,)
        What drives it, but for its own part.
    needed : array, shape (quarter, point)
        From which drive on it is done by each quarter's end; never rising.
    own : array, shape (point,)
        Standard deviation of its own part.
    known : sequence of KnownMilestone

    Returns
    -------
    UpdatedMilestone
    """
    ends = (needed - shared) / own
    low, high = np.full(shared.shape, -np.inf), np.full(shared.shape, np.inf)
    chance, below, above = (np.zeros((len(known), *shared.shape)) for _ in range(3))
    for row, each in enumerate(known):
        before = _between(low, high)
        done = _between(np.maximum(low, ends[each.quarter]), high)
        share = np.divide(done, before, out=np.zeros_like(done), where=before > 0)
        if each.reached:
            low = np.maximum(low, ends[each.quarter])
            chance[row], below[row] = share, 1 - share
        else:
            high = np.minimum(high, ends[each.quarter])
            chance[row], above[row] = 1 - share, share
    whole = _between(low, high)
    chances = np.stack([_between(np.maximum(low, end), high) for end in ends])
    chances = np.divide(chances, whole, out=np.zeros_like(chances), where=whole > 0)
    return UpdatedMilestone(
        chances=chances.astype(np.float32), low=low, high=high, chance=chance, below=below, above=above
    )


def _between(low: Floats, high: Floats) -> Floats:
    """Probability that a standard normal lies between two ends; none where they are in the wrong order."""
    flip = low > 0
    near, far = np.where(flip, -high, low), np.where(flip, -low, high)
    return np.maximum(_cdf(far) - _cdf(near), 0)


def _cdf(values: Floats) -> Floats:
    from scipy.special import ndtr

    cdf: Floats = ndtr(values)
    return cdf
