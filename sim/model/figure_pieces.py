"""Pieces of growth figures: the weights of what is normal in them, given calibrations and heavy-tail scales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim._typing import Floats
from sim.model.growth import Law

__all__ = ["FigurePieces", "weigh_figure"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FigurePieces:
    """Weights of standard normals in one growth figure, percentage points, without spillovers.

    Attributes
    ----------
    common : array, shape (1 + quarter, sample)
        What all indicators share: the common error of trends, then each quarter's common news.
    own : array, shape (1 + 2 quarter, sample)
        What is the indicator's own: its error of the trend, each quarter's lasting news, each quarter's passing news.
    """

    common: Floats
    own: Floats


def weigh_figure(law: Law, scale: Floats, kind: int, quarter: int, series: int) -> FigurePieces:
    """Weigh the pieces of a growth figure.

    Parameters
    ----------
    law : Law
        With an axis of samples, without spillovers.
    scale : array, shape (quarter, sample)
        Root of the heavy-tail scale.
    kind : int
        0 of the quarter alone, 1 from the year's start.
    quarter, series : int

    Returns
    -------
    FigurePieces

    Examples
    --------
    >>> import sim
    >>> from sim.model.growth import lift
    >>> model = sim.load_model("qingdao-2024")
    >>> year = weigh_figure(lift(model.law), np.ones((4, 1)), 1, 3, 0)
    >>> squares = (year.common**2).sum() + (year.own**2).sum()
    >>> bool(abs(np.sqrt(squares) - model.reduced.deviation[-1, 0]) < 1e-12)
    True
    """
    quarters, samples = scale.shape
    kept = law.persistence[series, series]
    powers = [np.ones_like(kept)]
    for _ in range(quarter):
        powers.append(powers[-1] * kept)
    weights = law.shares[: quarter + 1, series] / law.shares[: quarter + 1, series].sum(axis=0)
    common, own = np.zeros((1 + quarters, samples)), np.zeros((1 + 2 * quarters, samples))
    common[0], own[0] = law.trend_common[series], law.trend_own[series]
    for news in range(quarter + 1):
        if kind:
            response = sum(weights[at] * powers[at - news] for at in range(news, quarter + 1))
            passing = weights[news]
        else:
            response, passing = powers[quarter - news], float(news == quarter)
        common[1 + news] = law.innovation_common[series] * response * scale[news]
        own[1 + news] = law.innovation_own[series] * response * scale[news]
        own[1 + quarters + news] = law.quarter_own[series] * passing * scale[news]
    return FigurePieces(common=common, own=own)
