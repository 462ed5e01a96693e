"""Scenarios read from their files, after inheritance and composition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import Fault, InputError
from sim.html import tabulate
from sim.inputs.bundled import has_scenarios, list_scenarios
from sim.inputs.files.validation import check_record
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.checking import check_against_plan, order_shocks
from sim.inputs.scenario.document import ScenarioFile, Shock
from sim.inputs.scenario.inheritance import merge_composition

if TYPE_CHECKING:
    from sim.inputs.plan.plan import Plan

__all__ = ["ORDINARY", "Scenario", "dump_scenario", "read_scenario", "read_scenarios", "show_scenario"]


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
    given : str
        The name, path or composition by which it was asked for; empty where nobody named it.
    """

    name: str
    title_en: str
    title_zh: str
    why: str
    sources: tuple[str, ...]
    shocks: dict[str, Shock]
    files: tuple[Path, ...] = ()
    why_zh: str = ""
    given: str = field(default="", compare=False)

    def __repr__(self) -> str:
        return f"<Scenario {self.name}: {', '.join(self.shocks) or 'no shocks'}>"

    def _repr_html_(self) -> str:

        return show_scenario(self)


ORDINARY = Scenario("ordinary", "Ordinary year", "常态年份", "The year without shocks.", (), {})
"""The scenario of a plan that has none."""


def read_scenario(name: str | Path, plan: Plan) -> Scenario:
    """Read a scenario: one file, or several joined by `+`, each after inheritance.

    Parameters
    ----------
    name : str or Path
        A path, a name among the plan's scenarios or the shipped ones, or a composition such as
        `export-slump+mine/storm.yaml`; where two files give the same shock, what the later one says of it holds.
    plan : Plan
        Names the indicators and quarters that the scenario may use.

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
    inherited = merge_composition(str(name), plan.folder)
    merged, faults = inherited.record, inherited.faults
    found: list[Fault] = []
    document = check_record(ScenarioFile, merged, found)
    check_against_plan(merged, plan, found)
    order = order_shocks(merged, found, inherited.whole)
    faults += [
        fault for fault in found if inherited.whole or fault.code != "missing"
    ]  # it may stand in what was not read
    if faults or document is None:
        raise InputError(faults)
    return Scenario(
        name="+".join(Path(part).stem for part in str(name).split("+")),
        title_en=document.title.en,
        title_zh=document.title.zh,
        why=document.why if isinstance(document.why, str) else document.why.en,
        sources=tuple(document.sources),
        shocks={shock: document.shocks[shock] for shock in order},
        files=tuple(inherited.files),
        why_zh="" if isinstance(document.why, str) else document.why.zh,
        given=str(name),
    )


def read_scenarios(names: Iterable[str], plan: Plan) -> list[Scenario]:
    """Read several scenarios, collecting the faults of all.

    Parameters
    ----------
    names : iterable of str
        None at all means the plan's own scenarios; for a plan that has none, the shipped ones that speak of its
        indicators; if there is none of them either, the year without shocks.
    plan : Plan

    Raises
    ------
    InputError
        With the faults of every scenario.
    """
    given = list(names)
    chosen = given or [str(path) for path in list_scenarios(plan.folder)]
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
            faults.append(
                Fault(
                    name, 0, 0, f"a scenario named '{scenario.name}' is given twice", "rename the file", code="repeated"
                )
            )
        scenarios[scenario.name] = scenario
    if faults:
        raise InputError(faults)
    if not given:
        return [replace(scenario, given="") for scenario in scenarios.values()]
    return list(scenarios.values())


def _keep_fitting(names: Iterable[str], plan: Plan) -> list[Scenario]:
    fitting = []
    for name in names:
        try:
            fitting.append(replace(read_scenario(name, plan), given=""))
        except InputError:
            continue
    return fitting


def dump_scenario(name: str, plan: Plan) -> dict[str, Any]:
    """A scenario of a plan after inheritance and composition, as plain values, for `sim show`.

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
    """A scenario: why it is as it is, its shocks, and its sources.

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
    heads = ["shock", "title", "probability", "onset", "points of growth per unit of size"]
    named = f"<b>{escape(f'{scenario.title_en} {scenario.title_zh}')}</b> ({escape(scenario.name)})"
    sources = "".join(f"<li>{escape(source)}</li>" for source in scenario.sources)
    table = tabulate(heads, rows) if rows else "<p>no shocks</p>"
    listed = f"<details><summary>sources</summary><ul>{sources}</ul></details>" if sources else ""
    chinese = f'<p lang="zh-CN">{escape(scenario.why_zh)}</p>' if scenario.why_zh else ""
    return f"<p>{named}</p><p>{escape(scenario.why)}</p>{chinese}{table}{listed}"
