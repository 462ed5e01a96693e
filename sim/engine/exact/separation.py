"""Joint odds of growth targets by Genz's separation of variables, given shocks and heavy-tail scales alone.

The common factors, which `conditional` conditions on for the sake of deliveries and milestones, are integrated out
analytically, so that growth is jointly normal given the scales. Far fewer points reach the same error, above all with
spillovers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim._typing import Floats, Singles
from sim.engine.exact.normal import compute_normal_cdf
from sim.engine.exact.points import share_points
from sim.engine.nets import REPLICATES, draw_base_net, draw_named_net
from sim.model.lookup_table import tabulate_scale
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, draw_onset_and_size
from sim.model.shock_strata import OtherSets, split_sets
from sim.model.thresholds import Thresholds, measure_margins

__all__ = ["Separation", "open_separation"]

_FEWEST = 16


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Separation:
    """Points on which the joint odds of headline growth targets are separated, ready for other shocks' sizes.

    Attributes
    ----------
    law : ScenarioLaw
    places : tuple of int
        Of the targets among the headline's, the least likely first.
    margin : array, shape (target, 1, 1)
        How far the ordinary year's mean is on the right side, percentage points.
    covariance : array, shape (target, target, replicate, point)
        Of the year's margins, given the scales.
    uniforms : array, shape (target, replicate, point)
    hits : array, shape (shock, target, replicate, point)
        What each shock of the drawn size and onset adds to the margins.
    happening : array, shape (shock, replicate, point)
        Uniforms by which sets of shocks are drawn that are no strata of their own.
    """

    law: ScenarioLaw
    places: tuple[int, ...]
    margin: Singles
    covariance: Singles
    uniforms: Singles
    hits: Singles
    happening: Floats

    def integrate(self, factors: Floats | None = None, chance: Floats | None = None) -> tuple[Floats, Floats]:
        """Integrate the odds of each pair and of all targets.

        Parameters
        ----------
        factors : array, shape (shock,), optional
            On the sizes of shocks.
        chance : array, shape (shock, 2), optional
            In place of the law's.

        Returns
        -------
        both : array, shape (target, target, replicate)
            In the order of `places`.
        joint : array, shape (replicate,)

        Notes
        -----
        All strata of shocks are worked on at once.
        """
        alone, others, left = split_sets(self.law, chance)
        factors = np.ones(len(self.hits)) if factors is None else factors
        masses = [*alone.values(), max(left, 1e-12)] if others else [*alone.values()]
        counts = share_points(masses, self.uniforms.shape[-1], _FEWEST)
        margins = [self._find_margin(subset, count, factors) for subset, count in zip(alone, counts, strict=False)]
        if others is not None:
            margins.append(self._draw_margin(others, counts[-1], factors))
        spans = [slice(count) for count in counts]
        covariance = np.concatenate([self.covariance[..., span] for span in spans], axis=-1)
        uniforms = np.concatenate([self.uniforms[..., span] for span in spans], axis=-1)
        shares = [np.full(count, weight / count) for weight, count in zip(masses, counts, strict=True)]
        weights = np.concatenate(shares)
        both, joint = _separate(np.concatenate(margins, -1), covariance, uniforms)
        return np.einsum("ijrn,n->ijr", both, weights), np.einsum("rn,n->r", joint, weights)

    def _find_margin(self, subset: tuple[int, ...], count: int, factors: Floats) -> Singles:
        margin = np.broadcast_to(self.margin, (*self.uniforms.shape[:2], count))
        for shock in subset:
            margin = margin + np.float32(factors[shock]) * self.hits[shock, ..., :count]
        return margin

    def _draw_margin(self, others: OtherSets, count: int, factors: Floats) -> Singles:
        margin = np.broadcast_to(self.margin, (*self.uniforms.shape[:2], count))
        for shock, happened in enumerate(others.draw(self.happening[..., :count])):
            margin = margin + np.float32(factors[shock]) * (self.hits[shock, ..., :count] * happened)
        return margin


def open_separation(
    model: Model, law: ScenarioLaw, count: int, seed: int, replicates: range = range(REPLICATES)
) -> Separation:
    """Lay the points for a scenario's headline growth targets.

    Parameters
    ----------
    model : Model
    law : ScenarioLaw
    count : int
        Points of a replicate, a power of two.
    seed : int
    replicates : range
        Which shifts of the net.

    Returns
    -------
    Separation

    Examples
    --------
    >>> import sim
    >>> from sim.model.scenario_law import compile_scenario
    >>> plan = sim.read_plan("qingdao-2024")
    >>> model = sim.load_model(plan)
    >>> law = compile_scenario(model, sim.read_scenario("baseline", plan))
    >>> separation = open_separation(model, law, 256, 2024)
    >>> both, joint = separation.integrate()
    >>> both.shape, bool((joint <= both.min(axis=(0, 1))).all())
    ((6, 6, 16), True)
    """
    plan, reduced = model.plan, model.reduced
    asked = _order_headline(model)
    sign, rows = asked.sign, reduced.split_cumulative(asked.figure)[1]
    quarters, shocks = len(model.law.path), len(law.names)
    net = draw_base_net(seed, len(rows) + quarters, count, replicates)
    hits = np.empty((shocks, len(rows), *net.shape[1:]), np.float32)
    happening = np.empty((shocks, *net.shape[1:]))
    for shock, name in enumerate(law.names):
        happening[shock] = draw_named_net(seed, f"happening/{name}", 1, count, replicates)
        drawn = draw_named_net(seed, f"shock/{name}", 2, count, replicates)
        began, size = draw_onset_and_size(law, shock, drawn)
        added = sign * law.growth[shock][:, -1, rows]
        hits[shock] = np.moveaxis(added[began], -1, 0) * size
    margin = measure_margins(asked, reduced.mean[-1, rows])
    news = np.einsum("qi,qj->qij", reduced.common[-1], reduced.common[-1])
    news += np.einsum("qik,qjk->qij", reduced.own[-1], reduced.own[-1])
    news += reduced.lone[-1][:, :, None] ** 2 * np.eye(reduced.mean.shape[1])
    trend = np.outer(model.law.trend_common, model.law.trend_common) + np.diag(model.law.trend_own**2)
    signs, at = np.outer(sign, sign), np.ix_(rows, rows)
    squares = _square_scales(model, net[len(rows) :])
    covariance = np.empty((len(rows), len(rows), *squares.shape[1:]), np.float32)
    covariance[:] = (signs * trend[at])[..., None, None]
    for square, part in zip(squares, news, strict=True):
        covariance += (signs * part[at]).astype(np.float32)[..., None, None] * square
    headline = [target.id for target in plan.headline]
    places = tuple(headline.index(plan.judged[target].id) for target in asked.target)
    return Separation(
        law=law,
        places=places,
        margin=margin.astype(np.float32)[:, None, None],
        covariance=covariance,
        uniforms=net[: len(rows)].astype(np.float32),
        hits=hits,
        happening=happening,
    )


def _order_headline(model: Model) -> Thresholds:
    """Order what headline growth targets ask, the least likely first: what is left to integrate then varies least."""
    judged = {target.id: number for number, target in enumerate(model.plan.judged)}
    asked = model.thresholds.pick_year([judged[target.id] for target in model.plan.headline_growth])
    margins = measure_margins(asked, model.reduced.mean.reshape(-1)[asked.figure])
    deviation = np.maximum(model.reduced.deviation.reshape(-1)[asked.figure], 1e-9)
    return asked.pick(np.argsort(margins / deviation, kind="stable"))


def _square_scales(model: Model, uniforms: Floats) -> Singles:
    from scipy.special import ndtri

    table = tabulate_scale(float(model.law.degrees_of_freedom))
    if table is None:
        return np.ones(uniforms.shape, np.float32)
    squares: Singles = table.read(ndtri(uniforms).astype(np.float32)) ** 2
    return squares


def _separate(margins: Singles, covariance: Singles, uniforms: Singles) -> tuple[Singles, Singles]:
    """Separate the odds of each pair and of all at each point, given the uniforms.

    Notes
    -----
    Genz (1992, Journal of Computational and Graphical Statistics 1, 141): in the coordinates of a Cholesky factor each
    target's probability is one-dimensional given the earlier ones' coordinates, which are drawn where their targets
    are met. Pairs are the same with two targets.
    """
    count = len(margins)
    deviation = np.sqrt(np.maximum(covariance[np.arange(count), np.arange(count)], np.float32(1e-12)))
    scaled: Singles = (margins / deviation).astype(np.float32, copy=False)
    chances = compute_normal_cdf(scaled)
    drawn = _find_normal(uniforms * chances)
    both = np.empty((count, count, *margins.shape[1:]), np.float32)
    for first in range(count):
        both[first, first] = chances[first]
        for second in range(first):
            along = covariance[first, second] / (deviation[first] * deviation[second])
            across = np.sqrt(np.maximum(1 - along * along, np.float32(1e-10)))
            shift = (scaled[first] - along * drawn[second]) / across
            given = compute_normal_cdf(shift.astype(np.float32, copy=False))
            both[first, second] = both[second, first] = chances[second] * given
    joint, root, taken = np.ones_like(margins[0]), np.zeros_like(covariance), np.empty_like(margins)
    for row in range(count):
        for column in range(row + 1):
            left = covariance[row, column].copy()
            for earlier in range(column):
                left -= root[row, earlier] * root[column, earlier]
            if row == column:
                root[row, row] = np.sqrt(np.maximum(left, np.float32(1e-12)))
            else:
                root[row, column] = left / root[column, column]
        centre = margins[row].copy()
        for earlier in range(row):
            centre -= root[row, earlier] * taken[earlier]
        chance = compute_normal_cdf(centre / root[row, row])
        joint *= chance
        if row < count - 1:
            taken[row] = _find_normal(uniforms[row] * chance)
    return both, joint


def _find_normal(levels: Singles) -> Singles:
    from scipy.special import ndtri

    found = ndtri(np.clip(levels, np.float32(1e-30), np.float32(1 - 2.0**-24)))
    return found.astype(np.float32, copy=False)
