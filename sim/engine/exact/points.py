"""Points: what is conditioned on. Given a point, the targets' outcomes are independent of one another.

A point holds what several targets share: the common news and heavy-tail scale of each quarter, the common errors of
trends and deliveries, the onset and size of each shock, and a calibration of its own, whose numbers are coordinates of
the net like all others. What is left random is each target's own, whose distribution functions are known.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats, Singles
from sim.engine.nets import REPLICATES, draw_base_net, draw_named_net
from sim.engine.proposal import Proposal, name_level, shift_normals
from sim.model.drawn_growth import Innovations, find_mixing, find_rest, follow_growth
from sim.model.growth import lift
from sim.model.lookup_table import find_scale
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw
from sim.model.shock_subsets import ShockMove, list_unknown, move_shock

__all__ = ["Calibrations", "Points", "Update", "lay_points", "share_points"]

Calibrations = Literal["each", "replicate", "stated"]
Kept = TypeVar("Kept")
_MOST_KEPT = 1024  # things: of many scenarios, those that share little are forgotten


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Update:
    """What published figures make of points.

    Attributes
    ----------
    weight : array, shape (point,)
        How likely the figures were at each point.
    rest : array, shape (quarter, series, point)
        Standard deviation of what is left random in growth of single quarters.
    promised : dict of str to array, shape (quarter, point)
        By delivery or milestone that has figures: probability that what is due by each quarter's end is done.
    beyond : dict of str to callable
        By delivery that has figures: from another share of its goal, as `sim.engine.exact.conditional.judge_delivery`
        takes it, to the probabilities that it is delivered, or on course to be, shape (quarter, point).
    slopes : mapping of int to array, shape (2, quarter, figure, point)
        By the place of an indicator that has figures: regression of what is its own in every figure on these.
    """

    weight: Floats
    rest: Singles
    promised: dict[str, Singles]
    beyond: dict[str, Callable[[Floats | float], Singles]]
    slopes: Mapping[int, Floats] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """Points of a net, and the year without shocks as far as they decide it.

    Attributes
    ----------
    model : Model
    laws : Model
        The laws at the points: a calibration of its own each, or the model's for all.
    seed : int
    count : int
        Points of a replicate; arrays run over replicates of so many points each.
    replicates : range
        Which shifts of the net.
    calibrations : str
        `each` point has a calibration of its own, `replicate` that of its replicate, `stated` that of the model.
    n_calibrations : int
        Of which the replicates are some.
    trend_common, delivery_common : array, shape (point,)
        Common errors of trends and of deliveries, standard normal.
    common, scale : array, shape (quarter, point)
        Common factor of a quarter's news; root of the heavy-tail scale.
    figures : array, shape (2, quarter, series, point)
        Growth without what is each indicator's own, %: of single quarters, and from the year's start.
    spread : array, shape (quarter, series, point)
        Standard deviation of what is left random in growth from the year's start.
    mixing : array, shape (series, point)
        Normals of own news that spillovers correlate; without rows where there are none.
    update : Update, optional
        What published figures make of them; then `figures` hold what shocks add.
    correction : array, shape (point,), optional
        Density of scales and calibrations over the one that they were drawn from; None where it is one.
    coordinates : mapping of str to array, shape (point,)
        Normals of numbers and of quarters' levels, where a proposal is given.
    """

    model: Model
    laws: Model
    seed: int
    count: int
    replicates: range
    calibrations: Calibrations
    n_calibrations: int
    trend_common: Singles
    delivery_common: Singles
    common: Singles
    scale: Singles
    figures: Singles
    spread: Singles
    mixing: Singles
    update: Update | None = None
    correction: Floats | None = None
    coordinates: Mapping[str, Floats] = field(default_factory=dict, repr=False)
    _kept: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @property
    def n_points(self) -> int:
        """Points of all replicates."""
        return int(self.trend_common.shape[-1])

    @property
    def cumulative(self) -> Singles:
        """Growth from the year's start to each quarter's end, %, shape (quarter, series, point)."""
        cumulative: Singles = self.figures[1]
        return cumulative

    @property
    def news(self) -> Singles:
        """Factor of each quarter on the speed of all deliveries, shape (quarter, point)."""
        news = self.laws.delivery_law.news.astype(np.float32)
        return self.keep("news", lambda: np.exp(news * self.common * self.scale))

    def keep(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Make something once, however many scenarios ask for it.

        Parameters
        ----------
        key : hashable
            Of what it depends on beside the points.
        make : callable

        Returns
        -------
        object
            What was made, now or before.
        """
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = make()
        kept: Kept = self._kept[key]
        return kept

    def draw_shock(self, name: str) -> Floats:
        """Uniforms of a shock's onset and size, shape (2, point), by its name."""

        def draw() -> Floats:
            return self._spread_out(draw_named_net(self.seed, f"shock/{name}", 2, self.count, self._shifts))

        return self.keep(("shock", name), draw)

    def draw_figure(self, name: str) -> Floats:
        """Uniforms by which a published figure is drawn within its cell, shape (point,), by its name."""
        return self._draw_uniform(f"figure/{name}")

    def draw_happening(self, name: str) -> Floats:
        """Uniforms by which a shock happens where sets of shocks are drawn, shape (point,), by its name."""
        return self._draw_uniform(f"happening/{name}")

    def _draw_uniform(self, name: str) -> Floats:
        def draw() -> Floats:
            return self._spread_out(draw_named_net(self.seed, name, 1, self.count, self._shifts))

        uniforms: Floats = self.keep(("figure", name), draw)[0]
        return uniforms

    def move_shock(self, law: ScenarioLaw, shock: int) -> ShockMove | None:
        """Find what a shock would be at each point; None where calibrations are as stated."""
        if self.calibrations == "stated":
            return None
        names = list_unknown(law, shock)
        key: Hashable = "move", names, law.unknown, law.chance[shock].tobytes()
        if self.calibrations == "each":  # chances are averaged over: only their mean counts
            names = tuple(name for name in names if name != f"shock/{law.names[shock]}/chance")
            key = "move", names, law.unknown
        return self.keep(key, lambda: move_shock(law, shock, {name: self._draw_normal(name) for name in names}))

    def _draw_normal(self, name: str) -> Floats:
        """Draw standard normals of a number by its name, shape (point,)."""
        settings = self.seed, (name,), self.count, self.replicates, self.calibrations, self.n_calibrations
        drawn: Floats = self.keep(("number", name), lambda: _draw_normals(*settings)[name])
        return drawn

    @property
    def _shifts(self) -> range:
        return range(1) if self.calibrations == "replicate" else self.replicates

    def _spread_out(self, net: Floats) -> Floats:
        """Flatten replicates; where they differ by their calibrations alone, all have the same points."""
        if self.calibrations == "replicate":
            net = np.repeat(net, len(self.replicates), axis=1)
        return net.reshape(len(net), -1)

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
        cut = self.keep(("cut", count), lambda: self._cut(count))
        return cut if cut.model is self.model else replace(cut, model=self.model)

    def _cut(self, count: int) -> Points:
        blocks = self.n_points // self.count

        def take(array: NDArray[Any]) -> NDArray[Any]:
            leading = array.shape[:-1]
            return array.reshape(*leading, blocks, self.count)[..., :count].reshape(*leading, blocks * count)

        laws = self.laws
        if self.calibrations != "stated":
            laws = laws.take_samples(take)
        arrays: dict[str, Any] = {name: take(getattr(self, name)) for name in _ARRAYS}
        arrays["correction"] = None if self.correction is None else take(self.correction)
        arrays["coordinates"] = {}
        return replace(self, laws=laws, count=count, _kept={}, **arrays)

    def find_rest(self, quarter: int, cumulative: bool = True) -> tuple[Singles, Singles]:
        """Find what is left random in growth at each point.

        Parameters
        ----------
        quarter : int
        cumulative : bool
            From the year's start to the quarter's end; else of the quarter alone.

        Returns
        -------
        shift : array, shape (series, point)
            What own news that spillovers correlate add, which is conditioned on too; %.
        spread : array, shape (series, point)
            Standard deviation of the rest.
        """
        if self.update is not None:
            rest = self.spread[quarter] if cumulative else self.update.rest[quarter]
            return np.zeros((1, 1), np.float32), rest
        return self.keep(("rest", quarter, cumulative), lambda: self._find_rest(quarter, cumulative))

    def _find_rest(self, quarter: int, cumulative: bool) -> tuple[Singles, Singles]:
        law = self.laws.law if self.laws.law.is_drawn else lift(self.laws.law)
        squared = self.scale.astype(np.float64) ** 2
        if not len(self.mixing):
            rest = np.sqrt(find_rest(law, squared, quarter, cumulative))
            return np.zeros((1, 1), np.float32), rest.astype(np.float32)
        root, rest = find_mixing(law, squared, quarter, cumulative)
        shift = np.einsum("ijn,jn->in", root, self.mixing)
        return shift.astype(np.float32), np.sqrt(rest).astype(np.float32)

    def average(self, values: NDArray[Any]) -> Floats:
        """Average values over the points of each replicate, weighted by how likely published figures were at them.

        Parameters
        ----------
        values : array, shape (..., point)

        Returns
        -------
        array, shape (..., replicate)
            Of weighted points, to be divided by the mean weight.
        """
        if self.update is not None:
            values = values * self.update.weight
        blocks = values.shape[-1] // self.count  # never -1: a year of one quarter has no course
        mean: Floats = values.reshape(*values.shape[:-1], blocks, self.count).mean(axis=-1, dtype=float)
        return mean


_ARRAYS = ("trend_common", "delivery_common", "common", "scale", "figures", "spread", "mixing")


def lay_points(
    model: Model,
    count: int,
    seed: int,
    replicates: range = range(REPLICATES),
    calibrations: Calibrations = "each",
    n_calibrations: int = 256,
    proposal: Proposal | None = None,
) -> Points:
    """Lay points of a net for a model.

    Parameters
    ----------
    model : Model
    count : int
        Points of a replicate, a power of two.
    seed : int
    replicates : range
        Which shifts of the net.
    calibrations : str
        `each` point has a calibration of its own; with `replicate`, each replicate has one, and all have the same
        points otherwise; `stated` takes the model's numbers as they stand.
    n_calibrations : int
        Of which the replicates are some, a power of two.
    proposal : Proposal, optional
        What scales and calibrations are drawn from where published figures are to be conditioned on.

    Returns
    -------
    Points

    Examples
    --------
    >>> import sim
    >>> points = lay_points(sim.load_model(sim.read_plan("qingdao-2024")), 64, seed=1)
    >>> points.cumulative.shape, points.draw_shock("rare_common_shock").shape
    ((4, 6, 1024), (2, 1024))
    """
    if not model.uncertain and calibrations == "each":
        calibrations = "stated"
    quarters, series = model.law.path.shape
    mixed = series if model.law.has_spillovers else 0
    normals = _draw_base(seed, 2 * quarters + 2 + mixed, count, replicates, calibrations)
    laws, law = model, lift(model.law)
    coordinates: dict[str, Floats] = {}
    if calibrations != "stated" and model.uncertain:
        coordinates = _draw_normals(seed, model.uncertain, count, replicates, calibrations, n_calibrations)
    correction = None
    if proposal is not None:
        levels = {name_level(q): normals[quarters + 1 + q].astype(np.float64) for q in range(quarters)}
        coordinates, correction = _propose(proposal, coordinates | levels)
        normals = normals.copy()
        normals[quarters + 1 : 2 * quarters + 1] = [coordinates[name] for name in levels]
    if calibrations != "stated" and model.uncertain:
        laws = model.move({name: coordinates[name] for name in model.uncertain})
        law = laws.law
    scale = find_scale(law.degrees_of_freedom, normals[quarters + 1 : 2 * quarters + 1])
    figures = follow_growth(law, Innovations(common=normals[1 : quarters + 1], scale=scale, trend_common=normals[0]))
    points = Points(
        model=model,
        laws=laws,
        seed=seed,
        count=count,
        replicates=replicates,
        calibrations=calibrations,
        n_calibrations=n_calibrations,
        trend_common=normals[0],
        delivery_common=normals[2 * quarters + 1],
        common=normals[1 : quarters + 1],
        scale=scale,
        figures=figures,
        spread=np.empty(figures.shape[1:], np.float32),
        mixing=normals[2 * quarters + 2 :],
        correction=correction,
        coordinates={} if proposal is None else coordinates,
    )
    for quarter in range(quarters):
        shift, points.spread[quarter] = points.find_rest(quarter)
        figures[1, quarter] += shift
    return points


def _propose(proposal: Proposal, coordinates: dict[str, Floats]) -> tuple[dict[str, Floats], Floats]:
    """Shift coordinates to what is proposed of them, and correct for it."""
    logs = np.zeros(len(next(iter(coordinates.values()))))
    moved = dict(coordinates)
    for name in sorted(proposal.keys() & coordinates.keys()):
        moved[name], each = shift_normals(proposal, name, coordinates[name])
        logs += each
    return moved, np.exp(logs)


def _draw_base(seed: int, dimensions: int, count: int, replicates: range, calibrations: Calibrations) -> Singles:
    """Draw what all targets share, standard normal, shape (dimension, point)."""
    from scipy.special import ndtri

    shifts = range(1) if calibrations == "replicate" else replicates
    net = draw_base_net(seed, dimensions, count, shifts)
    if calibrations == "replicate":
        net = np.repeat(net, len(replicates), axis=1)
    base: Singles = ndtri(net.reshape(dimensions, -1)).astype(np.float32)
    return base


def _draw_normals(
    seed: int, names: Sequence[str], count: int, replicates: range, calibrations: Calibrations, n_calibrations: int
) -> dict[str, Floats]:
    """Draw what moves numbers: standard normals of shape (point,) by name, or one for each replicate, repeated."""
    from scipy.special import ndtri

    if calibrations == "replicate":
        nets = {name: draw_named_net(seed, f"number/{name}", 1, n_calibrations, range(1))[0, 0] for name in names}
        return {name: np.repeat(ndtri(net[replicates.start : replicates.stop]), count) for name, net in nets.items()}
    nets = {name: draw_named_net(seed, f"number/{name}", 1, count, replicates) for name in names}
    return {name: ndtri(net.reshape(-1)) for name, net in nets.items()}


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
