"""Coalitions: scenarios between two others, from which each difference gets its share of the change (Shapley).

A shock that is in one scenario alone is absent by its size, not by its chance: what depends on it keeps its odds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from sim._typing import Bools, Floats
from sim.engine.exact.odds import EXACT
from sim.inputs.plan.aims import Aim, list_parts
from sim.inputs.plan.targets import Delivery, Growth, InStep, Judged
from sim.inputs.scenario.document import Shock, Struck
from sim.inputs.scenario.reading import Scenario
from sim.inputs.scenario.sizes import scale_size
from sim.model.known import Known, KnownGrowth
from sim.model.model import Model
from sim.model.rules import RuleLaw
from sim.model.scenario_law import ScenarioLaw, compile_scenario

__all__ = ["PUBLISHED", "estimate_change", "find_felt", "list_coalitions", "list_players", "mix_scenarios", "share_out"]

PUBLISHED = "published"
"""Among targets: the share of figures that weigh the years of two scenarios otherwise."""


def list_players(before: Scenario, after: Scenario) -> list[str]:
    """List the shocks and rules in which two scenarios differ, words and sources apart.

    Parameters
    ----------
    before, after : Scenario

    Returns
    -------
    list of str
        In the order of the scenarios; rules too, after the shocks.
    """
    first, second = ({**each.shocks, **each.rules} for each in (before, after))
    names = dict.fromkeys([*before.shocks, *after.shocks, *before.rules, *after.rules])
    return [name for name in names if _define(first.get(name)) != _define(second.get(name))]


def _define(shock: Struck | None) -> object:
    return None if shock is None else shock.model_dump(exclude={"title", "source"})


def list_coalitions(players: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """List every set of players, none first, all last."""
    for size in range(len(players) + 1):
        yield from combinations(players, size)


def mix_scenarios(before: Scenario, after: Scenario, chosen: Collection[str]) -> Scenario:
    """Mix two scenarios: some shocks as the second has them, the others as the first does.

    Parameters
    ----------
    before, after : Scenario
    chosen : collection of str
        Shocks and rules as in `after`.

    Returns
    -------
    Scenario
        With all shocks of both; where the scenario that a shock is taken from has none, it has the size zero. A rule
        is there or not.
    """
    sources = {name: after if name in chosen else before for name in [*before.rules, *after.rules]}
    rules = {name: source.rules[name] for name, source in sources.items() if name in source.rules}
    mixed: dict[str, Shock] = {}
    for name in dict.fromkeys([*before.shocks, *after.shocks]):
        source, other = (after, before) if name in chosen else (before, after)
        shock = source.shocks.get(name)
        if shock is None:
            shock = other.shocks[name]
            shock = shock.model_copy(update={"size": scale_size(shock.size, 0)})
        mixed[name] = shock
    ordered: dict[str, Shock] = {}
    while len(ordered) < len(mixed):
        ready = {name: each for name, each in mixed.items() if name not in ordered and _is_ready(each, ordered)}
        if not ready:
            raise ValueError(f"{', '.join(set(mixed) - set(ordered))} depend on one another in turn")
        ordered |= ready
    name = f"{before.name}, with {', '.join(chosen) or 'nothing'} of {after.name}"
    return replace(after, name=name, shocks=ordered, rules=rules)


def _is_ready(shock: Shock, placed: Collection[str]) -> bool:
    return shock.depends_on is None or shock.depends_on.shock in placed


def find_felt(
    model: Model,
    before: Scenario,
    after: Scenario,
    players: Sequence[str],
    groups: Mapping[str, Sequence[int]],
    known: Known | None = None,
) -> dict[str, Bools]:
    """Find which targets and groups feel which of the shocks in which two scenarios differ.

    Parameters
    ----------
    model : Model
    before, after : Scenario
    players : sequence of str
    groups : mapping of str to sequence of int
        Places of each group's targets among the judged.
    known : Known, optional
        Published figures. A shock that would have been seen in them is felt by all targets: the figures speak for or
        against it, and with it of what all targets share.

    Returns
    -------
    dict of str to array of bool, shape (player,)
        By target, by group, and by `PUBLISHED` of the figures themselves. A shock whose chance differs is felt through
        those that depend on it too.
    """
    judged = len(model.plan.judged)
    touched = {name: np.zeros(judged + 1, bool) for name in players}
    for scenario in (before, after):
        law = compile_scenario(model, scenario, whole=True, with_rules=True)
        effects = np.column_stack([_touch(model, law), _touch_figures(law, known)])
        for rule in reversed(law.rules):  # whatever moves its figure is felt through it
            effects[_find_movers(law, rule)] |= effects[rule.shock]
        for shock in reversed(range(len(law.names))):  # children stand after their parents
            parent = law.parent[shock]
            if parent is not None and _chance(before, law.names[parent]) != _chance(after, law.names[parent]):
                effects[parent] |= effects[shock]
        for name in players:
            if name in law.names:
                touched[name] |= effects[law.names.index(name)]
    rows = np.array([touched[name] for name in players], bool).reshape(len(players), judged + 1)
    rows[rows[:, judged]] = True
    felt: dict[str, Bools] = {target.id: rows[:, place] for place, target in enumerate(model.plan.judged)}
    felt.update({group: np.asarray(rows[:, list(members)].any(axis=1)) for group, members in groups.items()})
    felt[PUBLISHED] = rows[:, judged]
    return felt


def _find_movers(law: ScenarioLaw, rule: RuleLaw) -> Bools:
    """Find the shocks that may move the figure that a rule waits for, shape (shock,)."""
    cell = rule.struck
    if isinstance(cell, KnownGrowth):
        touched = law.growth[..., cell.series].any(axis=(1, 2))
    else:
        touched = law.speed[:, rule.delivery] != 0
    begins = (law.onset > 0).argmax(axis=1)
    return np.asarray(touched & (begins <= cell.quarter), bool)


def _chance(scenario: Scenario, name: str) -> object:
    shock = scenario.shocks.get(name)
    return None if shock is None else (shock.probability, shock.depends_on)


def _touch(model: Model, law: ScenarioLaw) -> NDArray[np.bool_]:
    """Find which shock changes the figure of which target, shape (shock, target)."""
    plan = model.plan
    series = [indicator.id for indicator in plan.indicators]

    def touch(target: Judged) -> Bools:
        parts = list_parts(plan, Aim(target=target))
        if len(parts) > 1:
            return np.asarray(np.any([touch(part.target) for part in parts], axis=0), bool)
        if isinstance(target, Growth | InStep):
            held = [target.indicator, *([target.reference] if isinstance(target, InStep) else [])]
            places = [series.index(name) for name in held]
            return np.asarray(law.growth[..., places].any(axis=(1, 2, 3)), bool)
        if isinstance(target, Delivery):
            return np.asarray(law.speed[:, model.delivery_law.ids.index(target.id)], bool)
        return np.asarray(law.delay[:, model.milestone_law.ids.index(target.id)], bool)

    return np.array([touch(target) for target in plan.judged], bool).reshape(len(plan.judged), len(law.names)).T.copy()


def _touch_figures(law: ScenarioLaw, known: Known | None) -> Bools:
    """Find which shock changes a figure that is published, shape (shock,)."""
    seen = np.zeros(len(law.names), bool)
    if known is not None:
        seen |= law.growth[..., sorted({each.series for each in known.growth})].any(axis=(1, 2, 3))
        seen |= law.speed[:, sorted(known.deliveries)].any(axis=1)
        seen |= law.delay[:, sorted(known.milestones)].any(axis=1)
    return seen


def share_out(values: Mapping[tuple[str, ...], Floats], players: Sequence[str], felt: Bools) -> dict[str, Floats]:
    """Share a change out among players: Shapley's value (1953, Contributions to the Theory of Games 2, 307).

    Parameters
    ----------
    values : mapping of tuple of str to array
        What each coalition of players is worth, as `list_coalitions` names them.
    players : sequence of str
    felt : array of bool, shape (player,)
        Players that are not felt get nothing at all: they come and go with the last of the others, so that the noise
        of other points is nobody's.

    Returns
    -------
    dict of str to array
        By player; they add up to the worth of all less that of none.
    """
    active = [name for name, is_felt in zip(players, felt, strict=True) if is_felt]

    def find(coalition: Collection[str]) -> Floats:
        whole = len(coalition) == len(active) and len(active) > 0
        return values[tuple(players) if whole else tuple(name for name in active if name in coalition)]

    none = np.zeros_like(values[()])
    shares = {name: none.copy() for name in players}
    count = len(active)
    for name in active:
        others = [each for each in active if each != name]
        for coalition in list_coalitions(others):
            weight = factorial(len(coalition)) * factorial(count - len(coalition) - 1) / factorial(count)
            shares[name] += weight * (find((*coalition, name)) - find(coalition))
    return shares


def estimate_change(change: Floats) -> tuple[float, float]:
    """Estimate a change and its error from its replicates; what is nothing in each of them is nothing for sure.

    Parameters
    ----------
    change : array, shape (replicate,)

    Returns
    -------
    change, error : float

    Examples
    --------
    >>> estimate_change(np.zeros(16))
    (0.0, 0.0)
    >>> [round(each, 6) for each in estimate_change(np.array([0.1, 0.3]))]
    [0.2, 0.1]
    """
    if not change.any():
        return 0.0, 0.0
    return float(change.mean()), max(float(change.std(ddof=1)) / float(np.sqrt(len(change))), EXACT)
