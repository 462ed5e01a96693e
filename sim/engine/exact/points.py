"""Points: what is conditioned on. Given a point, the targets' outcomes are independent of one another.

A point holds what several targets share: the common news and heavy-tail scale of each quarter, the common errors of
trends and deliveries, and the onset and size of each shock. The paths' own code unfolds a point as a path whose own
news are nil; what is left random is each target's own, whose distribution functions are known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Singles
from sim.engine.draws import REPLICATES, Draws, draw_net
from sim.engine.paths import follow_law
from sim.model.deliveries import DeliveryLaw, wait_for_last
from sim.model.lookup_table import Lookup, tabulate_scale
from sim.model.model import Model
from sim.model.reduced_form import Reduced

__all__ = ["Points", "lay_points", "share_points"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Points:
    """Points of a net, and the year without shocks as far as they decide it.

    Attributes
    ----------
    model : Model
    count : int
        Points of a replicate; arrays run over replicates of so many points each.
    shocks : array, shape (2 x shock, replicate, point)
        Uniforms: onset and size of each shock, by its place in the scenario.
    draws : Draws
        Own news are nil.
    news : array, shape (quarter, point)
        Factor of each quarter on the speed of all deliveries.
    cumulative : array, shape (quarter, series, point)
        Growth from January to the quarter's end, %.
    spread : array, shape (quarter, series, point)
        Standard deviation of what is left random in it.
    arrivals : dict of int to Lookup
        By place of a delivery with single arrivals: its odds by the log of how far the expected amount is ahead.
    """

    model: Model
    count: int
    shocks: NDArray[np.float64]
    draws: Draws
    news: Singles
    cumulative: Singles
    spread: Singles
    arrivals: dict[int, Lookup]

    def cut(self, count: int) -> Points:
        """Take the first points of every replicate.

        Parameters
        ----------
        count : int
            Of each replicate.

        Returns
        -------
        Points
        """
        if count == self.count:
            return self

        def take(array: Singles) -> Singles:
            leading = array.shape[:-1]
            blocks = array.shape[-1] // self.count  # never -1: a plan without milestones has arrays without elements
            return array.reshape(*leading, blocks, self.count)[..., :count].reshape(*leading, blocks * count)

        drawn = {field.name: getattr(self.draws, field.name) for field in fields(self.draws)}
        arrays: dict[str, Any] = {name: take(each) for name, each in drawn.items() if isinstance(each, np.ndarray)}
        return replace(
            self,
            count=count,
            shocks=self.shocks[:, :, :count],
            draws=replace(self.draws, n_paths=count * self.shocks.shape[1], **arrays),
            news=take(self.news),
            cumulative=take(self.cumulative),
            spread=take(self.spread),
        )

    def average(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Average values over the points of each replicate.

        Parameters
        ----------
        values : array, shape (..., point)

        Returns
        -------
        array, shape (..., replicate)
        """
        blocks = values.shape[-1] // self.count  # never -1: a year of one quarter has no course
        mean: NDArray[np.float64] = values.reshape(*values.shape[:-1], blocks, self.count).mean(axis=-1, dtype=float)
        return mean


def lay_points(model: Model, n_shocks: int, count: int, seed: int, replicates: range = range(REPLICATES)) -> Points:
    """Lay points of a net for a model.

    Parameters
    ----------
    model : Model
    n_shocks : int
        Shocks of the largest scenario; one more leaves the other coordinates alone.
    count : int
        Points of a replicate, a power of two.
    seed : int
    replicates : range
        Which shifts of the net.

    Returns
    -------
    Points

    Examples
    --------
    >>> import sim
    >>> points = lay_points(sim.load_model(sim.read_plan("qingdao-2024")), 1, 64, seed=1)
    >>> points.cumulative.shape, points.shocks.shape
    ((4, 6, 1024), (2, 16, 64))
    """
    from scipy.special import ndtri

    reduced = model.reduced
    quarters, series = model.law.path.shape
    mixed = series if reduced.has_spillovers else 0
    net = draw_net(seed, 2 * quarters + 2 + mixed + 2 * n_shocks, count, replicates)
    normals = ndtri(net[: 2 * quarters + 2 + mixed]).reshape(2 * quarters + 2 + mixed, -1)
    size = normals.shape[1]
    single = np.float32
    table = tabulate_scale(model.law.degrees_of_freedom)
    levels = normals[quarters + 1 : 2 * quarters + 1].astype(single)
    scale = np.ones_like(levels) if table is None else table.read(levels)
    draws = Draws(
        seed=seed,
        first_block=0,
        n_paths=size,
        common=normals[1 : quarters + 1].astype(single),
        scale=scale,
        own=np.zeros((quarters, series, size), single),
        trend_common=normals[0].astype(single),
        trend_own=np.zeros((series, size), single),
        delivery_common=normals[2 * quarters + 1].astype(single),
        delivery_own=np.zeros((len(model.delivery_law.ids), size), single),
        delivery_arrival=np.zeros((len(model.delivery_law.ids), size), single),
        milestone_own=np.zeros((len(model.milestone_law.ids), size), single),
    )
    squared = scale.astype(np.float64) ** 2
    cumulative = follow_law(model.reduced, draws)[1]
    variance = _find_variance(reduced, squared)
    for quarter in range(quarters if mixed else 0):
        shift, variance[quarter] = _mix_spillovers(reduced, quarter, squared, normals[2 * quarters + 2 :])
        cumulative[quarter] += shift.astype(single)
    spread = np.sqrt(variance).astype(single)
    shocks = net[2 * quarters + 2 + mixed :]
    return Points(
        model=model,
        count=count,
        shocks=shocks,
        draws=draws,
        news=np.exp(single(model.delivery_law.news) * draws.common * draws.scale),
        cumulative=cumulative,
        spread=spread,
        arrivals=_tabulate_arrivals(model.delivery_law),
    )


def share_points(weights: Iterable[float], count: int, fewest: int) -> list[int]:
    """Share points out among strata, in proportion to the root of a stratum's weight.

    Parameters
    ----------
    weights : iterable of float, shape (stratum,)
        Probabilities, none of them zero.
    count : int
        Points of the heaviest stratum, a power of two.
    fewest : int
        Points of the lightest one at least.

    Returns
    -------
    list of int, shape (stratum,)
        Powers of two, so that every stratum is a net of its own; never more than `count`.

    Notes
    -----
    With an error that falls as the root of the points, this share of all points makes the error of the whole least.

    Examples
    --------
    >>> share_points([0.9, 0.09, 0.01], 256, 64)
    [256, 64, 64]
    """
    weights = list(weights)
    halvings = [round(float(np.log2(max(weights) / weight)) / 2) for weight in weights]
    return [min(count, max(count >> each, fewest)) for each in halvings]


def _find_variance(reduced: Reduced, squared: Floats) -> Floats:
    """Compute the variance of what is left random in cumulative growth, shape (quarter, series, point)."""
    quarters, series = reduced.law.path.shape
    squares = (reduced.own**2).sum(axis=-1)
    variance = np.empty((quarters, series, squared.shape[1]))
    for quarter in range(quarters):
        variance[quarter] = (reduced.law.trend_own**2)[:, None]
        for news in range(quarter + 1):
            variance[quarter] += squares[reduced.find_cumulative(quarter), news][:, None] * squared[news]
    return variance


def _mix_spillovers(reduced: Reduced, quarter: int, squared: Floats, normals: Floats) -> tuple[Floats, Floats]:
    """Split own news up to a quarter's end, which spillovers correlate, into a part to condition on and free rests.

    Returns
    -------
    shift : array, shape (series, point)
        The part to condition on, percentage points.
    variance : array, shape (series, point)
        Of the independent rests, trend included.

    Notes
    -----
    A covariance less its smallest relative eigenvalue times its diagonal is still a covariance; so each quarter's can
    give up that much to the rests.
    """
    series = reduced.mean.shape[1]
    mixed = np.zeros((series, series, squared.shape[1]))
    variance = np.repeat((reduced.law.trend_own**2)[:, None], squared.shape[1], axis=1)
    for news, own in enumerate(reduced.own[reduced.find_cumulative(quarter)]):
        covariance = own @ own.T
        deviation = np.sqrt(np.diag(covariance))
        relative = covariance / np.where(deviation > 0, np.outer(deviation, deviation), 1)
        kept = max(np.linalg.eigvalsh(relative)[0] - 1e-9, 0.0) * np.diag(covariance)
        variance += kept[:, None] * squared[news]
        mixed += (covariance - np.diag(kept))[:, :, None] * squared[news]
    root = np.zeros_like(mixed)
    for row in range(series):
        for column in range(row + 1):
            left = mixed[row, column] - (root[row, :column] * root[column, :column]).sum(axis=0)
            if row == column:
                root[row, row] = np.sqrt(np.maximum(left, 0))
            else:
                root[row, column] = left / np.maximum(root[column, column], 1e-300)
    return np.einsum("ijn,jn->in", root, normals), variance


def _tabulate_arrivals(law: DeliveryLaw) -> dict[int, Lookup]:
    """Tabulate how likely a lead outweighs own speed and the chance of single arrivals, by the trapezoid rule."""
    from scipy.special import ndtr

    normals = np.linspace(-6.5, 6.5, 53)
    weights = np.exp(-(normals**2) / 2)
    tables = {}
    for number in np.flatnonzero(np.isfinite(law.arrivals)):
        waits = np.log(wait_for_last(law.arrivals[number, None], normals))
        spread = max(law.spread[number], 1e-9)
        leads = np.linspace(waits[0] - 6 * spread, waits[-1] + 6 * spread, 1025)
        odds = (ndtr((leads[:, None] - waits) / spread) * (weights / weights.sum())).sum(axis=1)
        tables[int(number)] = Lookup(leads[0], leads[1] - leads[0], odds.astype(np.float32))
    return tables
