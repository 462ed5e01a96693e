"""What only the plan, or the other shocks, can say of a scenario: known names, and an order without circles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sim.errors import Fault, Place, find_unknown
from sim.inputs.bundled import list_scenario_files
from sim.inputs.files.documents import Record
from sim.inputs.plan.plan import Plan
from sim.inputs.scale import question_loading
from sim.inputs.scenario.document import MOST_SHOCKS, Shock

__all__ = [
    "check_against_plan",
    "leave_out_unknown",
    "name_delivery_keys",
    "name_milestone_keys",
    "order_shocks",
    "question_shocks",
]


def _records(record: Record, key: str) -> Iterator[tuple[str, Record]]:
    inner = record.get(key)
    if isinstance(inner, Record):
        for name, value in inner.items():
            if isinstance(value, Record):
                yield name, value


def check_against_plan(merged: Record, plan: Plan, faults: list[Fault], targets: bool = True) -> None:
    """Refuse names that the plan does not know: indicators, quarters, targets.

    Parameters
    ----------
    merged : Record
        A scenario after inheritance.
    plan : Plan
    faults : list of Fault
        Every fault is appended here.
    targets : bool
        False lets targets pass that the plan does not have: those of a whole plan move nothing in a part of it.
    """
    indicators = [indicator.id for indicator in plan.indicators]
    quarters = list(plan.quarter_names)
    year = "the year has " + ", ".join(quarters)
    for _, shock in _records(merged, "shocks"):
        loadings = shock.get("loadings")
        if isinstance(loadings, Record):
            faults += find_unknown(_place_keys(loadings), indicators, "unknown indicator '{}'")
        for key, valid in (("speed", name_delivery_keys(plan)), ("delay", name_milestone_keys(plan))):
            touched = shock.get(key)
            if targets and isinstance(touched, Record):
                faults += find_unknown(_place_keys(touched), valid, "unknown target, class or group '{}'")
        onset = shock.get("onset")
        if isinstance(onset, Record):
            faults += find_unknown(_place_keys(onset), quarters, "unknown quarter '{}'", year)
        elif isinstance(onset, str):
            faults += find_unknown({onset: shock.values_at["onset"]}, quarters, "unknown quarter '{}'", year)


def leave_out_unknown(merged: Record, plan: Plan) -> list[Fault]:
    """Leave out what shocks that come with the package do to indicators and targets that a plan does not have.

    Parameters
    ----------
    merged : Record
        A scenario after inheritance; changed in place.
    plan : Plan

    Returns
    -------
    list of Fault
        What is left out, a warning for each shock and kind. A file of one's own is held to its plan instead.
    """
    known = {
        "loadings": ("indicators", {indicator.id for indicator in plan.indicators}),
        "speed": ("deliveries", {*name_delivery_keys(plan)}),
        "delay": ("milestones", {*name_milestone_keys(plan)}),
    }
    shipped = {path.resolve() for path in list_scenario_files()}
    warnings = []
    for name, shock in _records(merged, "shocks"):
        for kind, (words, valid) in known.items():
            touched = shock.get(kind)
            if not isinstance(touched, Record):
                continue
            unknown = [key for key in touched if key not in valid and _is_of(touched.keys_at[key], shipped)]
            for key in unknown:
                del touched[key]
            if unknown:
                at = shock.keys_at[kind]
                problem = f"{words} that {plan.name} lacks are left out of '{name}': {', '.join(unknown)}"
                warnings.append(at.fault(problem, "a scenario of the plan's own can name others"))
    return warnings


def _is_of(place: Place, files: set[Path]) -> bool:
    return Path(place.file).resolve() in files


def question_shocks(merged: Record, shocks: Mapping[str, Shock], plan: Plan) -> Iterator[Fault]:
    """Question shocks that move a quarter's figure by more than has been seen, or by next to nothing.

    Parameters
    ----------
    merged : Record
        The scenario, with its places.
    shocks : mapping of str to Shock
        As they were read.
    plan : Plan

    Yields
    ------
    Fault
        At each loading; all are kept.
    """
    import numpy as np

    measures = {indicator.id: indicator.measure for indicator in plan.indicators}
    for name, shock in shocks.items():
        middle = abs(float(shock.size.quantile(np.array([0.5]))[0]))
        strength = middle * max(map(abs, shock.profile.follow(len(plan.quarter_names))))
        for indicator, loading in shock.loadings.items():
            at = merged.locate(("shocks", name, "loadings", indicator))
            yield from question_loading(loading, strength, measures[indicator], at, f"{name} on {indicator}")


def _place_keys(record: Record) -> dict[str, Place]:
    return {name: record.keys_at[name] for name in record}


def name_delivery_keys(plan: Plan) -> list[str]:
    """Name what a shock's `speed` may name: all, groups, classes, targets.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    list of str
        From the widest to the narrowest, each once.
    """
    deliveries = plan.deliveries
    classes = [target.season for target in deliveries]
    names = ["all", *(target.group for target in deliveries), *classes, *(target.id for target in deliveries)]
    return list(dict.fromkeys(names))


def name_milestone_keys(plan: Plan) -> list[str]:
    """Name what a shock's `delay` may name: all, groups, targets.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    list of str
        From the widest to the narrowest, each once.
    """
    milestones = plan.milestones
    return list(dict.fromkeys(["all", *(each.group for each in milestones), *(each.id for each in milestones)]))


def order_shocks(merged: Record, faults: list[Fault], whole: bool = True) -> list[str]:
    """Order shocks by what they depend on, the rest by the alphabet, whatever the files' order.

    Parameters
    ----------
    merged : Record
        A scenario after inheritance.
    faults : list of Fault
        Shocks that depend on unknown ones, or on each other, are appended here.
    whole : bool
        False where a file could not be read: it may hold the shocks that others depend on.

    Returns
    -------
    list of str
        Names, each after the one it depends on.
    """
    shocks = dict(_records(merged, "shocks"))
    if len(shocks) > MOST_SHOCKS:  # the document's own check refuses so many
        return [*shocks]
    parent: dict[str, str] = {}
    for name, shock in shocks.items():
        depends = shock.get("depends_on")
        if not isinstance(depends, Record) or "shock" not in depends:
            continue
        other, at = str(depends["shock"]), depends.values_at["shock"]
        if other not in shocks:
            if whole:
                others = [key for key in shocks if key != name]
                faults += find_unknown({other: at}, others, "depends on unknown shock '{}'")
            continue
        parent[name] = other
    ordered: dict[str, None] = {}
    for name in sorted(shocks):
        chain, above = {name: None}, parent.get(name)
        while above is not None and above not in chain and above not in ordered:
            chain[above] = None
            above = parent.get(above)
        if above == name:
            at = shocks[name].locate(("depends_on", "shock"))
            faults.append(at.fault(f"circular dependence: {' -> '.join([*chain, name])}", "break the circle"))
            continue
        ordered |= dict.fromkeys(reversed(chain))
    return [*ordered]
