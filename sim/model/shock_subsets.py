"""Subsets of shocks: which happen together, how likely each subset is, and averages over them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.model.scenario_law import ScenarioLaw

if TYPE_CHECKING:
    pass

__all__ = [
    "ShockMove",
    "average_groups",
    "find_chance",
    "find_joint",
    "find_marginals",
    "list_cases",
    "list_subsets",
    "list_unknown",
    "move_shock",
    "weigh_subsets",
]


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
    >>> from sim.model.scenario_law import compile_scenario
    >>> find_marginals(compile_scenario(sim.load_model(plan), sim.read_scenario("baseline", plan)))
    [0.08]
    """
    marginals: list[float] = []
    for shock in range(len(law.names)):
        marginals.append(float(find_chance(law, shock, marginals)))
    return marginals


def find_joint(law: ScenarioLaw, wanted: Collection[int]) -> float:
    """Find how likely some shocks all happen.

    Parameters
    ----------
    law : ScenarioLaw
    wanted : collection of int
        Their places.

    Returns
    -------
    float

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> from sim.model.scenario_law import compile_scenario
    >>> scenario = sim.read_scenario("external-and-property", plan)
    >>> round(find_joint(compile_scenario(sim.load_model(plan), scenario), [0, 1]), 3)
    0.675
    """
    likely = [(1.0, 1.0)] * len(law.names)  # that those which depend on a shock all happen, if it does and if not
    joint = 1.0
    for shock in reversed(range(len(law.names))):
        here, missed = likely[shock][0], 0.0 if shock in wanted else likely[shock][1]
        if_happened, if_not = ((chance * here + (1 - chance) * missed) for chance in law.chance[shock].tolist())
        parent = law.parent[shock]
        if parent is None:
            joint *= if_happened
        else:
            likely[parent] = likely[parent][0] * if_happened, likely[parent][1] * if_not
    return joint


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
    >>> from sim.model.scenario_law import compile_scenario
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


def weigh_subsets(law: ScenarioLaw, subsets: Iterable[tuple[int, ...]], moves: Mapping[int, ShockMove]) -> list[Floats]:
    """Weigh sets of shocks that may happen together where the chances of shocks are drawn.

    Parameters
    ----------
    law : ScenarioLaw
    subsets : iterable of tuple of int
        Places of the shocks that happen.
    moves : mapping of int to ShockMove
        By the place of the shock.

    Returns
    -------
    list of array, shape (sample,)
        Probability of each set.
    """
    weights = []
    for subset in subsets:
        weight = np.ones(1)
        for shock, parent in enumerate(law.parent):
            likely = moves[shock].chance[0 if parent is None or parent in subset else 1]
            weight = weight * (likely if shock in subset else 1 - likely)
        weights.append(weight)
    return weights


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ShockMove:
    """A shock as it would be if what is not known of it were so.

    Attributes
    ----------
    strength : array, shape (sample,)
        Factor on its size.
    loading : array, shape (series, sample)
        Factor on its loadings.
    chance : array, shape (2, sample)
        Probability if the parent happened, and if it did not.
    """

    strength: Floats
    loading: Floats
    chance: Floats


def list_unknown(law: ScenarioLaw, shock: int) -> tuple[str, ...]:
    """List the names of the normals that move a shock: of its strength, its chance, and each loading."""
    name, unknown = law.names[shock], law.unknown
    moved = [f"shock/{name}/strength"] * (unknown.strength > 0)
    moved += [f"shock/{name}/chance"] * bool(((law.chance[shock] > 0) & (law.chance[shock] < 1)).any())
    touched = law.growth[shock].any(axis=(0, 1))
    moved += [
        f"shock/{name}/loading/{each}"
        for each, felt in zip(law.series, touched, strict=True)
        if felt and unknown.loading > 0
    ]
    return tuple(moved)


def move_shock(law: ScenarioLaw, shock: int, normals: Mapping[str, Floats]) -> ShockMove:
    """Move a shock by what is not known of its size, loadings and chance.

    Parameters
    ----------
    law : ScenarioLaw
    shock : int
        Its place.
    normals : mapping of str to array, shape (sample,)
        By the names of `list_unknown`; what is not named keeps its value.

    Returns
    -------
    ShockMove
        Means are kept: factors are lognormal or normal about one, chances beta about what the scenario says.
    """
    name, unknown = law.names[shock], law.unknown
    none = np.zeros(1)
    strength = unknown.strength * normals.get(f"shock/{name}/strength", none)
    loading = np.stack(np.broadcast_arrays(*(normals.get(f"shock/{name}/loading/{each}", none) for each in law.series)))
    likely = normals.get(f"shock/{name}/chance")
    chance = [
        np.full(1, each) if likely is None else _move_chance(each, unknown.records, likely)
        for each in law.chance[shock]
    ]
    return ShockMove(
        strength=np.exp(strength - unknown.strength**2 / 2 * bool(strength.any())),
        loading=np.maximum(1 + unknown.loading * loading, 0),
        chance=np.stack(np.broadcast_arrays(*chance)),
    )


def _move_chance(chance: float, records: float, normals: Floats) -> Floats:
    """Quantiles of a beta law with a chance as its mean and so many records behind it; none and certainty stay."""
    if not 0 < chance < 1:
        return np.full(normals.shape, chance)
    from scipy.special import betaincinv, ndtr

    grid = np.linspace(-6, 6, 481)
    moved: Floats = np.interp(normals, grid, betaincinv(chance * records, (1 - chance) * records, ndtr(grid)))
    return moved


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
