"""Scenarios read from their files, after inheritance and composition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any

from sim.errors import Fault, InputError
from sim.html import tabulate
from sim.inputs.bundled import DEFAULT_PLAN, exists, find_scenario, has_scenarios, list_scenario_files
from sim.inputs.files.documents import is_utf8
from sim.inputs.files.validation import check_record
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import take_plan
from sim.inputs.scenario.checking import (
    check_against_plan,
    leave_out_unknown,
    order_rules,
    order_shocks,
    question_shocks,
)
from sim.inputs.scenario.document import Rule, ScenarioFile, Shock
from sim.inputs.scenario.inheritance import Inherited, merge_composition, split_composition
from sim.inputs.scenario.judgements import Centre, Judgement, Likelihood, Median, check_judgements, order_judgements
from sim.inputs.scenario.naming import name_as_the_plan

__all__ = [
    "ORDINARY",
    "Scenario",
    "dump_scenario",
    "finish_scenario",
    "list_scenarios",
    "read_scenario",
    "read_scenarios",
    "show_scenario",
]


@dataclass(frozen=True)
class Scenario:
    """A set of shocks that a plan's year may meet.

    Attributes
    ----------
    name : str
        The file's name without ending; names of a composition joined by `+`.
    title_en, title_zh, why : str
        What a reader is told.
    sources : tuple of str
        Where the sizes come from.
    shocks : dict of str to Shock
        By name; a shock stands after the one it depends on.
    files : tuple of Path
        Every file read, parents included.
    why_zh : str
        The reasons in Chinese; empty where the file gives them once.
    warnings : tuple of Fault
        What looks wrong in its shocks, but is kept.
    mixture : tuple of (Scenario, float)
        Scenarios of which one comes true, and how likely each is; then it has no shocks of its own.
    rules : dict of str to Rule
        Responses to printed figures, by name, in the order in which these come out.
    judgements : tuple of Judgement
        What somebody knows better than the model.
    given : str or None
        The name, path or composition by which it was read, empty where nobody named it; None where it was built or
        changed in code.
    checked_for : Path or None
        Folder of the plan whose targets its shocks may name; None where it has been changed since it was checked.
    """

    name: str
    title_en: str
    title_zh: str
    why: str
    sources: tuple[str, ...]
    shocks: dict[str, Shock]
    files: tuple[Path, ...] = ()
    why_zh: str = ""
    warnings: tuple[Fault, ...] = field(default=(), compare=False, repr=False)
    mixture: tuple[tuple[Scenario, float], ...] = ()
    rules: dict[str, Rule] = field(default_factory=dict)
    judgements: tuple[Judgement, ...] = ()
    given: str | None = field(default=None, init=False, compare=False, repr=False)
    checked_for: Path | None = field(default=None, init=False, compare=False, repr=False)

    def read_as(self, given: str | None, checked_for: Path | None = None) -> Scenario:
        """Note by which name and for which plan it was read; a copy changed by `dataclasses.replace` loses both."""
        object.__setattr__(self, "given", given)
        object.__setattr__(self, "checked_for", checked_for or self.checked_for)
        return self

    def __repr__(self) -> str:
        parts = " or ".join(f"{weight:g} {part.name}" for part, weight in self.mixture)
        return f"<Scenario {self.name}: {parts or ', '.join([*self.shocks, *self.rules]) or 'no shocks'}>"

    @property
    def parts(self) -> tuple[tuple[Scenario, float], ...]:
        """What comes true with which probability: of a mixture one of its parts, else the scenario itself."""
        return self.mixture or ((self, 1.0),)

    @property
    def has_rules(self) -> bool:
        """Whether it, or a part of which it is mixed, answers to printed figures."""
        return any(part.rules for part, _ in self.parts)

    @property
    def events(self) -> tuple[Likelihood | Median, ...]:
        """Judgements that reweigh years: of shocks and of figures."""
        return tuple(each for each in self.judgements if not isinstance(each, Centre))

    @property
    def centres(self) -> tuple[Centre, ...]:
        """Judgements that move the model's normal error of a trend."""
        return tuple(each for each in self.judgements if isinstance(each, Centre))

    def judge(self, *judgements: Judgement) -> Scenario:
        """Take other judgements, or none, in place of its own; known by the same name."""
        if judgements == self.judgements:
            return self
        return replace(self, judgements=judgements).read_as(self.given, self.checked_for)

    def _repr_html_(self) -> str:

        return show_scenario(self)


ORDINARY = Scenario("ordinary", "Ordinary year", "常态年份", "The year without shocks.", ("by definition",), {})
"""The scenario of a plan that has none."""


def read_scenario(name: str | Path, plan: Plan | str | Path) -> Scenario:
    """Read a scenario: one file, or several joined by `+`, each after inheritance.

    Parameters
    ----------
    name : str or Path
        A path, a name among the plan's scenarios or the shipped ones, or a composition such as
        `export-slump+mine/storm.yaml`; where two files give the same shock, what the later one says of it holds.
    plan : Plan, str or Path
        Names the indicators and quarters that the scenario may use; a plan, its folder or its shipped name.

    Returns
    -------
    Scenario

    Raises
    ------
    InputError
        With every fault: file, line, column, what is wrong, what is allowed.

    Examples
    --------
    >>> import sim
    >>> sim.read_scenario("consumption-stimulus", sim.read_plan("qingdao-2024"))
    <Scenario consumption-stimulus: consumption_stimulus, rare_common_shock>
    """
    plan = take_plan(plan)
    inherited = merge_composition(str(name), plan.folder)
    called = "+".join(Path(part).stem for part in split_composition(str(name), plan.folder))
    if not is_utf8(called):
        raise InputError([Fault(str(name), 0, 0, "the file's name is no UTF-8", "rename the file")])
    return finish_scenario(called, inherited, plan).read_as(str(name), plan.folder)


def finish_scenario(name: str, inherited: Inherited, plan: Plan) -> Scenario:
    """Check what inheritance made, and make the scenario of it.

    Parameters
    ----------
    name : str
        Of the scenario.
    inherited : Inherited
        From files, or from values in code.
    plan : Plan

    Returns
    -------
    Scenario

    Raises
    ------
    InputError
        With every fault.
    """
    merged, faults = inherited.record, inherited.faults
    left_out = leave_out_unknown(merged, plan)
    name_as_the_plan(merged, plan)
    found: list[Fault] = []
    document = check_record(ScenarioFile, merged, found)
    check_against_plan(merged, plan, found)
    check_judgements(merged, plan, found, inherited.whole)
    order = order_shocks(merged, found, inherited.whole)
    faults += [
        fault for fault in found if inherited.whole or fault.code != "missing"
    ]  # it may stand in what was not read
    parts = list[tuple[Scenario, float]]()
    if document is not None and document.mixture is not None:
        parts = _read_parts(document.mixture, inherited, plan, faults)
    if faults or document is None:
        raise InputError(faults)
    return Scenario(
        name=name,
        title_en=document.title.en,
        title_zh=document.title.zh,
        why=document.why if isinstance(document.why, str) else document.why.en,
        sources=tuple(document.sources),
        shocks={shock: document.shocks[shock] for shock in order},
        files=tuple(dict.fromkeys([*inherited.files, *(file for part, _ in parts for file in part.files)])),
        why_zh="" if isinstance(document.why, str) else document.why.zh,
        warnings=(*left_out, *question_shocks(merged, {**document.shocks, **document.rules}, plan)),
        mixture=tuple(parts),
        rules=order_rules(document.rules, plan),
        judgements=order_judgements(document.judgements or ()),
    )


def _read_parts(
    mixture: Mapping[str, float], inherited: Inherited, plan: Plan, faults: list[Fault]
) -> list[tuple[Scenario, float]]:
    """Read the parts of a mixture: beside its file, of the plan, or shipped; none of them a mixture."""
    parts = list[tuple[Scenario, float]]()
    record = inherited.record["mixture"]
    beside = inherited.files[-1].parent if inherited.files else None
    for name, weight in mixture.items():
        at = record.values_at[name]
        found = find_scenario(name, beside, plan.folder)
        try:
            merged = merge_composition(str(found) if exists(found) else name, plan.folder)
            if merged.record.get("mixture") is not None:
                faults.append(at.fault(f"'{name}' is a mixture", "name scenarios with shocks of their own"))
                continue
            if merged.record.get("judgements"):
                faults.append(at.fault(f"'{name}' holds judgements", "a mixture takes scenarios without"))
                continue
            called = found.stem if exists(found) else name
            parts.append((finish_scenario(called, merged, plan).read_as(str(name), plan.folder), float(weight)))
        except InputError as error:
            faults += error.faults
    return parts


def list_scenarios(plan: Plan | str | Path = DEFAULT_PLAN) -> list[str]:
    """List the names of a plan's scenarios: its own, or the shipped ones where it has none.

    Parameters
    ----------
    plan : Plan, str or Path
        A plan, its folder or its shipped name.

    Returns
    -------
    list of str
        The baseline first.

    Examples
    --------
    >>> list_scenarios("china-2024")
    ['baseline', 'export-slump', 'price-surge', 'property-slide']
    """
    return [path.stem for path in list_scenario_files(take_plan(plan).folder)]


def read_scenarios(names: str | Path | Iterable[str | Path], plan: Plan | str | Path) -> list[Scenario]:
    """Read several scenarios, collecting the faults of all.

    Parameters
    ----------
    names : iterable of str or Path, or one of them
        None at all means the plan's own scenarios; for a plan that has none, the shipped ones that speak of its
        indicators; if there is none of them either, the year without shocks.
    plan : Plan, str or Path
        A plan, its folder or its shipped name.

    Returns
    -------
    list of Scenario
        In the order of the names; the baseline first where there are none.

    Raises
    ------
    InputError
        With the faults of every scenario.
    """
    plan = take_plan(plan)
    given = [str(name) for name in ([names] if isinstance(names, str | Path) else names)]
    chosen = given or [str(path) for path in list_scenario_files(plan.folder)]
    if not given and not has_scenarios(plan.folder):
        return _keep_fitting(chosen, plan) or [ORDINARY]
    scenarios: dict[str, Scenario] = {}
    faults: list[Fault] = []
    for name in chosen:
        try:
            scenario = read_scenario(name, plan)
        except InputError as error:
            faults.extend(error.faults)
            continue
        if scenario.name in scenarios:
            problem = f"a scenario named '{scenario.name}' is given twice"
            faults.append(Fault(name, 0, 0, problem, "rename the file", code="repeated"))
        scenarios[scenario.name] = scenario
    if faults:
        raise InputError(faults)
    return list(scenarios.values()) if given else [scenario.read_as("") for scenario in scenarios.values()]


def _keep_fitting(names: Iterable[str], plan: Plan) -> list[Scenario]:
    """Keep the scenarios that move an indicator of the plan, whatever else they say of all its targets."""
    fitting = []
    for name in names:
        try:
            scenario = read_scenario(name, plan).read_as("")
        except InputError:
            continue
        if any(shock.loadings for shock in scenario.shocks.values()):
            fitting.append(scenario)
    return fitting


def dump_scenario(name: str, plan: Plan) -> dict[str, Any]:
    """Dump a scenario of a plan after inheritance and composition as plain values, for `sim show`.

    Parameters
    ----------
    name : str
        As for `read_scenario`.
    plan : Plan

    Returns
    -------
    dict
        As in a file, without `extends`.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    inherited = merge_composition(name, plan.folder)
    if inherited.faults:
        raise InputError(inherited.faults)
    return {key: _strip(value) for key, value in inherited.record.items() if key != "extends"}


def _strip(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strip(item) for key, item in value.items()}
    return [_strip(item) for item in value] if isinstance(value, list) else value


def show_scenario(scenario: Scenario) -> str:
    """Show a scenario: why it is as it is, its shocks, and its sources.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> import sim
    >>> show_scenario(sim.read_scenario("baseline", sim.read_plan("qingdao-2024")))[:41]
    '<p><b>Baseline 基准情景</b> (baseline)</p><p>'
    """
    rows = []
    for name, shock in scenario.shocks.items():
        depends = shock.depends_on
        chance = f"{shock.probability:.0%}" if depends is None else f"depends on {depends.shock}"
        onset = ", ".join(f"{quarter} {weight:.0%}" for quarter, weight in shock.onset.items())
        loadings = ", ".join(f"{indicator} {points:+g}" for indicator, points in shock.loadings.items())
        rows.append((name, f"{shock.title.en} {shock.title.zh}", chance, onset, loadings))
    for name, rule in scenario.rules.items():
        begins = ", ".join(f"{quarter} {weight:.0%}" for quarter, weight in rule.onset.items())
        moved = ", ".join(f"{indicator} {points:+g}" for indicator, points in rule.loadings.items())
        rows.append((name, f"{rule.title.en} {rule.title.zh}", f"if {rule.when.words}", begins, moved))
    heads = ["shock", "title", "probability", "onset", "points of growth per unit of size"]
    named = f"<b>{escape(f'{scenario.title_en} {scenario.title_zh}')}</b> ({escape(scenario.name)})"
    sources = "".join(f"<li>{escape(source)}</li>" for source in scenario.sources)
    table = tabulate(heads, rows) if rows else "<p>no shocks</p>"
    listed = f"<details><summary>sources</summary><ul>{sources}</ul></details>" if sources else ""
    chinese = f'<p lang="zh-CN">{escape(scenario.why_zh)}</p>' if scenario.why_zh else ""
    return f"<p>{named}</p><p>{escape(scenario.why)}</p>{chinese}{table}{listed}"
