"""Paths: what the model makes of draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.draws import Draws
from sim.macro import Law
from sim.model import Model
from sim.quarters import accumulate
from sim.scenario import Scenario, Shock

__all__ = ["Paths", "follow_law", "hit", "simulate"]

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Paths:
    """Simulated years.

    Attributes
    ----------
    model : Model
    scenario : Scenario
    growth : array, shape (quarter, series, path)
        Year-on-year growth of single quarters, %.
    seed : int
        Of the draws.
    """

    model: Model
    scenario: Scenario
    growth: Singles
    seed: int

    @cached_property
    def cumulative(self) -> Singles:
        """Growth from the year's start to each quarter's end, %, shape (quarter, series, path)."""
        shares = self.model.law.shares.astype(np.float32)[:, :, None]
        cumulative: Singles = accumulate(self.growth, shares)
        return cumulative

    @property
    def annual(self) -> Singles:
        """Growth of the year, %, shape (series, path)."""
        annual: Singles = self.cumulative[-1]
        return annual

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return int(self.growth.shape[-1])

    def __repr__(self) -> str:
        quarters, series, paths = self.growth.shape
        return f"<Paths of {self.scenario.name}: {quarters} quarters, {series} indicators, {paths:,} paths>"


def simulate(model: Model, scenario: Scenario, draws: Draws) -> Paths:
    """Simulate a scenario on given draws; a pure function.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    draws : Draws
        Two scenarios on the same draws differ by their shocks alone.

    Returns
    -------
    Paths

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> model = sim.calibrate(plan)
    >>> sim.simulate(model, sim.read_scenario("baseline", plan), sim.draw(model, n_paths=1000))
    <Paths of baseline: 4 quarters, 6 indicators, 1,000 paths>
    """
    return Paths(model, scenario, hit(follow_law(model.law, draws), model, scenario, draws), draws.seed)


def follow_law(law: Law, draws: Draws) -> Singles:
    """Growth of single quarters without shocks.

    Returns
    -------
    array, shape (quarter, series, path)
        %.

    Notes
    -----
    Every step is element by element, in an order set by the indicators' places in the law's arrays alone; no
    matrix product is used, whose last bits would depend on the number of paths at hand.
    """
    single = np.float32
    path, momentum, persistence = (array.astype(single) for array in (law.path, law.momentum, law.persistence))
    common, own = law.innovation_common.astype(single)[:, None], law.innovation_own.astype(single)[:, None]
    growth = np.empty_like(draws.own)
    trend = law.trend_own.astype(single)[:, None] * draws.trend_own
    trend += law.trend_common.astype(single)[:, None] * draws.trend_common
    deviation = np.repeat(momentum[:, None], draws.n_paths, axis=1)
    for quarter in range(len(growth)):
        news = growth[quarter]
        np.multiply(own, draws.own[quarter], out=news)
        news += common * draws.common[quarter]
        news *= draws.scale[quarter]
        news += _persist(persistence, deviation)
        deviation = news.copy()
        news += path[quarter][:, None]
        news += trend
    return growth


def _persist(persistence: Singles, deviation: Singles) -> Singles:
    kept = np.diag(persistence)[:, None] * deviation
    for reached, origin in zip(*np.nonzero(persistence - np.diag(np.diag(persistence))), strict=True):
        kept[reached] += persistence[reached, origin] * deviation[origin]
    return kept


def hit(ordinary: Singles, model: Model, scenario: Scenario, draws: Draws) -> Singles:
    """Growth of single quarters with a scenario's shocks added to ordinary growth.

    Returns
    -------
    array, shape (quarter, series, path)
        %; `ordinary` itself if the scenario has no shocks.
    """
    if not scenario.shocks:
        return ordinary
    growth = ordinary.copy()
    happened: dict[str, NDArray[np.bool_]] = {}
    quarters = model.plan.quarter_names
    for name, shock in scenario.shocks.items():
        uniforms = draws.draw_shock(name)
        happened[name] = uniforms[0] < _chance(shock, happened)
        strength = _course(shock, uniforms, happened[name], quarters)
        for number, indicator in enumerate(model.plan.indicators):
            loading = shock.loadings.get(indicator.id)
            if loading:
                growth[:, number] += np.float32(loading) * strength
    return growth


def _chance(shock: Shock, happened: dict[str, NDArray[np.bool_]]) -> float | NDArray[np.float64]:
    if shock.depends_on is None:
        assert shock.probability is not None
        return shock.probability
    depends = shock.depends_on
    return np.where(happened[depends.shock], depends.probability_if_happened, depends.probability_if_not)


def _course(
    shock: Shock, uniforms: NDArray[np.float64], happened: NDArray[np.bool_], quarters: tuple[str, ...]
) -> Singles:
    """Size times profile in each quarter, shape (quarter, path); zero where the shock did not happen."""
    count = len(quarters)
    profile = np.array(shock.profile.follow(count))
    by_onset = np.array([[profile[q - onset] if q >= onset else 0.0 for onset in range(count)] for q in range(count)])
    paths = np.flatnonzero(happened)
    edges = np.cumsum(shock.weigh_onsets(quarters))[:-1]
    onset = np.searchsorted(edges, uniforms[1, paths], side="right")
    size = shock.size.quantile(uniforms[2, paths])
    strength = np.zeros((count, uniforms.shape[1]), np.float32)
    strength[:, paths] = size * by_onset[:, onset]
    return strength
