"""Strikes: what the shocks of a scenario do to growth, deliveries and milestones, path by path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Singles
from sim.engine.draws import Draws
from sim.inputs.scenario.document import Shock
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.model.reduced_form import mix, split_periods
from sim.model.responses import expose

__all__ = ["Speed", "Strike", "find_delay", "find_speed", "hit_growth", "strike", "strike_one"]


@dataclass(frozen=True)
class Strike:
    """What a shock does, kept for the paths alone in which it happened.

    Attributes
    ----------
    n_paths : int
        Of all paths.
    paths : array of int, shape (struck path,), or slice
        In which it happened.
    sizes : array, shape (struck path,)
    onsets : array of int, shape (struck path,)
        Quarter of the onset, counted from 0.
    profile : tuple of float
        Strength in each quarter from the onset on, at size one.
    """

    n_paths: int
    paths: NDArray[np.int64] | slice
    sizes: Singles
    onsets: NDArray[np.int64]
    profile: tuple[float, ...]

    @property
    def places(self) -> NDArray[np.int64]:
        """Numbers of the struck paths."""
        return np.arange(self.n_paths)[self.paths] if isinstance(self.paths, slice) else self.paths

    @cached_property
    def courses(self) -> Singles:
        """Size times profile, shape (quarter, struck path)."""
        quarters = range(len(self.profile))
        begun = [[self.profile[now - onset] if now >= onset else 0.0 for onset in quarters] for now in quarters]
        courses: Singles = self.sizes * np.array(begun, np.float32)[:, self.onsets]
        return courses

    @cached_property
    def strength(self) -> Singles:
        """Size times profile in every path, shape (quarter, path); zero where it did not happen."""
        return self._spread(self.courses, np.float32)

    @cached_property
    def size(self) -> Singles:
        """Size in every path; zero where it did not happen."""
        return self._spread(self.sizes, np.float32)

    @cached_property
    def onset(self) -> NDArray[np.int64]:
        """Quarter of the onset in every path; zero where it did not happen."""
        return self._spread(self.onsets, np.int64)

    def scale(self, factor: float) -> Strike:
        """The same strike at a multiple of its size."""
        return replace(self, sizes=self.sizes * np.float32(factor))

    def _spread(self, values: NDArray[Any], kind: type[Any]) -> NDArray[Any]:
        spread = np.zeros((*values.shape[:-1], self.n_paths), kind)
        spread[..., self.paths] = values
        return spread


@dataclass(frozen=True, eq=False)
class Speed:
    """A factor on the speed of deliveries.

    Attributes
    ----------
    factor : array, shape (quarter, path), or None
        Never negative; None means one everywhere.
    """

    factor: Singles | None


def strike(scenario: Scenario, draws: Draws, quarters: tuple[str, ...]) -> dict[str, Strike]:
    """Draw a scenario's shocks: whether, when, how large.

    Returns
    -------
    dict of str to Strike
        By shock, in the scenario's order.
    """
    strikes: dict[str, Strike] = {}
    happened: dict[str, NDArray[np.bool_]] = {}
    for name, shock in scenario.shocks.items():
        words = draws.draw_shock(name)
        happened[name] = words[0] < np.asarray(_find_chance(shock, happened) * 2.0**32)
        paths = slice(None) if happened[name].all() else np.flatnonzero(happened[name])
        struck = words[1:] if isinstance(paths, slice) else words[1:].take(paths, axis=1)
        uniforms = (struck + np.float64(0.5)) * 2.0**-32
        strikes[name] = strike_one(shock, uniforms, paths, draws.n_paths, quarters)
    return strikes


def _find_chance(shock: Shock, happened: dict[str, NDArray[np.bool_]]) -> float | NDArray[np.float64]:
    if shock.depends_on is None:
        assert shock.probability is not None
        return shock.probability
    depends = shock.depends_on
    return np.where(happened[depends.shock], depends.probability_if_happened, depends.probability_if_not)


def strike_one(
    shock: Shock,
    uniforms: NDArray[np.float64],
    paths: NDArray[np.int64] | slice,
    n_paths: int,
    quarters: tuple[str, ...],
) -> Strike:
    """What one shock does where it happened.

    Parameters
    ----------
    shock : Shock
    uniforms : array, shape (2, struck path)
        Onset, size.
    paths : array of int, shape (struck path,), or slice
        In which it happened.
    n_paths : int
        Of all paths.
    quarters : tuple of str
        Names of the year's quarters.
    """
    edges = np.cumsum(shock.weigh_onsets(quarters))[:-1]
    began = np.searchsorted(edges, uniforms[0], side="right")
    sizes = shock.size.quantile(uniforms[1]).astype(np.float32)
    return Strike(n_paths, paths, sizes, began, tuple(shock.profile.follow(len(quarters))))


def hit_growth(model: Model, scenario: Scenario, strikes: dict[str, Strike]) -> Singles:
    """What shocks add to growth.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    strikes : dict of str to Strike
        Of at least one of its shocks.

    Returns
    -------
    array, shape (2, quarter, series, path)
        Percentage points; of single quarters, then from January to each quarter's end.
    """
    quarters, series = model.law.path.shape
    n_paths = next(iter(strikes.values())).n_paths
    indicators = [indicator.id for indicator in model.plan.indicators]
    exposed = {name: expose(model.law, scenario.shocks[name], indicators) for name in strikes}
    # What adds nothing is left out, as even nothings may change the order in which a processor adds.
    exposed = {name: each for name, each in exposed.items() if each.any() and not scenario.shocks[name].is_idle}
    sizes = np.zeros((len(exposed), quarters, n_paths), np.float32)
    weights = np.zeros((2, quarters, series, len(exposed), quarters), np.float32)
    for place, (name, by_onset) in enumerate(exposed.items()):
        struck = strikes[name]
        sizes[place, struck.onsets, struck.places] = struck.sizes
        weights[..., place, :] = split_periods(np.moveaxis(by_onset, 0, -1))
    hit = mix(weights.reshape(2 * quarters * series, -1), sizes.reshape(-1, n_paths))
    return hit.reshape(2, quarters, series, n_paths)


def find_speed(model: Model, scenario: Scenario, strikes: dict[str, Strike], deliveries: list[str]) -> list[Speed]:
    """The factor of shocks on the speed of each delivery; those that shocks touch alike share one object.

    Returns
    -------
    list of Speed
        One a delivery.
    """
    targets = {target.id: target for target in model.plan.deliveries}
    alike: dict[tuple[float, ...], Speed] = {}
    speeds = []
    for delivery in deliveries:
        names = delivery, targets[delivery].season, targets[delivery].group
        changes = tuple(_find_most_specific(shock.speed, *names) for shock in scenario.shocks.values())
        if changes not in alike:
            alike[changes] = Speed(_multiply_speed(changes, list(strikes.values())))
        speeds.append(alike[changes])
    return speeds


def _multiply_speed(changes: tuple[float, ...], strikes: list[Strike]) -> Singles | None:
    factor: Singles | None = None
    for change, struck in zip(changes, strikes, strict=True):
        if change:
            effect = np.float32(change) * struck.strength
            factor = 1 + effect if factor is None else factor + effect
    return None if factor is None else np.maximum(factor, 0)


def find_delay(model: Model, scenario: Scenario, strikes: dict[str, Strike]) -> Singles | None:
    """Quarters that shocks delay each milestone: where they begin by its planned quarter.

    Returns
    -------
    array, shape (series, path), or None
        None where no shock delays any.
    """
    targets = {target.id: target for target in model.plan.milestones}
    law = model.milestone_law
    delay: Singles | None = None
    for name, shock in scenario.shocks.items():
        struck, in_time = strikes[name], {}
        for number, milestone in enumerate(law.ids):
            quarters = _find_most_specific(shock.delay, milestone, targets[milestone].group)
            if quarters:
                planned = float(law.planned[number])
                if planned not in in_time:
                    in_time[planned] = struck.size * (struck.onset <= planned)
                delay = np.zeros((len(law.ids), len(struck.size)), np.float32) if delay is None else delay
                delay[number] += np.float32(quarters) * in_time[planned]
    return delay


def _find_most_specific(changes: dict[str, float], *names: str) -> float:
    return next((changes[name] for name in (*names, "all") if name in changes), 0.0)
