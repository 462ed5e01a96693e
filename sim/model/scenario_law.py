"""The law of a scenario: what its shocks do to the year, as arrays, and the one tree of which shocks happen.

Names (a delivery's class, a milestone's group, an indicator) are resolved when a scenario is compiled, and nowhere
else. Nothing is random here: what draws shocks hands in uniforms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.errors import InputError, blame
from sim.model.responses import unit_response

if TYPE_CHECKING:
    from sim.inputs.calibration import ShockNumbers
    from sim.inputs.scenario.reading import Scenario
    from sim.model.model import Model

__all__ = [
    "Quantile",
    "ScenarioLaw",
    "ShockMove",
    "average_groups",
    "compile_parts",
    "compile_scenario",
    "compile_whole",
    "draw_onset_and_size",
    "find_chance",
    "find_largest_size",
    "find_marginals",
    "list_cases",
    "list_subsets",
    "list_unknown",
    "move_shock",
    "weigh_subsets",
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
    definition : tuple of str, shape (shock,)
        What a shock is, but for its chance: those of one definition move alike in every scenario.
    series : tuple of str, shape (series,)
        Indicators, by which what is not known of loadings is drawn.
    unknown : ShockNumbers
        How far sizes, loadings and chances of shocks are known.
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
    definition: tuple[str, ...]
    series: tuple[str, ...]
    unknown: ShockNumbers

    def __post_init__(self) -> None:
        for array in (self.chance, self.onset, self.growth, self.speed, self.delay, self.profile):
            array.setflags(write=False)


def compile_scenario(model: Model, scenario: Scenario, *, whole: bool = False) -> ScenarioLaw:
    """Compile a scenario for a model: names become places, shocks become rows of arrays.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    whole : bool
        Whether to keep shocks that change nothing as they stand, as whoever changes their sizes or chances must.

    Returns
    -------
    ScenarioLaw
        Without shocks that change nothing: on no road do they move a single bit.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> law = compile_scenario(sim.load_model(plan), sim.read_scenario("baseline", plan))
    >>> law.names, law.chance.tolist(), law.growth.shape
    (('rare_common_shock',), [[0.08, 0.08]], (1, 4, 7, 6))
    """
    if scenario.mixture:
        problem = f"'{scenario.name}' is a mixture, and this is asked of one scenario"
        raise InputError([blame("scenario", problem, "choose one of its parts")])
    shocks = scenario.shocks
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
    law = ScenarioLaw(
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
        definition=tuple(
            f"{name}: {shock.model_dump_json(exclude={'probability', 'depends_on'})}" for name, shock in shocks.items()
        ),
        series=tuple(indicator.id for indicator in plan.indicators),
        unknown=model.calibration.shocks,
    )
    return law if whole else _drop_idle(law)


def compile_parts(model: Model, scenario: Scenario) -> list[tuple[ScenarioLaw, float]]:
    """Compile what comes true of a scenario: itself, or the parts of a mixture.

    Parameters
    ----------
    model : Model
    scenario : Scenario

    Returns
    -------
    list of (ScenarioLaw, float)
        With the probability of each.
    """
    return [(compile_scenario(model, part), weight) for part, weight in scenario.parts]


def compile_whole(model: Model, scenario: Scenario) -> ScenarioLaw | None:
    """Compile a scenario; None for a mixture, which has no law of its own."""
    return None if scenario.mixture else compile_scenario(model, scenario)


def _drop_idle(law: ScenarioLaw) -> ScenarioLaw:
    """Leave out shocks that change nothing and on which no other depends; a parent that cannot happen is no parent."""
    parent, chance = list(law.parent), law.chance.copy()
    for shock, of in enumerate(parent):
        if of is not None and (chance[shock, 0] == chance[shock, 1] or not chance[of].any()):
            parent[shock], chance[shock] = None, chance[shock, 1]
    kept = list(range(len(law.names)))
    for shock in reversed(kept.copy()):
        touches = law.growth[shock].any() or law.speed[shock].any() or law.delay[shock].any()
        felt = touches and chance[shock].any() and find_largest_size(law, shock) > 0
        if not felt and not any(parent[other] == shock for other in kept):
            kept.remove(shock)
    return replace(
        law,
        names=tuple(law.names[shock] for shock in kept),
        parent=tuple(None if (of := parent[shock]) is None else kept.index(of) for shock in kept),
        chance=chance[kept],
        onset=law.onset[kept],
        size=tuple(law.size[shock] for shock in kept),
        growth=law.growth[kept],
        speed=law.speed[kept],
        delay=law.delay[kept],
        profile=law.profile[kept],
        definition=tuple(law.definition[shock] for shock in kept),
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
