"""Growth under calibrations whose numbers are drawn: a law of its own for every path or point.

The reduced form turns one calibration's law into a matrix that serves all paths. Where each path has a calibration of
its own, the law is followed quarter by quarter instead; both give the same figures from the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim._typing import Floats, Singles
from sim.model.accounting import accumulate
from sim.model.growth import Law

__all__ = ["Innovations", "find_mixing", "find_rest", "follow_growth"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Innovations:
    """What moves growth, standard normal but for the scale.

    Attributes
    ----------
    common, scale : array, shape (quarter, sample)
        Common factor of a quarter's news; root of the heavy-tail scale.
    trend_common : array, shape (sample,)
        Common error of the trends.
    own, quarter_own : array, shape (quarter, series, sample), or None
        Each indicator's own news, lasting and not; None where they are left to be integrated out.
    trend_own : array, shape (series, sample), or None
        Likewise of trends.
    """

    common: Singles
    scale: Singles
    trend_common: Singles
    own: Singles | None = None
    quarter_own: Singles | None = None
    trend_own: Singles | None = None


def follow_growth(law: Law, moves: Innovations) -> Singles:
    """Follow the law over the year.

    Parameters
    ----------
    law : Law
        Drawn, a calibration a sample.
    moves : Innovations

    Returns
    -------
    array, shape (2, quarter, series, sample)
        %; of single quarters, then from the year's start to each quarter's end.
    """
    single = np.float32
    deviation = law.momentum.astype(single)
    trend = law.trend_common.astype(single) * moves.trend_common
    if moves.trend_own is not None:
        trend += law.trend_own.astype(single) * moves.trend_own
    path, spilling = law.path.astype(single), law.has_spillovers
    kept = law.persistence.astype(single) if spilling else np.einsum("ii...->i...", law.persistence).astype(single)
    common, own, lone = (each.astype(single) for each in (law.innovation_common, law.innovation_own, law.quarter_own))
    figures = np.empty((2, *path.shape[:2], moves.trend_common.shape[-1]), single)
    for quarter in range(len(path)):
        news = common * moves.common[quarter]
        if moves.own is not None:
            news += own * moves.own[quarter]
        deviation = np.einsum("ij...,j...->i...", kept, deviation) if spilling else kept * deviation
        deviation = deviation + news * moves.scale[quarter]
        figures[0, quarter] = path[quarter] + trend + deviation
        if moves.quarter_own is not None:
            figures[0, quarter] += lone * moves.quarter_own[quarter] * moves.scale[quarter]
    figures[1] = accumulate(figures[0], law.shares.astype(single))
    return figures


def _list_responses(law: Law, quarter: int, cumulative: bool) -> list[Floats]:
    """Find what a standard normal of each quarter's own news adds to a figure, shape (series[, series], n)."""
    spilling = law.has_spillovers
    kept = law.persistence if spilling else np.einsum("ii...->i...", law.persistence)
    power = (
        np.ones_like(kept)
        if not spilling
        else np.broadcast_to(np.eye(len(kept)).reshape(len(kept), len(kept), *(1 for _ in kept.shape[2:])), kept.shape)
    )
    powers = [power]
    for _ in range(quarter):
        powers.append(np.einsum("ij...,jk...->ik...", kept, powers[-1]) if spilling else kept * powers[-1])
    if not cumulative:
        return [powers[quarter - news] for news in range(quarter + 1)]
    weights = law.shares[: quarter + 1] / law.shares[: quarter + 1].sum(axis=0)
    weights = weights[:, :, None] if spilling else weights
    return [sum(weights[at] * powers[at - news] for at in range(news, quarter + 1)) for news in range(quarter + 1)]


def find_rest(law: Law, squared: Floats, quarter: int, cumulative: bool = True) -> Floats:
    """Variance of a figure that each indicator's own news and trend leave, given the heavy-tail scales.

    Parameters
    ----------
    law : Law
        Without spillovers.
    squared : array, shape (quarter, sample)
        Squared heavy-tail scale.
    quarter : int
        Counted from 0.
    cumulative : bool
        From the year's start to the quarter's end; else of the quarter alone.

    Returns
    -------
    array, shape (series, sample)
        Squared percentage points.
    """
    rest = np.broadcast_to(law.trend_own**2, (len(law.trend_own), squared.shape[1])).copy()
    weights = law.shares[: quarter + 1] / law.shares[: quarter + 1].sum(axis=0)
    for news, response in enumerate(_list_responses(law, quarter, cumulative)):
        rest += (response * law.innovation_own) ** 2 * squared[news]
        if cumulative or news == quarter:
            rest += ((weights[news] if cumulative else 1.0) * law.quarter_own) ** 2 * squared[news]
    return rest


def find_mixing(law: Law, squared: Floats, quarter: int, cumulative: bool = True) -> tuple[Floats, Floats]:
    """Split own news up to a quarter's end, which spillovers correlate, into a part to condition on and free rests.

    Parameters
    ----------
    law : Law
    squared : array, shape (quarter, sample)
        Squared heavy-tail scale.
    quarter : int
    cumulative : bool

    Returns
    -------
    root : array, shape (series, series, sample)
        Lower triangle; times standard normals it is the part to condition on, percentage points.
    rest : array, shape (series, sample)
        Variance of the independent rests, trend included.

    Notes
    -----
    A covariance less its smallest relative eigenvalue times its diagonal is still a covariance; so each quarter's can
    give up that much to the rests.
    """
    series = len(law.trend_own)
    samples = squared.shape[1]
    rest = np.broadcast_to(law.trend_own**2, (series, samples)).copy()
    weights = law.shares[: quarter + 1] / law.shares[: quarter + 1].sum(axis=0)
    mixed = np.zeros((series, series, samples))
    for news, response in enumerate(_list_responses(law, quarter, cumulative)):
        own = np.broadcast_to(response * law.innovation_own, (series, series, samples))
        covariance = np.einsum("ikn,jkn->ijn", own, own)
        if cumulative or news == quarter:
            rest += ((weights[news] if cumulative else 1.0) * law.quarter_own) ** 2 * squared[news]
        variance = np.einsum("iin->in", covariance)
        deviation = np.sqrt(np.maximum(variance, 1e-300))
        relative = covariance / (deviation[:, None] * deviation[None])
        kept = np.maximum(np.linalg.eigvalsh(np.moveaxis(relative, -1, 0))[:, 0] - 1e-9, 0.0) * variance
        rest += kept * squared[news]
        covariance[np.arange(series), np.arange(series)] -= kept
        mixed += covariance * squared[news]
    root = np.zeros_like(mixed)
    for row in range(series):
        for column in range(row + 1):
            left = mixed[row, column] - (root[row, :column] * root[column, :column]).sum(axis=0)
            if row == column:
                root[row, row] = np.sqrt(np.maximum(left, 0))
            else:
                root[row, column] = left / np.maximum(root[column, column], 1e-300)
    return root, rest
