"""Growth given published figures: normal conditioning at each point, within the cells of the figures.

Given a point's calibration and heavy-tail scales, growth is jointly normal. Figures are drawn within their cells;
what indicators share is drawn from its posterior, in the same coordinates as without figures; what is left of each
indicator's own follows by regression on its own figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim._typing import Floats, Singles
from sim.engine.exact.cells import Drawn, draw_in_cells, factorize, solve
from sim.engine.exact.points import Points
from sim.model.drawn_growth import Innovations, follow_growth
from sim.model.figure_pieces import FigurePieces, weigh_figure
from sim.model.growth import Law, lift
from sim.model.known import KnownGrowth

__all__ = [
    "MOST_NEWS",
    "GrowthFilter",
    "UpdatedGrowth",
    "describe_figures",
    "hold_in_cell",
    "open_filter",
    "update_growth",
]


MOST_NEWS = 60.0
"""Standard deviations of common news that figures out of all reason may ask for: the exponential of more overflows."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Regression:
    """Regression of an indicator's own part of every figure on that of its published ones.

    Attributes
    ----------
    rows : tuple of int
        Places of the published ones among all known figures.
    root : array, shape (row, row, point)
        Factor of their covariance.
    slope : array, shape (2, quarter, row, point)
        On what `solve` makes of them.
    rest : array, shape (2, quarter, point)
        Standard deviation that is left.
    """

    rows: tuple[int, ...]
    root: Floats
    slope: Floats
    rest: Floats


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GrowthFilter:
    """What conditioning on known figures takes at each point, whatever the shocks.

    Attributes
    ----------
    figures : tuple of KnownGrowth
    mean : array, shape (figure, point)
        Without shocks, %.
    root : array, shape (figure, figure, point)
        Factor of the figures' covariance.
    gain : array, shape (factor, figure, point)
        Posterior mean of what is shared, by the figures' own coordinates.
    spread : array, shape (factor, factor, point)
        Factor of its posterior covariance.
    regressions : dict of int to Regression
        By the place of the indicator.
    """

    figures: tuple[KnownGrowth, ...]
    mean: Floats
    root: Floats
    gain: Floats
    spread: Floats
    regressions: dict[int, Regression]


def open_filter(points: Points, figures: Sequence[KnownGrowth]) -> GrowthFilter:
    """Prepare points for conditioning on known growth figures.

    Parameters
    ----------
    points : Points
        Of a model without spillovers.
    figures : sequence of KnownGrowth

    Returns
    -------
    GrowthFilter
    """
    law = points.laws.law if points.laws.law.is_drawn else lift(points.laws.law)
    scale = points.scale.astype(np.float64)
    pieces, root, expected = describe_figures(law, points.scale, figures)
    gain = np.moveaxis(solve(root, np.stack([each.common for each in pieces])), 0, 1)
    left = -np.einsum("akn,bkn->abn", gain, gain)
    left[np.arange(len(left)), np.arange(len(left))] += 1
    return GrowthFilter(
        figures=tuple(figures),
        mean=expected,
        root=root,
        gain=gain,
        spread=factorize(left),
        regressions={
            series: _regress(law, scale, figures, pieces, series)
            for series in sorted({each.series for each in figures})
        },
    )


def describe_figures(
    law: Law, scale: Singles, figures: Sequence[KnownGrowth]
) -> tuple[list[FigurePieces], Floats, Floats]:
    """Describe the joint law of figures, given calibrations and heavy-tail scales, without shocks.

    Parameters
    ----------
    law : Law
        With an axis of samples, without spillovers.
    scale : array, shape (quarter, sample)
        Root of the heavy-tail scale.
    figures : sequence of KnownGrowth

    Returns
    -------
    pieces : list of FigurePieces
    root : array, shape (figure, figure, sample)
        Factor of their covariance.
    mean : array, shape (figure, sample)
        %.
    """
    pieces = [weigh_figure(law, scale.astype(np.float64), each.kind, each.quarter, each.series) for each in figures]
    count, samples = len(figures), scale.shape[-1]
    covariance = np.empty((count, count, samples))
    for row, first in enumerate(pieces):
        for column, second in enumerate(pieces[: row + 1]):
            shared = np.einsum("cn,cn->n", first.common, second.common)
            if figures[row].series == figures[column].series:
                shared += np.einsum("cn,cn->n", first.own, second.own)
            covariance[row, column] = covariance[column, row] = shared
    still = np.zeros_like(scale)
    every = follow_growth(law, Innovations(common=still, scale=scale, trend_common=still[0]))
    mean = np.stack([every[each.kind, each.quarter, each.series] for each in figures]).astype(np.float64)
    return pieces, factorize(covariance), mean


def _regress(
    law: Law, scale: Floats, figures: Sequence[KnownGrowth], pieces: Sequence[FigurePieces], series: int
) -> Regression:
    rows = tuple(row for row, each in enumerate(figures) if each.series == series)
    own = np.stack([pieces[row].own for row in rows])
    root = factorize(np.einsum("apn,bpn->abn", own, own))
    quarters, samples = scale.shape
    slope, rest = np.empty((2, quarters, len(rows), samples)), np.empty((2, quarters, samples))
    for kind in range(2):
        for quarter in range(quarters):
            asked = weigh_figure(law, scale, kind, quarter, series).own
            slope[kind, quarter] = solve(root, np.einsum("apn,pn->an", own, asked))
            variance = np.einsum("pn,pn->n", asked, asked)
            left = variance - np.einsum("an,an->n", slope[kind, quarter], slope[kind, quarter])
            rest[kind, quarter] = np.sqrt(np.where(left > 1e-12 * variance, left, 0))
    return Regression(rows=rows, root=root, slope=slope, rest=rest)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class UpdatedGrowth:
    """Growth at points given known figures.

    Attributes
    ----------
    drawn : Drawn
        The figures, each in its cell, and how likely they were.
    trend_common : array, shape (point,)
    common : array, shape (quarter, point)
        What is shared, given the figures.
    figures : array, shape (2, quarter, series, point)
        Growth without what is left of each indicator's own, shocks included, %.
    rest : array, shape (2, quarter, series, point)
        Standard deviation of what is left.
    slopes : dict of int to array, shape (2, quarter, figure, point)
        By the place of an indicator: `Regression.slope`.
    """

    drawn: Drawn
    trend_common: Singles
    common: Singles
    figures: Singles
    rest: Singles
    slopes: dict[int, Floats]


def update_growth(points: Points, known: GrowthFilter, added: Singles | None) -> UpdatedGrowth:
    """Condition growth at points on known figures.

    Parameters
    ----------
    points : Points
    known : GrowthFilter
        Of the same points.
    added : array, shape (2, quarter, series, point), or None
        What shocks add, percentage points.

    Returns
    -------
    UpdatedGrowth
    """
    rows, mean = known.figures, known.mean
    if added is not None:
        mean = mean + np.stack([added[each.kind, each.quarter, each.series] for each in rows])
    uniforms = [points.draw_figure(each.name) for each in rows]
    drawn = draw_in_cells(mean, known.root, [each.low for each in rows], [each.high for each in rows], uniforms)
    coordinates = np.vstack([points.trend_common[None], points.common]).astype(np.float64)
    shared = np.einsum("fkn,kn->fn", known.gain, drawn.normals)
    shared += np.einsum("fgn,gn->fn", known.spread, coordinates)
    reach = MOST_NEWS / points.scale.astype(np.float64)
    shared[1:] = np.clip(shared[1:], -reach, reach)
    shared = shared.astype(np.float32)
    law = points.laws.law if points.laws.law.is_drawn else lift(points.laws.law)
    moves = Innovations(common=shared[1:], scale=points.scale, trend_common=shared[0])
    figures = follow_growth(law, moves)
    if added is not None:
        figures += added
    rest = np.stack([np.stack([points.find_rest(q, bool(kind))[1] for q in range(len(figures[0]))]) for kind in (0, 1)])
    for series, regression in known.regressions.items():
        away = [
            drawn.values[row] - figures[rows[row].kind, rows[row].quarter, series].astype(np.float64)
            for row in regression.rows
        ]
        own = solve(regression.root, np.stack(away))
        figures[:, :, series] += np.einsum("kqan,an->kqn", regression.slope, own).astype(np.float32)
        rest[:, :, series] = regression.rest
    for row, each in enumerate(rows):
        kinds = (0, 1) if each.quarter == 0 else (each.kind,)
        for kind in kinds:
            figures[kind, each.quarter, each.series] = hold_in_cell(drawn.values[row], each)
            rest[kind, each.quarter, each.series] = 0
    return UpdatedGrowth(
        drawn=drawn,
        trend_common=shared[0],
        common=shared[1:],
        figures=figures,
        rest=rest,
        slopes={series: regression.slope for series, regression in known.regressions.items()},
    )


def hold_in_cell(values: Floats | Singles, cell: KnownGrowth) -> Singles:
    """Round to single precision without leaving the cell, whose ends are where targets are met or missed."""
    single = np.float32
    high = np.nextafter(single(cell.high), single(-np.inf))
    held: Singles = np.clip(values.astype(single), single(cell.low), high)
    return held
