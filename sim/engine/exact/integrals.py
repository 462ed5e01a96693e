"""Integrals: the mean over points of conditional odds, one a replicate, from which odds and errors are made."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np

from sim._typing import Floats, Singles
from sim.engine.exact.branches import list_branches
from sim.engine.exact.conditional import condition
from sim.engine.exact.number_met import MANY, average_number_met, convolve, count_met
from sim.engine.exact.points import Calibrations, Points, lay_points
from sim.engine.exact.separation import Separation, open_separation
from sim.engine.exact.shock_sets import DrawnSets, ShockSet, cut_strata, name_story
from sim.engine.exact.strata import cut_pieces
from sim.engine.exact.updating import update_points
from sim.engine.proposal import Proposal
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import list_groups
from sim.inputs.plan.targets import Composite
from sim.inputs.scenario.reading import Scenario
from sim.model.judged import Judged, compile_judged, hold_centres
from sim.model.known import Known
from sim.model.model import Model
from sim.model.scenario_law import ScenarioLaw, compile_parts, decide_rules
from sim.results.evidence import Evidence, Story, add_evidence
from sim.results.integrals import Integrals, mix

__all__ = ["integrate", "integrate_judged", "integrate_replicates", "sharpen"]


def integrate(points: Points, law: ScenarioLaw, known: Known | None = None) -> Integrals:
    """Integrate a scenario over points, stratum by stratum of the shocks that happen together.

    Where rules wait for figures, this is done in each branch, and the branches are added.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    known : Known, optional
        Published figures to condition on.

    Returns
    -------
    Integrals
        One value a replicate of the points; given figures, weighted by how likely they were.
    """
    branches = list_branches(law, known)
    parts = [_integrate_branch(points, each.law, each.known) for each in branches]
    if not law.rules:
        return parts[0]
    waiting, told = decide_rules(law, known).rules, [part.evidence for part in parts if part.evidence is not None]
    weights = [each.weight for each in told] or [np.ones(points.n_points // points.count)]
    used: dict[str, Floats] = {
        rule.name: np.sum(
            [each.law.chance[rule.shock, 0] * weight for each, weight in zip(branches, weights, strict=True)], axis=0
        )
        for rule in law.rules
    }
    if not waiting:
        return replace(parts[0], used=used)
    whole = replace(mix([replace(part, evidence=None) for part in parts], [1.0] * len(parts)), used=used)
    if known is None:
        return whole
    law = replace(decide_rules(law, known), rules=())  # rules that wait move no figure that is known
    plain = _integrate_branch(points, law, known).evidence
    assert plain is not None
    stories: dict[Story, Floats] = {subset: weight for each in told for subset, weight in each.stories.items()}
    return replace(whole, evidence=replace(plain, weight=np.sum(weights, axis=0), stories=stories))


def _integrate_branch(points: Points, law: ScenarioLaw, known: Known | None) -> Integrals:
    strata = cut_strata(points, law)
    subsets, weights, _ = zip(*strata, strict=True)
    return _add_strata(subsets, weights, [_recall_subset(cut, law, subset, known) for subset, _, cut in strata])


def integrate_judged(points: Points, law: ScenarioLaw, judged: Judged, known: Known | None = None) -> Integrals:
    """Integrate a scenario over points, each combination of judged events apart.

    Parameters
    ----------
    points : Points
    law : ScenarioLaw
    judged : Judged
    known : Known, optional
        Published figures to condition on.

    Returns
    -------
    Integrals
        As `integrate` gives them, without regard to the judgements; and the branches of which they are the sum.
    """
    found: dict[tuple[bool, ...], list[tuple[ShockSet, Floats, Integrals]]] = {}
    cuts: dict[ShockSet, int] = {}
    for piece in cut_pieces(points, law, known, judged):
        cut, within = piece.points, piece.known
        part = _recall_subset(cut, piece.law, piece.subset, within)
        evidence = part.evidence or Evidence.flat(cut.n_points // cut.count, cut.count)
        if within is not None:
            told = [within.names.index(name) for name in known.names] if known else []
            evidence = replace(evidence, sides=evidence.sides[told], names=known.said if known else ())
        used = {rule.name: piece.law.chance[rule.shock, 0] * evidence.weight for rule in law.rules}
        part = replace(part, evidence=evidence, used=used)
        found.setdefault(piece.events, []).append((piece.subset, piece.weight, part))
        cuts[piece.subset] = cut.count
    branches = {key: _add_strata(*zip(*found[key], strict=True)) for key in sorted(found)}
    whole = _add_strata(*zip(*(each for key in sorted(found) for each in found[key]), strict=True))
    if known is None or whole.evidence is None:
        return replace(whole, evidence=None, branches=branches)
    return replace(whole, evidence=replace(whole.evidence, n_points=sum(cuts.values())), branches=branches)


def _add_strata(subsets: Sequence[ShockSet], weights: Sequence[Floats], parts: Sequence[Integrals]) -> Integrals:
    """Add integrals of sets of shocks, weighted by how likely each is."""

    def add(arrays: Sequence[Floats]) -> Floats:
        total = np.zeros_like(arrays[0])
        for weight, array in zip(weights, arrays, strict=True):
            total += weight * array
        return total

    return Integrals(
        met=add([part.met for part in parts]),
        both=add([part.both for part in parts]),
        number_met={group: add([part.number_met[group] for part in parts]) for group in parts[0].number_met},
        evidence=_add_evidence([part.evidence for part in parts], weights, subsets),
        used={rule: add([part.used[rule] for part in parts]) for rule in parts[0].used},
    )


def _add_evidence(
    parts: Sequence[Evidence | None], weights: Sequence[Floats], subsets: Sequence[ShockSet]
) -> Evidence | None:
    """Add up evidence over sets of shocks, of which one may come more than once."""
    told: dict[Story, Evidence] = {place: part for place, part in enumerate(parts) if part is not None}
    if not told:
        return None
    whole = add_evidence(told, weights)
    stories: dict[Story, Floats] = {}
    for subset, each in zip(subsets, whole.stories.values(), strict=True):
        story = name_story(subset)
        stories[story] = stories[story] + each if story in stories else each
    return replace(whole, stories=stories)


def _recall_subset(points: Points, law: ScenarioLaw, subset: ShockSet, known: Known | None) -> Integrals:
    """Integrate over the points of a stratum, or recall what another scenario found: by the shocks that happen."""
    if known is not None or points.update is not None:
        return _integrate_subset(points, law, subset, known)
    if isinstance(subset, DrawnSets):
        key: Hashable = "sets", points.model, law.definition, subset.of
    else:
        key = "subset", points.model, tuple(law.definition[shock] for shock in subset)
    return points.keep(key, lambda: _integrate_subset(points, law, subset, None))


def _integrate_subset(points: Points, law: ScenarioLaw, subset: ShockSet, known: Known | None) -> Integrals:
    plan, evidence = points.model.plan, None
    if known is not None:
        updated = update_points(points, law, subset, known)
        points, evidence = updated.points, updated.gather(known)
    found = condition(points, law, subset)
    printed, groups = found.chances[0], list_groups(plan)

    counted: dict[tuple[int, ...], Singles] = {}  # groups may have the same members

    def count(group: str, members: Sequence[int]) -> Singles:
        if tuple(members) not in counted:
            counted[tuple(members)] = make(group, members)
        return counted[tuple(members)]

    def make(group: str, members: Sequence[int]) -> Singles:
        keys = tuple(found.keys[member] for member in members)
        if any(key is None for key in keys):
            return count_met(plan, members, printed)
        return points.keep((group, keys), lambda: count_met(plan, members, printed))

    def average(group: str, members: Sequence[int]) -> Floats:
        keys = tuple(found.keys[member] for member in members)
        if any(key is None for key in keys):
            return average_number_met(plan, members, printed, points)
        return points.keep((group, keys), lambda: average_number_met(plan, members, printed, points))

    large = {group: members for group, members in groups.items() if len(members) >= MANY}
    small = {group: members for group, members in groups.items() if group not in large}
    counts = {group: count(group, members) for group, members in small.items() if group != "all"}
    if "all" in small:
        owners = [counts[group] for group in groups if group not in ("headline", "all")]
        split = any(not _holds_parts(plan, members) for group, members in groups.items() if group in counts)
        counts["all"] = count_met(plan, groups["all"], printed) if split else convolve(owners)
    return Integrals(
        met=points.average(found.chances),
        both=_meet_pairs(points, plan, groups.get("headline", []), printed),
        number_met={
            group: average(group, members) if group in large else points.average(counts[group])
            for group, members in groups.items()
        },
        evidence=evidence,
    )


def _holds_parts(plan: Plan, members: Sequence[int]) -> bool:
    """Whether every composite of a group has all its members in it, and none is bound to a composite elsewhere."""
    places = {target.id: number for number, target in enumerate(plan.judged)}
    return all(
        (places[composite.id] in members) == (places[part] in members)
        for composite in plan.composites
        for part in composite.members
    )


def _meet_pairs(points: Points, plan: Plan, members: Sequence[int], chances: Singles) -> Floats:
    """Compute the odds that both of two targets are met; those of a composite are its members'."""
    places = {target.id: number for number, target in enumerate(plan.judged)}
    needed = [
        {places[name] for name in target.members} if isinstance(target, Composite) else {number}
        for number, target in ((number, plan.judged[number]) for number in members)
    ]
    blocks = chances.shape[1] // points.count  # never -1: a plan may have no headline
    rows = chances[members].reshape(len(members), blocks, points.count).astype(np.float64)
    weighted = rows if points.update is None else rows * points.update.weight.reshape(blocks, points.count)
    both: Floats = np.einsum("irn,jrn->ijr", weighted, rows) / points.count
    for first in range(len(members)):
        for second in range(first + 1):
            if needed[first] & needed[second]:  # not independent: together they ask for the union of what they need
                union = sorted(needed[first] | needed[second])
                both[first, second] = both[second, first] = points.average(chances[union].prod(axis=0))
    return both


def integrate_replicates(
    model: Model,
    scenarios: Sequence[Scenario],
    count: int,
    seed: int,
    replicates: range,
    calibrations: Calibrations = "each",
    n_calibrations: int = 256,
    known: Known | None = None,
    proposal: Proposal | None = None,
) -> list[Integrals]:
    """Integrate several scenarios over the same points: a piece of work that any executor can do.

    Parameters
    ----------
    model : Model
    scenarios : sequence of Scenario
    count : int
        Points of a replicate, a power of two.
    seed : int
    replicates : range
        Which shifts of the net.
    calibrations : str
        As for `lay_points`.
    n_calibrations : int
        Likewise.
    known : Known, optional
        Published figures to condition on.
    proposal : Proposal, optional
        As for `lay_points`.

    Returns
    -------
    list of Integrals
        One a scenario, with these replicates alone.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> baseline = sim.read_scenario("baseline", plan)
    >>> integrate_replicates(sim.load_model(plan), [baseline], 64, 2024, range(2))[0].met.shape
    (6, 77, 2)
    """
    points = lay_points(model, count, seed, replicates, calibrations, n_calibrations, proposal)
    plan, found = model.plan, []
    has_ranges = any(target.upper is not None for target in plan.headline_growth)
    is_sharp = known is None and not model.uncertain and plan.headline and plan.headline_growth == plan.headline
    for scenario in scenarios:
        held, laid = hold_centres(model, scenario), points
        if held is not model:
            laid = lay_points(held, count, seed, replicates, calibrations, n_calibrations, proposal)
        if scenario.events:
            found.append(integrate_judged(laid, *compile_judged(model, scenario), known))
            continue
        parts, weights = [], []
        for law, weight in compile_parts(model, scenario.judge()):
            integrals = integrate(laid, law, known)
            if is_sharp and not has_ranges and not law.rules:
                integrals = sharpen(integrals, open_separation(held, law, count, seed, replicates))
            parts.append(integrals)
            weights.append(weight)
        found.append(mix(parts, weights) if scenario.mixture else parts[0])
    return found


def sharpen(integrals: Integrals, separation: Separation) -> Integrals:
    """Take the headline's pairs and joint odds from a separation, where growth is integrated out, not conditioned on.

    Parameters
    ----------
    integrals : Integrals
    separation : Separation
        Of the same scenario and replicates.

    Returns
    -------
    Integrals

    Notes
    -----
    What the odds of all targets gain, the odds of all but one lose, so that each replicate is still a distribution.
    """
    both, joint = separation.integrate()
    places = np.argsort(separation.places)
    exactly = integrals.number_met["headline"].copy()
    exactly[-2] += exactly[-1] - joint
    exactly[-1] = joint
    number_met = {**integrals.number_met, "headline": exactly}
    return Integrals(met=integrals.met, both=both[np.ix_(places, places)], number_met=number_met)
