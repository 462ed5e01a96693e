"""What only the plan, or the other shocks, can say of a scenario: known names, and an order without circles."""

from __future__ import annotations

from collections.abc import Iterator

from sim.errors import Fault, find_nearest
from sim.inputs.files.documents import Place, Record
from sim.inputs.plan.plan import Plan

__all__ = ["check_against_plan", "order_shocks"]


def _records(record: Record, key: str) -> Iterator[tuple[str, Record]]:
    inner = record.get(key)
    if isinstance(inner, Record):
        for name, value in inner.items():
            if isinstance(value, Record):
                yield name, value


def check_against_plan(merged: Record, plan: Plan, faults: list[Fault]) -> None:
    """Names that only a plan can know: indicators and quarters."""
    indicators = [indicator.id for indicator in plan.indicators]
    quarters = list(plan.quarter_names)
    for _, shock in _records(merged, "shocks"):
        loadings = shock.get("loadings")
        if isinstance(loadings, Record):
            _refuse_unknown(loadings.keys_at, list(loadings), indicators, "indicator", "allowed: ", faults)
        for key, valid in (("speed", _name_delivery_keys(plan)), ("delay", _name_milestone_keys(plan))):
            touched = shock.get(key)
            if isinstance(touched, Record):
                _refuse_unknown(touched.keys_at, list(touched), valid, "target, class or group", "allowed: ", faults)
        onset = shock.get("onset")
        if isinstance(onset, Record):
            _refuse_unknown(onset.keys_at, list(onset), quarters, "quarter", "the year has ", faults)
        elif isinstance(onset, str):
            _refuse_unknown({onset: shock.values_at["onset"]}, [onset], quarters, "quarter", "the year has ", faults)


def _name_delivery_keys(plan: Plan) -> list[str]:
    """What a shock's `speed` may name: all, groups, classes, targets."""
    deliveries = plan.deliveries
    classes = [target.season for target in deliveries]
    names = ["all", *(target.group for target in deliveries), *classes, *(target.id for target in deliveries)]
    return list(dict.fromkeys(names))


def _name_milestone_keys(plan: Plan) -> list[str]:
    """What a shock's `delay` may name: all, groups, targets."""
    milestones = plan.milestones
    return list(dict.fromkeys(["all", *(each.group for each in milestones), *(each.id for each in milestones)]))


def _refuse_unknown(
    places: dict[str, Place], names: list[str], valid: list[str], noun: str, lead: str, faults: list[Fault]
) -> None:
    for name in names:
        if name not in valid:
            allowed = lead + ", ".join(valid)
            faults.append(places[name].fault(f"unknown {noun} '{name}'", allowed, find_nearest(name, valid)))


def order_shocks(merged: Record, faults: list[Fault]) -> list[str]:
    """Shock names, each after the one it depends on; the rest in alphabetical order, whatever the files' order."""
    shocks = dict(_records(merged, "shocks"))
    parent: dict[str, str] = {}
    for name, shock in shocks.items():
        depends = shock.get("depends_on")
        if not isinstance(depends, Record) or "shock" not in depends:
            continue
        other, at = str(depends["shock"]), depends.values_at["shock"]
        if other not in shocks:
            allowed = "allowed: " + ", ".join(key for key in shocks if key != name)
            faults.append(at.fault(f"depends on unknown shock '{other}'", allowed, find_nearest(other, list(shocks))))
            continue
        parent[name] = other
    ordered: list[str] = []
    for name in sorted(shocks):
        chain = [name]
        while chain[-1] in parent and parent[chain[-1]] not in chain:
            chain.append(parent[chain[-1]])
        if parent.get(chain[-1]) == name:
            at = shocks[name].locate(("depends_on", "shock"))
            faults.append(at.fault(f"circular dependence: {' -> '.join([*chain, name])}", "break the circle"))
            continue
        ordered.extend(link for link in reversed(chain) if link not in ordered)
    return ordered
