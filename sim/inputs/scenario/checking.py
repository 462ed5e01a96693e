"""What only the plan, or the other shocks, can say of a scenario: known names, and an order without circles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sim.errors import Fault, Place, find_unknown
from sim.inputs.bundled import list_scenario_files
from sim.inputs.files.documents import Record
from sim.inputs.plan.plan import Plan
from sim.inputs.published.rows import list_periods, name_periods
from sim.inputs.scale import question_loading
from sim.inputs.scenario.document import MOST_SHOCKS, Rule, Struck

__all__ = [
    "check_against_plan",
    "leave_out_unknown",
    "list_waited",
    "name_delivery_keys",
    "name_milestone_keys",
    "order_rules",
    "order_shocks",
    "question_shocks",
]


def _records(record: Record, key: str) -> Iterator[tuple[str, Record]]:
    inner = record.get(key)
    if isinstance(inner, Record):
        for name, value in inner.items():
            if isinstance(value, Record):
                yield name, value


def _list_struck(merged: Record) -> Iterator[tuple[str, str, Record]]:
    """List shocks and rules, each with the key under which it stands, and its name."""
    for key in ("shocks", "rules"):
        for name, each in _records(merged, key):
            yield key, name, each


def check_against_plan(merged: Record, plan: Plan, faults: list[Fault], targets: bool = True) -> None:
    """Refuse names that the plan does not know: indicators, quarters, targets; and rules that cannot wait so.

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
    for _, _, shock in _list_struck(merged):
        loadings = shock.get("loadings")
        if isinstance(loadings, Record):
            for key in loadings:
                if "：" in key:
                    at = loadings.keys_at[key]
                    faults.append(at.fault(f"'{key}' has a full-width colon", "write `: `, with a space behind it"))
            plain = {key: at for key, at in _place_keys(loadings).items() if "：" not in key}
            faults += find_unknown(plain, indicators, "unknown indicator '{}'")
        for key, valid in (("speed", name_delivery_keys(plan)), ("delay", name_milestone_keys(plan))):
            touched = shock.get(key)
            if targets and isinstance(touched, Record):
                faults += find_unknown(_place_keys(touched), valid, "unknown target, class or group '{}'")
        onset = shock.get("onset")
        if isinstance(onset, Record):
            faults += find_unknown(_place_keys(onset), quarters, "unknown quarter '{}'", year)
        elif isinstance(onset, str):
            faults += find_unknown({onset: shock.values_at["onset"]}, quarters, "unknown quarter '{}'", year)
    shocks = dict(_records(merged, "shocks"))
    for name, rule in _records(merged, "rules"):
        if name in shocks:
            at = merged["rules"].keys_at[name]
            faults.append(at.fault(f"'{name}' is a shock already", "give the rule another name", code="repeated"))
        faults += _check_rule(rule, plan)


def list_waited(plan: Plan, single: bool = True) -> list[str]:
    """List the periods whose figures a rule can wait for: those after which some of the year is left.

    Parameters
    ----------
    plan : Plan
    single : bool
        Whether single quarters are among them, as of growth.

    Returns
    -------
    list of str
    """
    periods, last = list_periods(plan), len(plan.quarter_names) - 1
    return [each for each in name_periods(plan, single) if periods[each][0] < last]


def _check_rule(rule: Record, plan: Plan) -> Iterator[Fault]:
    """Refuse a rule whose figure does not come out, or comes out after the rule has begun."""
    when = rule.get("when")
    if not isinstance(when, Record):
        return
    indicators, deliveries = ([each.id for each in rows] for rows in (plan.indicators, plan.deliveries))
    series, period = when.get("series"), when.get("period")
    if isinstance(series, str):
        at, milestones = when.values_at["series"], [each.id for each in plan.milestones]
        if series in milestones:
            yield at.fault(
                f"'{series}' is a milestone, of which no figure is printed", "name an indicator or a delivery"
            )
        else:
            yield from find_unknown({series: at}, [*indicators, *deliveries], "unknown series '{}'")
    if not isinstance(period, str):
        return
    periods, valid = list_periods(plan), list_waited(plan, series not in deliveries)
    allowed = "allowed: " + ", ".join(valid) + ", after which some of the year is left"
    yield from find_unknown(
        {period: when.values_at["period"]}, valid, "'{}' is no period that a rule can wait for", allowed
    )
    if period not in valid:
        return
    onset = rule.get("onset")
    weights = onset if isinstance(onset, Record) else {onset: 1.0} if isinstance(onset, str) else {}
    begins = [place for place, quarter in enumerate(plan.quarter_names) if weights.get(quarter)]
    if begins and min(begins) <= periods[period][0]:
        problem = f"it begins in {plan.quarter_names[min(begins)]}, before the figure of {period} is out"
        yield rule.values_at["onset"].fault(problem, f"write {plan.quarter_names[periods[period][0] + 1]} or later")


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
    for _, name, shock in _list_struck(merged):
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


def question_shocks(merged: Record, shocks: Mapping[str, Struck], plan: Plan) -> Iterator[Fault]:
    """Question shocks that move a quarter's figure by more than has been seen, or by next to nothing.

    Parameters
    ----------
    merged : Record
        The scenario, with its places.
    shocks : mapping of str to Shock or Rule
        As they were read.
    plan : Plan

    Yields
    ------
    Fault
        At each loading; all are kept.
    """
    measures = {indicator.id: indicator.measure for indicator in plan.indicators}
    for name, shock in shocks.items():
        middle = abs(shock.size.find_median())
        course = shock.profile.follow(len(plan.quarter_names))
        strength = middle * max(map(abs, course))
        kind = "rules" if isinstance(shock, Rule) else "shocks"
        places = {key: merged.locate((kind, name, key)) for key in ("profile", "size")}
        yield from _question_form(shock, name, course, places)
        for indicator, loading in shock.loadings.items():
            at = merged.locate((kind, name, "loadings", indicator))
            yield from question_loading(loading, strength, measures[indicator], at, f"{name} on {indicator}")


def _question_form(shock: Struck, name: str, course: Sequence[float], at: Mapping[str, Place]) -> Iterator[Fault]:
    """Question a profile of months, one that turns the loadings round, and a size that often does."""
    values = getattr(shock.profile, "values", ())
    if len(values) > len(course) and len(values) % 12 == 0:
        problem = f"{name}: {len(values)} strengths, of a year of {len(course)} quarters"
        yield at["profile"].fault(problem, "of months? write one for each quarter", code="range")
    if min(course) < -max(course):
        problem = f"{name}: a profile of {min(course):g} turns its loadings round"
        yield at["profile"].fault(problem, "put the sign into the loadings", code="range")
    if shock.size.turns():
        problem = f"{name}: its size has the other sign in more than 15 % of draws, and then the loadings turn round"
        yield at["size"].fault(problem, "is the spread meant so wide?", code="range")


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


def order_rules(rules: Mapping[str, Rule], plan: Plan) -> dict[str, Rule]:
    """Order rules by when their figures come out, then by the alphabet.

    Parameters
    ----------
    rules : mapping of str to Rule
    plan : Plan

    Returns
    -------
    dict of str to Rule
    """
    periods = list_periods(plan)
    return dict(sorted(rules.items(), key=lambda each: (periods[each[1].when.period][0], each[0])))


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
