"""Releases to come: every figure that may be printed, how likely each is, and what targets' odds it would leave.

At a point a figure still to come is normal, and every other target is independent of it: a printed figure weighs the
points by how likely it is at each, and nothing has to be computed again. Only targets of the same indicator move
within a point, by the regression of the year on the figure. Summed over all figures the odds are today's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from sim._typing import Floats, Singles
from sim.engine.exact.cells import factorize, solve
from sim.engine.exact.conditional import condition, draw_at_points
from sim.engine.exact.delivery_releases import describe_coming, lay_bands
from sim.engine.exact.normal import compute_normal_cdf
from sim.engine.exact.pilot import fit_proposal
from sim.engine.exact.points import Points, Update, lay_points
from sim.engine.exact.shock_sets import ShockSet
from sim.engine.exact.strata import compile_part, cut_pieces, find_tilt
from sim.engine.exact.updating import update_points
from sim.engine.shock_effects import find_growth
from sim.engine.tilting import check_tilts
from sim.inputs.plan.readings import READINGS
from sim.inputs.plan.targets import Delivery
from sim.inputs.quarters import PRINTED_STEP
from sim.inputs.scenario.reading import Scenario
from sim.model.figure_pieces import weigh_figure
from sim.model.growth import lift
from sim.model.judged import hold_centres
from sim.model.known import Known
from sim.model.model import Model
from sim.model.products import multiply
from sim.model.scenario_law import ScenarioLaw
from sim.model.thresholds import Thresholds

__all__ = ["Release", "ReleaseOdds", "integrate_releases"]

_RAREST = 5e-3
"""Figures less likely than this, from either end, are told together."""

_LEVELS = 16  # of each point's figure, by which the grid is laid
_NODE = 3**-0.5  # of two within half a cell, after Gauss
_DECIDED = 1e-12  # variance of a figure that is drawn already


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """A figure still to come.

    Attributes
    ----------
    series : str
        An indicator, a delivery or a milestone.
    quarter : int
        Up to whose end it tells, counted from 0.
    is_growth, is_delivery : bool
    """

    series: str
    quarter: int
    is_growth: bool
    is_delivery: bool = False


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ReleaseOdds:
    """What a release may say, and what it would leave of the odds.

    Attributes
    ----------
    release : Release
    values : array, shape (value,)
        Growth as printed, %, rising; of a milestone 0 (not reached) and 1. The first and the last stand for all
        beyond them as well. Of a delivery the lower ends of bands, in the target's unit, the first of them 0.
    weight : array, shape (value, replicate)
        How likely each is, together with what has been published.
    met : array, shape (value, target, replicate)
        The same times the odds of each target as printed.
    """

    release: Release
    values: Floats
    weight: Floats
    met: Floats

    @property
    def probability(self) -> Floats:
        """Probability of each value, shape (value,)."""
        mean = self.weight.mean(axis=-1)
        return np.asarray(mean / mean.sum())

    @property
    def odds(self) -> Floats:
        """Odds of each target if a value is printed, shape (value, target)."""
        mean = self.weight.mean(axis=-1)
        return np.asarray(self.met.mean(axis=-1) / np.maximum(mean, 1e-300)[:, None])

    @property
    def odds_se(self) -> Floats:
        """Standard error of `odds`, of the linearized ratio over replicates."""
        mean = np.maximum(self.weight.mean(axis=-1), 1e-300)
        residual = (self.met - self.odds[..., None] * self.weight[:, None]) / mean[:, None, None]
        return np.asarray(np.sqrt(residual.var(axis=-1, ddof=1) / residual.shape[-1]))

    @property
    def today(self) -> Floats:
        """Odds of each target without the release, shape (target,): the average over all values."""
        return np.asarray(self.probability @ self.odds)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Stratum:
    """Points of one set of shocks, given what has been published."""

    points: Points
    law: ScenarioLaw
    subset: ShockSet
    known: Known | None  # what has been published, the sides on which rules find their figures, cells of judged ones
    weight: Singles  # (point,): how likely the set is and what was published, over the points of a replicate
    printed: Singles  # (target, point): odds as printed
    reached: Singles  # (quarter, milestone, point)

    @property
    def size(self) -> int:
        """Points of a replicate."""
        return len(self.weight)

    def cut(self, block: int) -> _Stratum:
        """Cut out one replicate."""
        at = slice(block * self.points.count, (block + 1) * self.points.count)
        parts = self.weight[at], self.printed[:, at], self.reached[..., at]
        return replace(self, weight=parts[0], printed=parts[1], reached=parts[2])


def integrate_releases(
    model: Model, scenario: Scenario, releases: Sequence[Release], known: Known | None, *, seed: int, count: int
) -> list[ReleaseOdds]:
    """Integrate what releases may say over points, and the odds of all targets with each of their figures.

    Parameters
    ----------
    model : Model
        Without spillovers.
    scenario : Scenario
    releases : sequence of Release
        Of cumulative growth or milestones, none of them published.
    known : Known or None
        Published figures.
    seed : int
    count : int
        Points of a replicate, a power of two.

    Returns
    -------
    list of ReleaseOdds
    """
    strata = _open_strata(model, scenario, known, seed, count)
    return [_integrate(model, strata, release) for release in releases]


def _open_strata(model: Model, scenario: Scenario, known: Known | None, seed: int, count: int) -> list[_Stratum]:
    places = {target.id: number for number, target in enumerate(model.plan.judged)}
    milestones = [places[name] for name in model.milestone_law.ids]
    strata, heaviest = list[_Stratum](), 0.0
    proposal = None if known is None else fit_proposal(model, [scenario], known, seed)
    laid: dict[int, Points] = {}
    for part, share in scenario.parts:
        held, (law, judged) = hold_centres(model, part), compile_part(model, part)
        if id(held) not in laid or held is not model:
            laid[id(held)] = lay_points(held, count, seed, proposal=proposal)
        points = laid[id(held)]
        tilt = None if judged is None else find_tilt(points, law, judged, known)
        if tilt is not None:
            check_tilts([part], [tilt])
        for piece in cut_pieces(points, law, known, judged):
            if piece.known is None:
                moved, weight = _add_shocks(piece.points, piece.law, piece.subset), np.ones(piece.points.n_points)
            else:
                updated = update_points(piece.points, piece.law, piece.subset, piece.known)
                moved, weight = updated.points, updated.weight
            heaviest = heaviest or float(weight.max())  # only ratios count: none is lost in single precision
            chance = share * float(piece.weight.mean())
            if tilt is not None:
                chance *= float(tilt.weigh(np.array([piece.events], bool).T)[0])
            found = condition(moved, piece.law, piece.subset)
            course = [*range(len(READINGS), len(found.chances)), 0]
            strata.append(
                _Stratum(
                    points=moved,
                    law=piece.law,
                    subset=piece.subset,
                    known=piece.known,
                    weight=(chance * weight / heaviest / moved.count).astype(np.float32),
                    printed=found.chances[0],
                    reached=found.chances[np.ix_(course, milestones)],
                )
            )
    return strata


def _add_shocks(points: Points, law: ScenarioLaw, subset: ShockSet) -> Points:
    """Add what shocks do to the points' growth, as published figures find it."""
    drawn = draw_at_points(points, law, subset)
    struck = {shock: each for shock, each in drawn.items() if len(each.sizes)}
    figures = points.figures + find_growth(law, struck) if struck else points.figures
    update = Update(weight=np.ones(points.n_points), rest=points.spread, promised={}, beyond={})
    return replace(points, figures=figures, update=update)


def _integrate(model: Model, strata: Sequence[_Stratum], release: Release) -> ReleaseOdds:
    """Sum one release over all sets of shocks, a replicate at a time: arrays stay in the processor's cache."""
    values = np.array([0.0, 1.0])
    laws = [_describe(model, stratum.points, release, stratum.known) for stratum in strata] if release.is_growth else []
    if laws:
        values = _lay_values(laws, strata)
    bands = list[tuple[Floats, Floats]]()
    if release.is_delivery:
        values, bands = _weigh_delivery(model, strata, release)
    blocks = strata[0].points.n_points // strata[0].points.count
    weight = np.zeros((len(values), blocks))
    met = np.zeros((len(values), len(model.plan.judged), blocks))
    for number, stratum in enumerate(strata):
        for block in range(blocks):
            part = stratum.cut(block)
            if laws:
                shares, given = _weigh_growth(model, laws[number].cut(block, part.size), values)
            elif bands:
                shares, given = _cut_delivery(model, bands[number], release, block, part.size)
            else:
                shares, given = _weigh_milestone(model, part, release)
            each = shares * part.weight
            weight[:, block] += each.sum(axis=1, dtype=float)
            summed = multiply(each, part.printed.T)
            for place, chance in _spread(model, part, given).items():
                summed[:, place] = np.einsum("vn,vn->v", each, chance)
            met[:, :, block] += summed
    if bands:
        _settle(model, strata, release, weight, met)
    return ReleaseOdds(release=release, values=values, weight=weight, met=met)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Figure:
    """Law of a growth figure to come and of the year's given it, at each point, shape (point,)."""

    series: int
    mean: Singles
    spread: Singles
    year: Singles  # mean of the year
    slope: Singles  # of the year on the figure
    left: Singles  # standard deviation of the year that the figure leaves

    def cut(self, block: int, size: int) -> _Figure:
        """Cut out one replicate."""
        at = slice(block * size, (block + 1) * size)
        names = ("mean", "spread", "year", "slope", "left")
        return replace(self, **{name: getattr(self, name)[at] for name in names})


def _describe(model: Model, points: Points, release: Release, known: Known | None) -> _Figure:
    """Describe a figure and the year at points, given what has been published of the same indicator."""
    series = [each.id for each in model.plan.indicators].index(release.series)
    law = points.laws.law if points.laws.law.is_drawn else lift(points.laws.law)
    scale, last = points.scale.astype(np.float64), len(points.scale) - 1
    asked = [weigh_figure(law, scale, 1, quarter, series).own for quarter in (release.quarter, last)]
    cross = np.stack([np.einsum("pn,pn->n", *pair) for pair in ((asked[0],) * 2, asked, (asked[1],) * 2)])
    rows = [each for each in known.growth if each.series == series] if known is not None else []
    if rows:
        own = np.stack([weigh_figure(law, scale, each.kind, each.quarter, series).own for each in rows])
        root = factorize(np.einsum("apn,bpn->abn", own, own))
        first, second = (solve(root, np.einsum("apn,pn->an", own, each)) for each in asked)
        cross -= np.stack([np.einsum("an,an->n", *pair) for pair in ((first,) * 2, (first, second), (second,) * 2)])
    variance = np.maximum(cross[0], 1e-18)
    slope, single = np.where(cross[0] > _DECIDED, cross[1] / variance, 0.0), np.float32
    left = np.sqrt(np.maximum(cross[2] - slope * cross[1], 0))
    return _Figure(
        series=series,
        mean=points.figures[1, release.quarter, series],
        spread=np.sqrt(variance).astype(single),
        year=points.figures[1, last, series],
        slope=slope.astype(single),
        left=left.astype(single) if release.quarter < last else np.zeros(points.n_points, single),
    )


def _lay_values(laws: Sequence[_Figure], strata: Sequence[_Stratum]) -> Floats:
    """Lay out the figures that may be printed: all but the rarest at either end, which go with the last one there."""
    levels = (np.arange(_LEVELS) + 0.5) / _LEVELS
    figures = np.concatenate([(law.mean + law.spread * ndtri(levels)[:, None]).reshape(-1) for law in laws])
    weight = np.concatenate([np.tile(stratum.weight, _LEVELS) for stratum in strata])
    order = np.argsort(figures)
    share = np.cumsum(weight[order], dtype=float)
    ends = figures[order][np.searchsorted(share / share[-1], [_RAREST, 1 - _RAREST])]
    first, last = np.floor(ends / PRINTED_STEP + 0.5)
    return np.asarray(PRINTED_STEP * np.arange(first, last + 1))


def _weigh_growth(model: Model, law: _Figure, values: Floats) -> tuple[Singles, dict[int, Singles]]:
    """Shares of printed figures at points, and odds of the targets of the same indicator in each figure's cell."""
    single = np.float32
    edges = (values[1:] - PRINTED_STEP / 2).astype(single)[:, None]
    below = np.zeros((len(values) + 1, len(law.mean)), single)
    below[-1] = 1
    below[1:-1] = compute_normal_cdf((edges - law.mean) / law.spread)
    asked = model.thresholds
    asked = asked.pick((asked.reading == 0) & (asked.figure % len(model.plan.indicators) == law.series))
    met = np.zeros((len(asked.target), len(values), len(law.mean)), single)
    total = np.zeros((len(values), len(law.mean)), single)
    for node in (-_NODE, _NODE):
        away = (values + node * PRINTED_STEP / 2).astype(single)[:, None] - law.mean
        density = np.exp(np.maximum(single(-0.5) * (away / law.spread) ** 2, single(-80)))
        total += density
        met += density * _judge_year(law, asked, away)
    met /= total
    tails = below[1], 1 - below[-2]
    for end, tail, sign in ((0, tails[0], 1), (-1, tails[1], -1)):  # all beyond a figure as well
        met[:, end] = 0
        for level in (np.arange(_LEVELS) + 0.5) / _LEVELS:
            away = (sign * law.spread * ndtri(np.maximum(level * tail, 1e-30))).astype(single)
            met[:, end] += _judge_year(law, asked, away) / _LEVELS
    return np.diff(below, axis=0), dict(zip(asked.target.tolist(), met, strict=True))


def _judge_year(law: _Figure, asked: Thresholds, away: Singles) -> Singles:
    """Odds of targets if the figure is so far from its mean, shape (target, ..., point)."""
    centre, found = law.year + law.slope * away, []
    for sign, value, width in zip(asked.sign, asked.value, asked.width, strict=True):
        margin = np.float32(sign) * (centre - np.float32(value))
        chance = _pass(margin, law.left)
        found.append(chance if np.isinf(width) else chance - _pass(margin - np.float32(width), law.left))
    return np.stack(found) if found else np.empty((0, *away.shape), np.float32)


def _pass(margin: Singles, left: Singles) -> Singles:
    """Odds that a margin is not negative at the end of the year."""
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = compute_normal_cdf(margin / left)
    return np.where(left > 0, chance, (margin >= 0).astype(np.float32))


def _weigh_milestone(model: Model, part: _Stratum, release: Release) -> tuple[Singles, dict[int, Singles]]:
    """Shares of not reached and reached at points, and the odds of the milestone by its date given either."""
    reached, in_time = part.reached[[release.quarter, -1], model.milestone_law.ids.index(release.series)]
    place = [target.id for target in model.plan.judged].index(release.series)
    in_time = np.maximum(in_time, reached)
    later = np.divide(in_time - reached, 1 - reached, out=np.zeros_like(reached), where=reached < 1)
    return np.stack([1 - reached, reached]), {place: np.stack([later, np.ones_like(later)])}


def _weigh_delivery(
    model: Model, strata: Sequence[_Stratum], release: Release
) -> tuple[Floats, list[tuple[Floats, Floats]]]:
    """Lay bands of what a delivery may have brought; shares of them at points, and the odds of its target in each."""
    number, target = model.delivery_law.ids.index(release.series), _find_target(model, release)
    is_counted = bool(np.isfinite(model.delivery_law.arrivals[number]))
    singles = target.counted.singles
    unit = 1 / singles if is_counted else target.value * float(model.delivery_law.required[number])
    coming = [
        describe_coming(each.points, each.law, each.subset, release.quarter, number, each.known, unit)
        for each in strata
    ]
    edges = lay_bands(coming, [each.weight for each in strata], singles)
    bands = [each.weigh(edges) for each in coming]
    if target.is_cap:
        bands = [(shares, 1 - given) for shares, given in bands]
    return np.array([0.0, *edges]), bands


def _find_target(model: Model, release: Release) -> Delivery:
    return next(each for each in model.plan.deliveries if each.id == release.series)


def _cut_delivery(
    model: Model, bands: tuple[Floats, Floats], release: Release, block: int, size: int
) -> tuple[Singles, dict[int, Singles]]:
    """Cut one replicate out of the bands of a delivery."""
    at, single = slice(block * size, (block + 1) * size), np.float32
    place = [target.id for target in model.plan.judged].index(release.series)
    return bands[0][:, at].astype(single), {place: bands[1][:, at].astype(single)}


def _settle(model: Model, strata: Sequence[_Stratum], release: Release, weight: Floats, met: Floats) -> None:
    """Settle the odds of a delivery's own target on what they are without the release: its amounts were drawn.

    They are moved where they are least sure, in proportion to odds (1 - odds).
    """
    place = [target.id for target in model.plan.judged].index(release.series)
    today = np.zeros(weight.shape[1])
    for stratum in strata:
        each = (stratum.weight * stratum.printed[place]).reshape(len(today), -1)
        today += each.sum(axis=1, dtype=float)
    odds = met[:, place] / np.maximum(weight, 1e-300)
    unsure = weight * odds * (1 - odds)
    total = unsure.sum(axis=0)
    missing = today - met[:, place].sum(axis=0)
    met[:, place] += np.where(total > 0, unsure * missing / np.maximum(total, 1e-300), 0)


def _spread(model: Model, part: _Stratum, given: dict[int, Singles]) -> dict[int, Singles]:
    """Add the composites that hold a release's own targets: all their parts must be met."""
    places = {target.id: number for number, target in enumerate(model.plan.judged)}
    spread = dict(given)
    for composite in model.plan.composites:
        parts = [places[name] for name in composite.members]
        mine = [given[each] for each in parts if each in given]
        if mine:
            rest = part.printed[[each for each in parts if each not in given]].prod(axis=0)
            spread[places[composite.id]] = np.minimum.reduce(mine) * rest  # of one figure, the stricter decides
    return spread
