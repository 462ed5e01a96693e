"""The law of a scenario: what its shocks do to the year, as arrays, and the one tree of which shocks happen.

Names (a delivery's class, a milestone's group, an indicator) are resolved when a scenario is compiled, and nowhere
else. Nothing is random here: what draws shocks hands in uniforms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Bools, Floats
from sim.model.responses import unit_response

if TYPE_CHECKING:
    from sim.inputs.scenario.reading import Scenario
    from sim.model.model import Model

__all__ = [
    "Quantile",
    "ScenarioLaw",
    "average_groups",
    "compile_scenario",
    "draw_onset_and_size",
    "find_chance",
    "find_largest_size",
    "find_marginals",
    "list_cases",
    "list_subsets",
]

Quantile = Callable[[Floats], Floats]
"""From uniforms to sizes."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScenarioLaw:
    """What a scenario does to the year; a shock stands after the one it depends on.

    Attributes
    ----------
    names : tuple of str, shape (shock,)
        Also the names of the shocks' random streams.
    parent : tuple of int or None, shape (shock,)
        Place of the shock that each one depends on.
    chance : array, shape (shock, 2)
        Probability if the parent happened, and if it did not; twice the same without a parent.
    onset : array, shape (shock, quarter)
        Weights of the quarter in which a shock begins; they sum to one.
    size : tuple of callable, shape (shock,)
        Quantile function of each size, in the shock's own unit.
    growth : array, shape (shock, onset, period, series)
        Response of growth to a size of one, percentage points; periods as `stack_periods` stacks them.
    speed : array, shape (shock, delivery)
        Change of the speed of each delivery at a size of one and full profile, as a share.
    delay : array, shape (shock, milestone)
        Delay of each milestone at a size of one, quarters.
    profile : array, shape (shock, quarter)
        Strength in each quarter from the onset on.
    idle : array of bool, shape (shock,)
        Whether a shock cannot happen, or has no size when it does.
    """

    names: tuple[str, ...]
    parent: tuple[int | None, ...]
    chance: Floats
    onset: Floats
    size: tuple[Quantile, ...]
    growth: Floats
    speed: Floats
    delay: Floats
    profile: Floats
    idle: Bools

    def __post_init__(self) -> None:
        for array in (self.chance, self.onset, self.growth, self.speed, self.delay, self.profile, self.idle):
            array.setflags(write=False)


def compile_scenario(model: Model, scenario: Scenario) -> ScenarioLaw:
    """Compile a scenario for a model: names become places, shocks become rows of arrays.

    Parameters
    ----------
    model : Model
    scenario : Scenario

    Returns
    -------
    ScenarioLaw

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> law = compile_scenario(sim.load_model(plan), sim.read_scenario("baseline", plan))
    >>> law.names, law.chance.tolist(), law.growth.shape
    (('rare_common_shock',), [[0.08, 0.08]], (1, 4, 7, 6))
    """
    shocks = scenario.shocks  # with those that cannot happen or have no size
    names, plan, quarters = tuple(shocks), model.plan, len(model.law.path)
    deliveries = {each.id: (each.id, each.season, each.group) for each in plan.deliveries}
    milestones = {each.id: (each.id, each.group) for each in plan.milestones}
    depends = [shock.depends_on for shock in shocks.values()]
    profile = np.empty((len(names), quarters))
    growth = np.empty((len(names), quarters, 2 * quarters - 1, len(plan.indicators)))
    for place, shock in enumerate(shocks.values()):
        profile[place] = shock.profile.follow(quarters)
        loadings = np.array([shock.loadings.get(indicator.id, 0.0) for indicator in plan.indicators])
        growth[place] = unit_response(model.law, profile[place], loadings)
    weights = [shock.weigh_onsets(plan.quarter_names) for shock in shocks.values()]
    chances = [
        (shock.probability, shock.probability)
        if shock.depends_on is None
        else (shock.depends_on.probability_if_happened, shock.depends_on.probability_if_not)
        for shock in shocks.values()
    ]
    return ScenarioLaw(
        names=names,
        parent=tuple(None if each is None else names.index(each.shock) for each in depends),
        chance=np.array(chances, np.float64).reshape(-1, 2),
        onset=np.array(weights, np.float64).reshape(-1, quarters),
        size=tuple(shock.size.quantile for shock in shocks.values()),
        growth=growth,
        speed=_resolve(
            [shock.speed for shock in shocks.values()], [deliveries[name] for name in model.delivery_law.ids]
        ),
        delay=_resolve(
            [shock.delay for shock in shocks.values()], [milestones[name] for name in model.milestone_law.ids]
        ),
        profile=profile,
        idle=np.array([shock.is_idle for shock in shocks.values()], bool),
    )


def _resolve(changes: Sequence[Mapping[str, float]], touched: Sequence[tuple[str, ...]]) -> Floats:
    """Take the most specific change of each target by its names, most specific first; without any, zero."""
    rows = [
        [next((change[name] for name in (*names, "all") if name in change), 0.0) for names in touched]
        for change in changes
    ]
    return np.array(rows, np.float64).reshape(len(changes), len(touched))


def find_chance(
    law: ScenarioLaw,
    shock: int,
    happened: Mapping[int, Any] | Sequence[Any] | NDArray[Any],
    chance: Floats | None = None,
) -> Floats:
    """Find how likely a shock is, given the shock that it depends on: the rule of the tree.

    Parameters
    ----------
    law : ScenarioLaw
    shock : int
        Its place.
    happened : sequence, array or mapping by place
        Whether each earlier shock happened, or with which probability.
    chance : array, shape (shock, 2), optional
        In place of the law's.

    Returns
    -------
    array
        Of the shape of what `happened` holds of the parent; a single number without a parent.
    """
    if_happened, if_not = (law.chance if chance is None else chance)[shock]
    parent = law.parent[shock]
    if parent is None:
        return np.asarray(if_happened)
    known = np.asarray(happened[parent], np.float64)
    return np.asarray(known * if_happened + (1 - known) * if_not)


def find_marginals(law: ScenarioLaw) -> list[float]:
    """Find how likely each shock is, whatever it depends on.

    Parameters
    ----------
    law : ScenarioLaw

    Returns
    -------
    list of float, shape (shock,)

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> find_marginals(compile_scenario(sim.load_model(plan), sim.read_scenario("baseline", plan)))
    [0.08]
    """
    marginals: list[float] = []
    for shock in range(len(law.names)):
        marginals.append(float(find_chance(law, shock, marginals)))
    return marginals


def list_cases(shocks: int) -> NDArray[np.bool_]:
    """List every set of shocks, possible or not.

    Parameters
    ----------
    shocks : int
        Their number.

    Returns
    -------
    array of bool, shape (case, shock)
        Whether each happened; none first, all last.

    Examples
    --------
    >>> list_cases(2).astype(int).tolist()
    [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    return np.array(list(product((False, True), repeat=shocks)), bool)


def list_subsets(law: ScenarioLaw, chance: Floats | None = None) -> dict[tuple[int, ...], float]:
    """List the sets of shocks that may happen together, with their probabilities.

    Parameters
    ----------
    law : ScenarioLaw
    chance : array, shape (shock, 2), optional
        In place of the law's.

    Returns
    -------
    dict of tuple of int to float
        By the places of those that happen; impossible sets are left out.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> list_subsets(compile_scenario(sim.load_model(plan), sim.read_scenario("baseline", plan)))
    {(): 0.92, (0,): 0.08}
    """
    cases = list_cases(len(law.names))
    weights = np.ones(len(cases))
    for shock, happened in enumerate(cases.T):
        likely = find_chance(law, shock, cases.T, chance)
        weights *= np.where(happened, likely, 1 - likely)
    return {
        tuple(np.flatnonzero(case).tolist()): float(weight)
        for case, weight in zip(cases, weights, strict=True)
        if weight > 0
    }


def average_groups(
    law: ScenarioLaw, factors: Sequence[NDArray[Any]], chance: Floats | None = None
) -> Iterator[NDArray[Any]]:
    """Average the product of one factor for each shock that happens, group by group of dependent shocks.

    Parameters
    ----------
    law : ScenarioLaw
    factors : sequence of array, shape (shock, ...)
        Of a figure's characteristic function, for example.
    chance : array, shape (shock, 2), optional
        In place of the law's.

    Yields
    ------
    array
        Mean of a group's product. Groups are independent: the mean of the product of all is the product of these.

    Notes
    -----
    A shock on which others depend is followed on both branches, which takes as many steps as there are shocks, where
    `list_subsets` would take two to their number.
    """
    chance = law.chance if chance is None else chance
    children: dict[int | None, list[int]] = {}
    for shock, parent in enumerate(law.parent):
        tied = parent is not None and chance[shock, 0] != chance[shock, 1]
        children.setdefault(parent if tied else None, []).append(shock)

    def follow(shock: int, likely: Floats) -> NDArray[Any]:
        happened: NDArray[Any] = likely * factors[shock]
        missed = np.full_like(happened, 1 - likely)
        for child in children.get(shock, []):
            happened *= follow(child, find_chance(law, child, {shock: True}, chance))
            missed *= follow(child, find_chance(law, child, {shock: False}, chance))
        happened += missed
        return happened

    for shock in children.get(None, []):
        yield follow(shock, chance[shock, 0])


def draw_onset_and_size(law: ScenarioLaw, shock: int, uniforms: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Turn uniforms into onsets and sizes of a shock where it happens.

    Parameters
    ----------
    law : ScenarioLaw
    shock : int
        Its place.
    uniforms : array, shape (2, ...)
        Of the onset and of the size, between 0 and 1.

    Returns
    -------
    onsets : array of int, shape (...)
        Quarters, counted from 0.
    sizes : array, shape (...)
        In the shock's own unit.
    """
    ends = law.onset[shock].cumsum()[:-1]
    return np.searchsorted(ends, uniforms[0], side="right"), law.size[shock](uniforms[1])


def find_largest_size(law: ScenarioLaw, shock: int, tail: float = 0.001) -> float:
    """Find the absolute size that a shock hardly exceeds.

    Parameters
    ----------
    law : ScenarioLaw
    shock : int
        Its place.
    tail : float
        Probability left beyond it on either side.

    Returns
    -------
    float
        In the shock's own unit; zero if the shock has no size.
    """
    return float(np.abs(law.size[shock](np.array([tail, 1 - tail]))).max())
