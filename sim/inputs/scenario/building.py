"""Scenarios built or changed in code, held to what a scenario file is held to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sim.errors import Fault, InputError, Place, blame, blame_kind
from sim.inputs.files.documents import Record
from sim.inputs.files.validation import check_record
from sim.inputs.files.values import lay_out
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import take_plan
from sim.inputs.scenario.checking import check_against_plan, order_rules, order_shocks, question_shocks
from sim.inputs.scenario.document import Rule, ScenarioFile, Shock
from sim.inputs.scenario.inheritance import Inherited, lay_over, merge_composition
from sim.inputs.scenario.judgements import Judgement, check_judgements, order_judgements
from sim.inputs.scenario.reading import Scenario, finish_scenario, read_scenario, read_scenarios

__all__ = [
    "Given",
    "check_scenario",
    "describe_scenario",
    "recall_scenario",
    "scenario",
    "take_scenario",
    "take_scenarios",
]

Given = Scenario | str | Path
"""A scenario, or the name or file of one."""


def scenario(
    base: Given | None = None,
    *,
    name: str,
    plan: Plan | str | Path,
    shocks: Mapping[str, Shock | Mapping[str, object] | None] | None = None,
    rules: Mapping[str, Rule | Mapping[str, object] | None] | None = None,
    title: Mapping[str, str] | None = None,
    why: str | Mapping[str, str] | None = None,
    sources: Iterable[str] | None = None,
    judgements: Iterable[Judgement | Mapping[str, object]] | None = None,
) -> Scenario:
    """Build a scenario in code, from what a scenario file may hold.

    Parameters
    ----------
    base : Scenario, str or Path, optional
        What it differs from, as `extends` in a file; None means nothing, and then all else is due.
    name : str
        Of the scenario, by which results and tables know it.
    plan : Plan, str or Path
        Whose year it is for; a plan, its folder or its shipped name.
    shocks : mapping of str to mapping, Shock or None, optional
        By name: keys and values as in YAML, laid over those of the same shock in `base`; a `Shock` takes the place of
        the inherited one whole; None takes it away.
    rules : mapping of str to mapping, Rule or None, optional
        Responses to printed figures, likewise.
    title : mapping of str to str, optional
        With the keys `en` and `zh`; None means that of `base`. So do the next two.
    why : str or mapping of str to str, optional
        Why it is as it is.
    sources : iterable of str, optional
        Where its numbers come from.
    judgements : iterable of mapping or Judgement, optional
        What somebody knows better than the model: keys and values as in YAML, added to those of `base`; none at all
        take them away.

    Returns
    -------
    Scenario

    Raises
    ------
    InputError
        With every fault that a file would have: where, as a path of keys, what is wrong and what is allowed.

    See Also
    --------
    read_scenario : The same from a file.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> sim.scenario("export-slump", name="feared", plan=plan, shocks={"export_slump": {"probability": 0.4}})
    <Scenario feared: export_slump, rare_common_shock>
    >>> sim.scenario("baseline", name="slip", plan=plan, shocks={"rare_common_shock": {"loadings": {"gpd": -1}}})
    Traceback (most recent call last):
    sim.errors.InputError: scenario 'slip': shocks.rare_common_shock.loadings.gpd: unknown indicator 'gpd'; \
allowed: gdp, budget_revenue, industrial_value_added, fixed_asset_investment, retail_sales, income_per_capita; \
did you mean 'gdp'?
    """
    plan = take_plan(plan)
    place = f"scenario '{name}'"
    texts = {"title": title, "why": why, "sources": sources if isinstance(sources, str | None) else list(sources)}
    own = {"schema_version": 1, **texts, "shocks": {} if shocks is None else shocks, "rules": rules}
    if judgements is not None:
        own["judgements"] = [_dump(each) for each in judgements]
    inherited = _lay_out_base(base, plan, place)
    for key, given in (("shocks", shocks), ("rules", rules)):
        kept = inherited.record.get(key)
        if isinstance(kept, Record) and isinstance(given, Mapping):
            for each in [name for name, law in given.items() if isinstance(law, Shock | Rule) and name in kept]:
                del kept[each]
    record = lay_out({key: value for key, value in own.items() if value is not None}, place)
    if not record.get("judgements", True):
        inherited.record.pop("judgements", None)
    inherited.record = lay_over(inherited.record, record)
    inherited.faults.extend(_check_name(name))
    return finish_scenario(name, inherited, plan).read_as(None, plan.folder)


def _lay_out_base(base: Given | None, plan: Plan, place: str) -> Inherited:
    if base is None:
        return Inherited(Record(Place(place)))
    if isinstance(base, Scenario):
        return Inherited(lay_out(describe_scenario(base), f"scenario '{base.name}'"), list(base.files))
    if isinstance(base, str | Path):
        return merge_composition(str(base), plan.folder)
    raise InputError([_blame_kind("base", base)])


def describe_scenario(scenario: Scenario) -> dict[str, Any]:
    """Describe a scenario as its file would, but for its name.

    Returns
    -------
    dict
        Keys schema_version, title, why, sources, shocks, and rules, judgements or mixture where there are any; shocks
        and rules as they are.

    See Also
    --------
    recall_scenario : The way back.
    """
    return {
        "schema_version": 1,
        "title": {"en": scenario.title_en, "zh": scenario.title_zh},
        "why": {"en": scenario.why, "zh": scenario.why_zh} if scenario.why_zh else scenario.why,
        "sources": scenario.sources,
        "shocks": scenario.shocks,
        **({"rules": scenario.rules} if scenario.rules else {}),
        **({"judgements": [_dump(each) for each in scenario.judgements]} if scenario.judgements else {}),
        **({"mixture": {part.name: weight for part, weight in scenario.mixture}} if scenario.mixture else {}),
    }


def _dump(judgement: Any) -> Any:
    """Write a judgement as its file would."""
    return judgement.model_dump(by_alias=True, exclude_none=True) if isinstance(judgement, BaseModel) else judgement


def recall_scenario(name: str, described: Mapping[str, Any]) -> Scenario:
    """Recall a scenario from its description, unchecked: `check_scenario` does that."""
    why = described["why"]
    both = why if isinstance(why, Mapping) else {"en": why, "zh": ""}
    return Scenario(
        name=name,
        title_en=described["title"]["en"],
        title_zh=described["title"]["zh"],
        why=both["en"],
        sources=tuple(described["sources"]),
        shocks=dict(described["shocks"]),
        why_zh=both["zh"],
        rules=dict(described.get("rules", {})),
        judgements=tuple(described.get("judgements", ())),
    )


def check_scenario(scenario: Scenario, plan: Plan) -> Scenario:
    """Hold a scenario to what a file is held to, as code may have changed it.

    Returns
    -------
    Scenario
        The same object where nothing had to be put right; shocks written as mappings become such, and each stands
        after the one it depends on.

    Raises
    ------
    InputError
        With every fault; its place is a path of keys, such as `scenario 'mine': shocks.storm.probability`.
    """
    record = lay_out(describe_scenario(scenario), f"scenario '{scenario.name}'")
    faults = _check_name(scenario.name)
    document = check_record(ScenarioFile, record, faults)
    check_against_plan(record, plan, faults, targets=scenario.checked_for != plan.folder)
    check_judgements(record, plan, faults)
    order = order_shocks(record, faults)
    if faults or document is None:
        raise InputError(faults)
    ordered = _is_ordered(document.shocks)
    warnings = scenario.warnings
    if scenario.checked_for is None:  # changed in code since it was read
        warnings = tuple(question_shocks(record, {**document.shocks, **document.rules}, plan))
    rules, judgements = order_rules(document.rules, plan), order_judgements(document.judgements or ())
    same = document.shocks == scenario.shocks and list(rules.items()) == list(scenario.rules.items())
    if ordered and same and judgements == scenario.judgements and warnings == scenario.warnings:
        return scenario
    names = list(document.shocks) if ordered else order
    shocks = {shock: document.shocks[shock] for shock in names}
    return replace(scenario, shocks=shocks, rules=rules, warnings=warnings, judgements=judgements)


def _is_ordered(shocks: Mapping[str, Shock]) -> bool:
    """Whether every shock stands after the one it depends on."""
    names = list(shocks)
    pairs = ((name, shock.depends_on.shock) for name, shock in shocks.items() if shock.depends_on)
    return all(names.index(parent) < names.index(name) for name, parent in pairs)


def _check_name(name: object) -> list[Fault]:
    """Refuse a name that could not stand in a table."""
    if isinstance(name, str) and name.strip() and name.isprintable():
        return []
    return [blame("name", f"{name!r} is no name", "write a few letters in one line")]


def take_scenario(given: Given, plan: Plan) -> Scenario:
    """Take one scenario for a plan: read the one of a name or file, or check one that is given.

    Raises
    ------
    InputError
        With every fault of it.
    """
    if isinstance(given, str | Path):
        return read_scenario(given, plan)
    if isinstance(given, Scenario):
        return check_scenario(given, plan)
    raise InputError([_blame_kind("scenario", given)])


def take_scenarios(given: Given | Iterable[Given] | None, plan: Plan) -> list[Scenario]:
    """Take scenarios for a plan.

    Parameters
    ----------
    given : Scenario, str, Path, iterable of them, or None
        None means the plan's own, as for `read_scenarios`.
    plan : Plan

    Returns
    -------
    list of Scenario
        At least one, each of another name.

    Raises
    ------
    InputError
        With the faults of all scenarios; or if there is none, or two have one name.
    """
    if given is None:
        return read_scenarios([], plan)
    if isinstance(given, str | Path | Scenario):
        return [take_scenario(given, plan)]
    if isinstance(given, Mapping) or not isinstance(given, Iterable):
        raise InputError([_blame_kind("scenarios", given)])
    taken, faults = list[Scenario](), list[Fault]()
    for each in given:
        try:
            taken.append(take_scenario(each, plan))
        except InputError as error:
            faults.extend(error.faults)
    names = [each.name for each in taken]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        problem = f"a scenario named '{name}' is given twice"
        faults.append(blame("scenarios", problem, "give one of them another name"))
    if not taken and not faults:
        faults.append(blame("scenarios", "none is named", "name one or several, or leave them out for all of the plan"))
    if faults:
        raise InputError(faults)
    return taken


def _blame_kind(argument: str, given: object) -> Fault:
    return blame_kind(argument, given, "a scenario", "write a name, a file or a Scenario")
