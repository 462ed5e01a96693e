"""What a page needs to suppose a figure: how likely each value is, and what it leaves of all other figures.

Shocks add to growth whatever growth is without them. So it is enough to describe pairs without shocks, the figure
supposed and another one; the page shifts both by what its shocks add.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from sim._typing import Floats
from sim.analysis.packing import pack
from sim.engine.exact.normal import compute_normal_cdf
from sim.engine.exact.points import Points
from sim.inputs.quarters import PRINTED_STEP
from sim.model.drawn_growth import Innovations, follow_growth
from sim.model.figure_pieces import FigurePieces, weigh_figure
from sim.model.growth import Law, lift
from sim.model.model import Model

__all__ = ["Figure", "choose_figures", "describe_figures", "draw_figures"]

Figure = dict[str, Any]
"""Arrays of a figure at points; see `draw_figures`."""

_NODES = np.arange(9) * 0.4  # of the figure: the inverse hyperbolic sine of how many standard deviations it is off

_FINE = np.arange(43) * 0.1  # the same, of its density

_LEVELS = np.arange(-10, 11) / 2  # of the other figure, in standard deviations that are left of it

_COUNT, _COARSE = 256, 4  # points of a replicate; of them one in so many where only a fan asks

_LEAST, _OPEN, _TINY = 1e-3, 1e-12, 1e-7  # in place of a node at zero, of a variance of none, of a share of none

_BUDGET = 145_000  # characters of all figures

_MOST = 3.0  # by which a normal score differs from a normal law's, where nobody looks any more


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Growth:
    """Growth at points, given calibrations and heavy-tail scales.

    Attributes
    ----------
    pieces : list of list of FigurePieces, shape (period, series)
    expected : array, shape (period, series, point)
        Mean without shocks, %.
    unsure : array, shape (figure, figure)
        Covariance of the means over calibrations; periods first.
    """

    pieces: list[list[FigurePieces]]
    expected: Floats
    unsure: Floats

    def covary(self, first: tuple[int, int], second: tuple[int, int], whole: bool = True) -> Floats:
        """Covariance of two figures, each a period and a series, at each point; whole: over calibrations' means too."""
        one, other = (self.pieces[period][series] for period, series in (first, second))
        shared = np.einsum("cn,cn->n", one.common, other.common)
        if first[1] == second[1]:
            shared = shared + _match(one, other)
        series = self.expected.shape[1]
        if whole:
            shared = shared + self.unsure[first[0] * series + first[1], second[0] * series + second[1]]
        return np.asarray(shared)


def choose_figures(model: Model, points: Points) -> list[int]:
    """Choose the figures that a reader may suppose: headline indicators, as many as a page has room for.

    Parameters
    ----------
    model : Model
    points : Points
        Those of the table.

    Returns
    -------
    list of int
        Places of indicators. None where news spills over, or a year is one quarter.
    """
    quarters, series = model.law.path.shape
    if model.law.has_spillovers or quarters < 2:
        return []
    ids = [each.id for each in model.plan.indicators]
    chosen = dict.fromkeys(ids.index(target.indicator) for target in model.plan.headline_growth)
    size = 2 * len(_NODES) * (len(_LEVELS) + 2) * quarters * series + (7 + series) * points.n_points
    return [*chosen][: _BUDGET // size]


def describe_figures(chosen: Sequence[int], many: Points, sd: Floats, drawn: Sequence[Figure]) -> list[dict[str, Any]]:
    """Describe the figures that a reader may suppose: growth from the year's start to the first quarter's end.

    Parameters
    ----------
    chosen : sequence of int
        Places of indicators.
    many : Points
        For what is averaged over.
    sd : array, shape (period, series)
        Of growth without shocks, %.
    drawn : sequence of dict
        Theirs at the points of the table, by `draw_figures`.

    Returns
    -------
    list of dict
        `indicator`, `period`, `step` of printing; `density`, the log of it by `_FINE`; `laws` of all figures by
        indicator and period: mean over that of the figure supposed, standard deviation, and normal scores at `_LEVELS`,
        less these, all by `_NODES` and in standard deviations; and what was drawn at points, for the joint odds.
    """
    if not chosen:
        return []
    growth = _open(many.cut(_COUNT))
    return [
        {
            "indicator": each,
            "period": 0,
            "step": PRINTED_STEP,
            **_describe_laws(growth, each, sd),
            "drawn": pack(figure["drawn"], 2),
            "expected": pack(figure["expected"], 1),
            "wide": pack(np.log(figure["wide"]), 1),
            "slopes": [pack(slope, 1) for slope in figure["slopes"]],
            "year": pack(figure["year"], 2),
            "left": pack(np.log(figure["left"]), 1),
        }
        for each, figure in zip(chosen, drawn, strict=True)
    ]


def _open(points: Points) -> _Growth:
    law: Law = points.laws.law if points.laws.law.is_drawn else lift(points.laws.law)
    scale, still = points.scale.astype(np.float64), np.zeros_like(points.scale)
    every = follow_growth(law, Innovations(common=still, scale=points.scale, trend_common=still[0]))
    expected = every[1].astype(np.float64)
    quarters, series = expected.shape[:2]
    return _Growth(
        pieces=[[weigh_figure(law, scale, 1, quarter, each) for each in range(series)] for quarter in range(quarters)],
        expected=expected,
        unsure=np.cov(expected.reshape(quarters * series, -1)),
    )


def _match(one: FigurePieces, other: FigurePieces) -> Floats:
    """Covariance of what is two figures' own, of one indicator."""
    return np.asarray(np.einsum("pn,pn->n", one.own, other.own))


def _describe_laws(growth: _Growth, series: int, sd: Floats) -> dict[str, Any]:
    """Describe the density of a printed figure, and all figures given it, as mixtures of normal laws over points."""
    unit, last = sd[0, series], len(sd) - 1
    printed = growth.covary((0, series), (0, series)) + PRINTED_STEP**2 / 12
    fine, away = np.sinh(_FINE) * unit, np.sinh(np.maximum(_NODES, _LEAST)) * unit
    density, _ = _weigh(printed, fine)
    weights = {step: _weigh(printed[::step], away)[1] for step in (1, _COARSE)}
    means, spreads, shapes = [], [], []
    for other in range(sd.shape[1]):
        for period in range(last + 1):
            step = 1 if period == last else _COARSE
            crossed = growth.covary((0, series), (period, other))
            slope = crossed / printed
            left = np.maximum(growth.covary((period, other), (period, other)) - slope * crossed, _OPEN)
            mean, spread, shape = _mix(weights[step], slope[::step], left[::step], away)
            means.append(mean / away * unit / sd[period, other])
            spreads.append(spread / sd[period, other])
            shapes.append(shape)
    laws = {"mean": pack(np.array(means), 2), "spread": pack(np.array(spreads), 2), "shape": pack(np.array(shapes), 2)}
    return {"density": pack(density, 3), "laws": laws}


def _weigh(variance: Floats, away: Floats) -> tuple[Floats, Floats]:
    """Log of a mixture's density so far from its mean, but for a constant, and the share of each point in it there."""
    logs = -0.5 * (away[:, None] ** 2 / variance + np.log(variance))
    top = logs.max(axis=1, keepdims=True)
    weight = np.exp(logs - top)
    density = top[:, 0] + np.log(weight.mean(axis=1))
    return density, weight / weight.sum(axis=1, keepdims=True)


def _mix(weight: Floats, slope: Floats, left: Floats, away: Floats) -> tuple[Floats, Floats, Floats]:
    """Mix normal laws around a line: mean, standard deviation, and normal scores less those of a normal law."""
    centre = weight @ slope * away
    spread = np.sqrt(weight @ left + (weight * (slope * away[:, None] - centre[:, None]) ** 2).sum(axis=1))
    single = np.float32
    narrow = (1 / np.sqrt(left)).astype(single)
    tilted, shares = (slope * narrow).astype(single), np.empty((len(away), len(_LEVELS)))
    for node, at in enumerate(away):
        asked = (centre[node] + _LEVELS * spread[node]).astype(single)
        shares[node] = compute_normal_cdf(asked[:, None] * narrow - single(at) * tilted) @ weight[node].astype(single)
    scores = ndtri(np.clip(shares, _TINY, 1 - _TINY)) - _LEVELS
    return centre, spread, np.clip(scores, -_MOST, _MOST)


def draw_figures(points: Points, chosen: Sequence[int], mean: Floats, sd: Floats) -> list[Figure]:
    """Draw figures at each point, as they come out with what is the indicator's own.

    Matheron's rule then makes points of a year out of those of any year: each figure moves by its slope times what is
    between the figure supposed and the one drawn.

    Parameters
    ----------
    points : Points
    chosen : sequence of int
        Places of indicators.
    mean, sd : array, shape (period, series)
        Of growth without shocks, %.

    Returns
    -------
    list of dict
        Of each `indicator` the figure `drawn`, and its mean and standard deviation given calibration and scales,
        `expected` and `wide`; `slopes` of the year of every indicator; for the year of the indicator itself `year`,
        what is not left open, and `left`, the standard deviation of what is. All in standard deviations.
    """
    return (
        [_draw_figure(points, growth, each, mean, sd) for growth in [_open(points)] for each in chosen]
        if chosen
        else []
    )


def _draw_figure(points: Points, growth: _Growth, series: int, mean: Floats, sd: Floats) -> Figure:
    last, unit, single = len(sd) - 1, sd[0, series], np.float32
    first, year = growth.pieces[0][series], growth.pieces[last][series]
    rounding = PRINTED_STEP**2 / 12
    own, carried = _match(first, first) + rounding, _match(first, year)
    noise = np.sqrt(own) * ndtri(points.draw_figure(f"supposed/{points.model.plan.indicators[series].id}"))
    printed = growth.covary((0, series), (0, series), whole=False) + rounding
    slopes = [growth.covary((0, series), (last, other), whole=False) / printed for other in range(sd.shape[1])]
    left = np.sqrt(np.maximum(_match(year, year) - carried**2 / own, _OPEN))
    told = points.cumulative[-1, series] - mean[-1, series] + carried / own * noise
    return {
        "indicator": np.array(series),
        "drawn": ((points.cumulative[0, series] - mean[0, series] + noise) / unit).astype(single),
        "expected": ((growth.expected[0, series] - mean[0, series]) / unit).astype(single),
        "wide": (np.sqrt(printed) / unit).astype(single),
        "slopes": (np.array(slopes) * unit / sd[last][:, None]).astype(single),
        "year": (told / sd[last, series]).astype(single),
        "left": (left / sd[last, series]).astype(single),
    }
