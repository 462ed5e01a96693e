"""Quantiles of growth, averaged over points: where the mean of normal distribution functions takes a level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim._typing import Bools, Floats, Ints, Singles
from sim.engine.exact.branches import list_branches
from sim.engine.exact.growth_odds import hit_figures
from sim.engine.exact.normal import compute_normal_cdf
from sim.engine.exact.points import Points
from sim.engine.exact.shock_sets import cut_strata, list_certain
from sim.engine.exact.updating import update_points
from sim.model.judged import Judged, add_cells
from sim.model.known import Known
from sim.model.products import weigh
from sim.model.scenario_law import ScenarioLaw
from sim.model.tilting import solve_tilt
from sim.results.attainment import QUANTILE_LEVELS

__all__ = ["find_growth_quantiles"]

_STEPS = 40
_FEWEST = 16
_CLOSE = 1e-4  # percentage points
_KERNEL = 0.05  # of a judged figure's deviation: points draw it, and what is drawn is smoothed within its cell

Ends = dict[int, tuple[Singles, Singles]]
"""Of judged figures, by row: the ends of the cell that each point draws them in; then how likely less than each is."""


def find_growth_quantiles(
    points: Points,
    law: ScenarioLaw | Sequence[tuple[ScenarioLaw, float]],
    factors: Floats | None = None,
    chance: Floats | None = None,
    known: Known | None = None,
    judged: Judged | None = None,
) -> tuple[Floats, Floats]:
    """Find quantiles of every growth figure.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw, or sequence of (ScenarioLaw, float)
        Or the laws of which one comes true, with the probability of each.
    factors : array, shape (shock,), optional
        On the sizes of shocks.
    chance : array, shape (shock, 2), optional
        In place of the law's.
    known : Known, optional
        Published figures to condition on.
    judged : Judged, optional
        Events of one law, and how likely they are said to be.

    Returns
    -------
    quantiles : array, shape (period, series, level)
        %; periods as `stack_periods` stacks them, levels as in `QUANTILE_LEVELS`.
    error : array, shape (period, series, level)
        Standard error: that of the distribution function over its density.
    """
    laws = [(law, 1.0)] if isinstance(law, ScenarioLaw) else law
    branches = [(each, share) for part, share in laws for each in list_branches(part, known)]
    parts = [_gather(points, each.law, factors, chance, each.known, judged) for each, _ in branches]
    mean, spread = (np.concatenate([part[row] for part in parts], axis=-1) for row in (0, 1))
    shares, masses = [share for _, share in branches], [part[2] for part in parts]
    whole = 1.0
    if judged or any(each.known is not None for each, _ in branches):
        whole = max(sum(share * float(mass.sum()) for share, mass in zip(shares, masses, strict=True)), 1e-300)
    weight = np.concatenate(
        [np.float32(share) * (mass / whole).astype(np.float32) for share, mass in zip(shares, masses, strict=True)]
    )
    replicate = np.concatenate([part[3] for part in parts])
    ends = parts[0][4]  # of a judged scenario, which has one branch alone
    levels = np.array(QUANTILE_LEVELS)
    shape = mean.shape[:2]
    mean, spread = mean.reshape(-1, mean.shape[-1]), np.maximum(spread.reshape(-1, spread.shape[-1]), 1e-6)
    low, high = (mean - 8 * spread).min(axis=-1), (mean + 8 * spread).max(axis=-1)
    low, high = (np.repeat(each[:, None], len(levels), axis=1) for each in (low, high))
    centre = (weight * mean).sum(axis=-1)
    width = np.sqrt((weight * (spread**2 + (mean - centre[:, None]) ** 2)).sum(axis=-1))
    for row, (least, most) in ends.items():
        spread[row] = np.maximum(spread[row], np.float32(_KERNEL * width[row]))
        below_least, below_most = (compute_normal_cdf((end - mean[row]) / spread[row]) for end in (least, most))
        ends[row] = below_least, below_most
    found = np.clip(centre[:, None] + width[:, None] * _NORMAL_LEVELS, low, high)
    for _ in range(_STEPS):
        below, density = _distribute(found, mean, spread, weight, ends)
        low, high = np.where(below < levels, found, low), np.where(below < levels, high, found)
        step = found - (below - levels) / np.maximum(density, 1e-12)
        moved = np.where((step > low) & (step < high), step, (low + high) / 2)
        done = np.abs(moved - found).max() < _CLOSE
        found = moved
        if done:
            break
    error = _estimate_error(found, mean, spread, weight, replicate, ends)
    return found.reshape(*shape, -1), error.reshape(*shape, -1)


_NORMAL_LEVELS = np.array([-1.6449, -1.2816, -0.6745, 0.0, 0.6745, 1.2816, 1.6449])


def _gather(
    points: Points,
    law: ScenarioLaw,
    factors: Floats | None,
    chance: Floats | None,
    known: Known | None,
    judged: Judged | None = None,
) -> tuple[Singles, Singles, Floats, Ints, Ends]:
    """Mean and spread of each figure at the points of all strata, each point's weight and replicate, judged cells."""
    quarters = points.figures.shape[1]
    means, spreads, weights, replicates, events = [], [], [], [], []
    ends: dict[int, tuple[list[Singles], list[Singles]]] = {}
    strata = [
        (subset, float(weight.mean()), cut, cells)
        for subset, weight, cut in cut_strata(points, law, chance=chance, judged=judged, fewest=_FEWEST)
        for cells in (judged.cells if judged else ((),))
    ]
    for subset, weight, cut, cells in strata:
        likely, count, within = np.ones(1), cut.count, add_cells(known, cells)
        if within is not None:
            updated = update_points(cut, law, subset, within, factors)
            cut, likely = updated.points, updated.weight
        figures = cut.figures
        for shock, added in hit_figures(cut, law, subset).items() if within is None else ():
            figures = figures + np.float32(1 if factors is None else factors[shock]) * added
        rests = [cut.find_rest(quarter, cumulative=False) for quarter in range(quarters)]
        means.append(np.concatenate([figures[0] + np.stack([shift for shift, _ in rests]), figures[1, 1:]]))
        spreads.append(np.concatenate([np.stack([rest for _, rest in rests]), cut.spread[1:]]))
        blocks = cut.n_points // count
        weights.append(np.full(cut.n_points, weight / cut.n_points) * likely)
        replicates.append(np.repeat(np.arange(blocks), count))
        events.append(judged.mark(list_certain(subset), cells) if judged else ())
        for cell in cells:
            period = cell.quarter + (quarters - 1 if cell.kind and cell.quarter else 0)
            sides = ends.setdefault(period * figures.shape[2] + cell.series, ([], []))
            for side, end in zip(sides, (cell.low, cell.high), strict=True):
                side.append(np.full(cut.n_points, end, np.float32))
    if judged:
        weights = _tilt(weights, np.array(events, bool), judged.asked)
    return (
        np.concatenate(means, axis=-1),
        np.concatenate(spreads, axis=-1),
        np.concatenate(weights),
        np.concatenate(replicates),
        {row: (np.concatenate(least), np.concatenate(most)) for row, (least, most) in ends.items()},
    )


def _tilt(weights: list[Floats], events: Bools, asked: Floats) -> list[Floats]:
    """Weigh strata so that judged events are as likely as asked, over these points themselves."""
    keys, where = np.unique(events, axis=0, return_inverse=True)
    masses = np.bincount(where.reshape(-1), weights=np.array([each.sum() for each in weights]))
    factor = solve_tilt(keys, masses.astype(np.float64), asked).factor[where.reshape(-1)]
    return [each * by for each, by in zip(weights, factor, strict=True)]


def _cut(below: Singles, ends: Ends) -> Singles:
    """Cut distribution functions of judged figures to the cells that they are drawn in, in place."""
    for row, (least, most) in ends.items():
        below[row] = np.clip((below[row] - least) / np.maximum(most - least, np.float32(1e-12)), 0, 1)
    return below


def _distribute(values: Floats, mean: Singles, spread: Singles, weight: Singles, ends: Ends) -> tuple[Floats, Floats]:
    """Distribution function and density of each figure at its values, shape (figure, level)."""
    below, density = np.empty(values.shape), np.empty(values.shape)
    for level in range(values.shape[1]):
        chance, thickness = _find_chances(values[:, level], mean, spread, ends)
        below[:, level], density[:, level] = weigh(chance, weight), weigh(thickness, weight)
    return below, density / np.sqrt(2 * np.pi)


def _find_chances(values: Floats, mean: Singles, spread: Singles, ends: Ends) -> tuple[Singles, Singles]:
    """Distribution function of each figure at each point, and its density times the root of two pi."""
    z = ((values[:, None] - mean) / spread).astype(np.float32)
    chance = _cut(compute_normal_cdf(z), ends)
    np.multiply(z, z, out=z)
    z *= np.float32(-0.5)
    np.exp(z, out=z)
    z /= spread
    for row, (least, most) in ends.items():
        inside = (chance[row] > 0) & (chance[row] < 1)
        z[row] *= inside / np.maximum(most - least, np.float32(1e-12))
    return chance, z


def _estimate_error(
    values: Floats, mean: Singles, spread: Singles, weight: Singles, replicate: Ints, ends: Ends
) -> Floats:
    count = int(replicate.max()) + 1
    masses = np.array([weight[replicate == number].sum() for number in range(count)]) * count - 1
    masses[np.abs(masses) < 1e-5] = 0  # without published figures all are alike
    error, density = np.empty(values.shape), np.empty(values.shape)
    for level in range(values.shape[1]):
        chance, thickness = _find_chances(values[:, level], mean, spread, ends)
        below, density[:, level] = weigh(chance, weight), weigh(thickness, weight)
        chance *= weight
        by_replicate = np.stack([chance[:, replicate == number].sum(axis=-1) * count for number in range(count)])
        if masses.any():
            by_replicate = by_replicate - below * masses[:, None]  # of the ratio to the mass, linearized
        error[:, level] = by_replicate.std(axis=0, ddof=1) / np.sqrt(count)
    stated: Floats = error / np.maximum(density / np.sqrt(2 * np.pi), 1e-12)
    return stated
