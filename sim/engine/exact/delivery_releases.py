"""Coming counts and amounts of deliveries: bands of what may be told, how likely each is, and the odds it would leave.

At a point a measured amount is normal in the log of its speed, as growth is in itself; single things arrive as a
Poisson process whose own speed is drawn. What is told since January is put into bands, between quantiles of all points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammainc, gammaincc, ndtr, ndtri

from sim._typing import Floats, Singles
from sim.engine.exact.arrivals import draw_arrivals
from sim.engine.exact.cells import draw_in_cells, factorize, solve
from sim.engine.exact.conditional import draw_at_points, run_delivery
from sim.engine.exact.points import Points
from sim.engine.exact.shock_sets import ShockSet
from sim.model.amounts import find_ceiling
from sim.model.deliveries import count_due, find_covariance
from sim.model.known import Known, KnownDelivery
from sim.model.scenario_law import ScenarioLaw

__all__ = ["ComingAmount", "describe_coming", "lay_bands"]

_EDGES = (0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97)
"""Quantiles between which bands lie."""

_DIGITS = 3  # of an edge

_LEVELS = 8  # of every eighth point's amount, by which bands are laid


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ComingAmount:
    """What a delivery may have brought by a quarter's end, at each point.

    Attributes
    ----------
    unit : float
        What an amount of one is, in the target's unit.
    counts : bool
        Whether single things are counted; else amounts are logs.
    before, since : array, shape (point,)
        Things that have come already, and that were expected by then.
    mean, spread : array, shape (point,)
        Of the log of the amount; of things the rate of those to come, and nothing.
    year, slope, left : array, shape (point,)
        Mean of the year's log where the amount is as expected, its slope on the amount, and what is left; of things
        the rate of the quarters after that, and nothing.
    due : float
        Of the year: a log, or things.
    ceiling : array, shape () or (point,), or None
        Of a range: log of the capacity from which on the year is above its upper end.
    excess : float
        Of a range: what is above its upper end, a log or things.
    kept : bool
        Whether what is delivered stays delivered.
    uniforms : array, shape (point,)
    """

    unit: float
    counts: bool
    before: Floats
    since: Floats
    mean: Floats
    spread: Floats
    year: Floats
    slope: Floats
    left: Floats
    due: float
    ceiling: Floats | None
    excess: float
    kept: bool
    uniforms: Floats

    def draw(self, level: float) -> Floats:
        """Draw amounts at a level, in the target's unit; of things about."""
        z = float(ndtri(level))
        if self.counts:
            return np.maximum(self.before + self.mean + z * np.sqrt(self.mean), 0) * self.unit
        return np.exp(self.mean + self.spread * z) * self.unit

    def weigh(self, edges: Sequence[float]) -> tuple[Floats, Floats]:
        """Weigh the bands between edges.

        Parameters
        ----------
        edges : sequence of float
            In the target's unit, rising.

        Returns
        -------
        shares, given : array, shape (band, point)
            How likely each band is, and the odds of the year with an amount drawn in it.
        """
        ends = np.array(edges) / self.unit
        return self._weigh_things(ends) if self.counts else self._weigh_amounts(ends)

    def _weigh_amounts(self, ends: Floats) -> tuple[Floats, Floats]:
        spread = np.maximum(self.spread, 1e-12)
        with np.errstate(divide="ignore"):
            away = (np.log(np.maximum(ends, 0))[:, None] - self.mean) / spread
        below = np.vstack([np.zeros_like(self.mean), ndtr(away), np.ones_like(self.mean)])
        shares = np.diff(below, axis=0)
        levels = np.clip(below[:-1] + self.uniforms * shares, 1e-15, 1 - 1e-15)
        drawn = self.mean + spread * ndtri(levels)
        centre = self.year + self.slope * (drawn - self.mean)

        def judge(asked: Floats | float, told: float) -> Floats:
            """Chance of a capacity, which so much delivered settles."""
            given = np.where(
                self.left > 1e-9, ndtr((centre - asked) / np.maximum(self.left, 1e-9)), (centre >= asked).astype(float)
            )
            return np.where(self.kept & (drawn >= told), 1.0, given)

        reached = judge(self.due, self.due)
        if self.ceiling is None:
            return shares, reached
        return shares, np.maximum(reached - judge(self.ceiling, self.excess), 0)

    def _weigh_things(self, ends: Floats) -> tuple[Floats, Floats]:
        rate = np.maximum(self.mean, 1e-12)
        first = np.ceil(ends - 1e-9)[:, None] - self.before  # the least that a band's upper neighbour holds
        fewer = np.where(first >= 1, gammaincc(np.maximum(first, 1), rate), 0.0)
        below = np.vstack([np.zeros_like(rate), fewer, np.ones_like(rate)])
        shares = np.diff(below, axis=0)
        z = ndtri(np.clip(below[:-1] + self.uniforms * shares, 1e-12, 1 - 1e-12))
        come = np.floor(rate + np.sqrt(rate) * z + (z**2 - 1) / 6 + 0.5)  # Cornish and Fisher, held in its band
        come = np.clip(
            come, np.vstack([np.zeros_like(rate), first]), np.vstack([first - 1, np.full_like(rate, np.inf)])
        )
        missing = self.due - self.before - come
        reached = np.where(missing <= 0, 1.0, gammainc(np.maximum(missing, 1), np.maximum(self.year, 1e-300)))
        return shares, reached if self.ceiling is None else np.maximum(reached - self._exceed(come, missing), 0)

    def _exceed(self, come: Floats, missing: Floats) -> Floats:
        """Probability that the year is above the upper end: what is due comes in so much less time."""
        assert self.ceiling is not None
        now = self.mean  # expected since the last count
        year = (now + self.year + self.since) * np.exp(-self.ceiling) - self.since - now
        after = np.where(missing <= 0, 1.0, gammainc(np.maximum(missing, 1), np.maximum(year, 0)))
        share = np.clip(1 + year / np.maximum(now, 1e-300), 0, 1)
        need = self.due - self.before
        before = betainc(np.maximum(need, 1), np.maximum(1 - missing, 1), share)
        before = np.where(need <= 0, 1.0, np.where(missing > 0, 0.0, before))
        over = self.before + come >= self.excess
        return np.where(over, 1.0, np.where(year >= 0, after, before))


def describe_coming(
    points: Points, law: ScenarioLaw, subset: ShockSet, quarter: int, number: int, known: Known | None, unit: float
) -> ComingAmount:
    """Describe what a delivery may have brought by a quarter's end, given what has been told of it.

    Parameters
    ----------
    points : Points
        Given what has been published.
    law : ScenarioLaw
    subset : ShockSet
        The shocks that happen.
    quarter, number : int
        Of the release, later than all that is known; of the delivery.
    known : Known or None
    unit : float
        What must be delivered in the year, or a single thing, in the target's unit.

    Returns
    -------
    ComingAmount
    """
    run, ahead = run_delivery(points, law, draw_at_points(points, law, subset), number)
    reached = run.astype(np.float64) + ahead
    deliveries, name = points.laws.delivery_law, points.laws.delivery_law.ids[number]
    cells = known.deliveries.get(number, ()) if known is not None else ()
    uniforms = points.draw_figure(f"{name}/{quarter}/next")
    describe = _describe_things if np.isfinite(deliveries.arrivals[number]) else _describe_amount
    return describe(points, reached, quarter, number, cells, unit, uniforms)


def _describe_amount(
    points: Points,
    reached: Floats,
    quarter: int,
    number: int,
    cells: Sequence[KnownDelivery],
    unit: float,
    uniforms: Floats,
) -> ComingAmount:
    law, last = points.laws.delivery_law, len(reached) - 1
    covariance = np.broadcast_to(find_covariance(law, number), (last + 1, last + 1, points.n_points))
    asked = [quarter, last]
    mean, cross = reached[asked], covariance[np.ix_(asked, asked)].copy()
    at = [each.quarter for each in cells]
    if cells:
        root = factorize(covariance[np.ix_(at, at)])
        with np.errstate(divide="ignore"):
            low, high = (np.log(np.maximum([getattr(each, end) for each in cells], 0)) for end in ("low", "high"))
        drawn = draw_in_cells(
            reached[at], root, low.tolist(), high.tolist(), [points.draw_figure(e.name) for e in cells]
        )
        own = solve(root, drawn.values - reached[at])
        slopes = np.stack([solve(root, covariance[at, each]) for each in asked])  # (asked, known, point)
        mean = mean + np.einsum("akn,kn->an", slopes, own)
        cross -= np.einsum("akn,bkn->abn", slopes, slopes)
    variance = np.maximum(cross[0, 0], 1e-18)
    slope = cross[0, 1] / variance
    left = np.sqrt(np.maximum(cross[1, 1] - slope * cross[0, 1], 0)) if quarter < last else np.zeros(points.n_points)
    excess, ceiling = float(np.log(law.excess[number])), find_ceiling(law, number)
    if ceiling is not None and quarter == last:  # what is told then is the year's
        ceiling = np.asarray(excess)
    return ComingAmount(
        unit=unit,
        counts=False,
        before=np.zeros(points.n_points),
        since=np.zeros(points.n_points),
        mean=mean[0],
        spread=np.sqrt(variance),
        year=mean[1],
        slope=slope,
        left=left,
        due=0.0,
        ceiling=ceiling,
        excess=excess,
        kept=not cells or cells[0].kept,
        uniforms=uniforms,
    )


def _describe_things(
    points: Points,
    reached: Floats,
    quarter: int,
    number: int,
    cells: Sequence[KnownDelivery],
    unit: float,
    uniforms: Floats,
) -> ComingAmount:
    law, name = points.laws.delivery_law, points.laws.delivery_law.ids[number]
    normals = ndtri(points.draw_figure(f"{name}/speed"))
    logs = np.log(law.arrivals[number]) + reached
    before, since = np.zeros(points.n_points), np.zeros(points.n_points)
    if cells:
        come = draw_arrivals(logs, law.spread[number], cells, normals, [points.draw_figure(e.name) for e in cells])
        expected, before, since = come.expected, come.counts[-1], come.expected[cells[-1].quarter]
    else:
        expected = np.exp(logs + law.spread[number] * normals)
    nothing, last = np.zeros(points.n_points), len(law.due) - 1
    ceiling = find_ceiling(law, number)
    if ceiling is not None and quarter == last:  # what is told then is the year's
        ceiling = np.asarray(np.inf)
    return ComingAmount(
        unit=unit,
        counts=True,
        before=before,
        since=since,
        mean=np.maximum(expected[quarter] - since, 0),
        spread=nothing,
        year=np.maximum(expected[-1] - expected[quarter], 0),
        slope=nothing,
        left=nothing,
        due=count_due(law, last, number),
        ceiling=ceiling,
        excess=np.ceil(law.excess[number] * law.arrivals[number] - 1e-6),
        kept=True,
        uniforms=uniforms,
    )


def lay_bands(coming: Sequence[ComingAmount], weights: Sequence[Singles], singles: int) -> list[float]:
    """Lay edges of bands between quantiles of all points, rounded.

    Parameters
    ----------
    coming : sequence of ComingAmount
        Of each set of shocks.
    weights : sequence of array, shape (point,)
        How likely each point is.
    singles : int
        Single things in the target's unit; 0 where there are none.

    Returns
    -------
    list of float
        In the target's unit, rising.
    """
    levels = (np.arange(_LEVELS) + 0.5) / _LEVELS
    amounts = np.concatenate([each.draw(float(level))[::_LEVELS] for each in coming for level in levels])
    weight = np.concatenate([each[::_LEVELS] for each in weights for _ in levels])
    order = np.argsort(amounts)
    share = np.cumsum(weight[order], dtype=float)
    found = amounts[order][np.searchsorted(share / share[-1], _EDGES)]
    edges = {float(f"{each:.{_DIGITS}g}") for each in found if each > 0} or {coming[0].unit}
    if singles:
        edges = {max(round(each * singles), 1) / singles for each in edges}
    return sorted(edges)
