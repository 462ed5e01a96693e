"""Scenarios: sparse differences from the baseline, in files that inherit and combine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, field_validator, model_validator

from sim.door.documents import Place, Record
from sim.door.validation import Checked, Name, Text, check_record, refuse
from sim.errors import Fault, InputError, find_nearest
from sim.inheritance import merge_composition
from sim.plan import Plan
from sim.shipped import has_scenarios, list_scenarios
from sim.shocks import Profile, Size, name_forms

__all__ = [
    "Dependence",
    "Scenario",
    "Shock",
    "Title",
    "dump_scenario",
    "read_scenario",
    "read_scenarios",
]

Probability = Annotated[float, Field(ge=0, le=1)]


class Title(Checked):
    """Words in English and Chinese."""

    en: Text
    zh: Text


def _tell_languages(given: object) -> str:
    return "both" if isinstance(given, dict | Title) else "one"


Words = Annotated[Annotated[Text, Tag("one")] | Annotated[Title, Tag("both")], Discriminator(_tell_languages)]
"""A text in whatever language, or in English and Chinese."""


class Dependence(Checked):
    """How likely a shock is once it is known whether another one happened."""

    shock: Name
    probability_if_happened: Probability
    probability_if_not: Probability


def _read_points(given: Any) -> Any:
    """A loading in percentage points: a bare number or `-0.8 pp`; a share in % is another unit, and refused."""
    if not isinstance(given, str):
        return given
    number, _, unit = given.strip().partition(" ")
    if given.rstrip().endswith("%"):
        raise refuse(f"'{given}' is in %, a loading is in percentage points", "write -0.8 or '-0.8 pp'")
    if unit.strip() == "pp":
        return number
    return given


def _read_onset(given: Any) -> Any:
    if isinstance(given, str):
        return {given: 1.0}
    if not isinstance(given, dict):
        raise refuse("the onset is neither a quarter nor weights", "write Q2 or {Q1: 0.4, Q2: 0.6}")
    return given


def _read_parents(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


def _read_size(given: Any) -> Any:
    if isinstance(given, dict) and "law" not in given:
        raise refuse("key 'law' is missing", "allowed: " + ", ".join(name_forms(Size, "law")))
    return given


def _read_profile(given: Any) -> Any:
    if isinstance(given, dict) and "shape" not in given:
        raise refuse("key 'shape' is missing", "allowed: " + ", ".join(name_forms(Profile, "shape")))
    return {"shape": given} if isinstance(given, str) else given


_QUARTER_OR_WEIGHTS = [
    {"type": "string"},
    {"type": "object", "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1}},
]
_ONE_OR_SEVERAL = [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}]

Onset = Annotated[dict[str, Probability], BeforeValidator(_read_onset), WithJsonSchema({"anyOf": _QUARTER_OR_WEIGHTS})]
Parents = Annotated[list[str] | None, BeforeValidator(_read_parents), WithJsonSchema({"anyOf": _ONE_OR_SEVERAL})]
Points = Annotated[
    float,
    BeforeValidator(_read_points),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[-+]?[0-9.]+ pp$"}]}),
]


class Shock(Checked):
    """Something that may happen in the year.

    Attributes
    ----------
    probability : float, optional
        Of happening in the year; None where `depends_on` says it.
    onset : str or dict of str to float
        The quarter it begins in, or weights over quarters that sum to one.
    size : Size
        Law of the size, in the shock's own unit.
    profile : Profile
        Course over the quarters from the onset on, at size one.
    loadings : dict of str to float
        Percentage points of single-quarter growth by indicator, per unit of size at full profile.
    speed : dict of str to float
        Change of the speed of deliveries per unit of size at full profile, as a share (-0.2: a fifth slower; -1
        stops them); by target, class of delivery, group, or `all`, of which the first that is given holds.
    delay : dict of str to float
        Quarters that milestones planned for the onset or later are delayed, per unit of size; by target, group or
        `all`, likewise.
    depends_on : Dependence, optional
        Another shock that changes this one's probability.
    """

    title: Title
    probability: Probability | None = None
    onset: Onset
    size: Annotated[Size, Field(discriminator="law"), BeforeValidator(_read_size)]
    profile: Annotated[Profile, Field(discriminator="shape"), BeforeValidator(_read_profile)]
    loadings: dict[str, Points] = Field(default_factory=dict)
    speed: dict[str, float] = Field(default_factory=dict)
    delay: dict[str, float] = Field(default_factory=dict)
    depends_on: Dependence | None = None
    source: Text

    @field_validator("onset")
    @classmethod
    def _check_weights(cls, onset: dict[str, float]) -> dict[str, float]:
        if abs(sum(onset.values()) - 1) > 1e-6:
            raise refuse(f"the onset weights sum to {sum(onset.values()):g}", "they must sum to 1")
        return onset

    @model_validator(mode="after")
    def _check_chance(self) -> Shock:
        if (self.probability is None) == (self.depends_on is None):
            raise refuse("a shock needs either a probability or depends_on", "give one of the two")
        return self

    @property
    def can_happen(self) -> bool:
        """Whether it has any probability."""
        depends = self.depends_on
        if depends is None:
            return bool(self.probability)
        return bool(depends.probability_if_happened or depends.probability_if_not)

    @property
    def is_idle(self) -> bool:
        """Whether it cannot happen, or has no size when it does."""
        return not self.can_happen or (self.size.law == "fixed" and self.size.value == 0)

    def weigh_onsets(self, quarters: Iterable[str]) -> list[float]:
        """Onset weight of each quarter of the year; they sum to one."""
        return [self.onset.get(quarter, 0.0) for quarter in quarters]


class ScenarioFile(Checked):
    """A scenario file after inheritance, as it must then be."""

    schema_version: Literal[1]
    extends: Parents = None
    title: Title
    why: Words
    sources: Annotated[list[Text], Field(min_length=1)]
    shocks: dict[Name, Shock] = Field(default_factory=dict)


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
    """

    name: str
    title_en: str
    title_zh: str
    why: str
    sources: tuple[str, ...]
    shocks: dict[str, Shock]
    files: tuple[Path, ...] = ()
    why_zh: str = ""

    def __repr__(self) -> str:
        return f"<Scenario {self.name}: {', '.join(self.shocks) or 'no shocks'}>"

    def _repr_html_(self) -> str:
        from sim.show import show_scenario

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
    _check_against_plan(merged, plan, found)
    order = _order_shocks(merged, found)
    faults += [fault for fault in found if inherited.whole or not _is_inherited(fault)]
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
            faults.append(Fault(name, 0, 0, f"a scenario named '{scenario.name}' is given twice", "rename the file"))
        scenarios[scenario.name] = scenario
    if faults:
        raise InputError(faults)
    return list(scenarios.values())


def _keep_fitting(names: Iterable[str], plan: Plan) -> list[Scenario]:
    fitting = []
    for name in names:
        try:
            fitting.append(read_scenario(name, plan))
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


def _is_inherited(fault: Fault) -> bool:
    """Whether a file that could not be read may hold what this fault asks for."""
    return fault.problem.endswith("is missing") or fault.problem.startswith("depends on unknown shock")


def _strip(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strip(item) for key, item in value.items()}
    return [_strip(item) for item in value] if isinstance(value, list) else value


def _records(record: Record, key: str) -> Iterator[tuple[str, Record]]:
    inner = record.get(key)
    if isinstance(inner, Record):
        for name, value in inner.items():
            if isinstance(value, Record):
                yield name, value


def _check_against_plan(merged: Record, plan: Plan, faults: list[Fault]) -> None:
    """Names that only a plan can know: indicators and quarters."""
    indicators = [indicator.id for indicator in plan.indicators]
    quarters = list(plan.quarter_names)
    for _, shock in _records(merged, "shocks"):
        loadings = shock.get("loadings")
        if isinstance(loadings, Record):
            _refuse_unknown(loadings.keys_at, list(loadings), indicators, "indicator", "allowed: ", faults)
        for key, valid in (("speed", name_delivery_keys(plan)), ("delay", name_milestone_keys(plan))):
            touched = shock.get(key)
            if isinstance(touched, Record):
                _refuse_unknown(touched.keys_at, list(touched), valid, "target, class or group", "allowed: ", faults)
        onset = shock.get("onset")
        if isinstance(onset, Record):
            _refuse_unknown(onset.keys_at, list(onset), quarters, "quarter", "the year has ", faults)
        elif isinstance(onset, str):
            _refuse_unknown({onset: shock.values_at["onset"]}, [onset], quarters, "quarter", "the year has ", faults)


def name_delivery_keys(plan: Plan) -> list[str]:
    """What a shock's `speed` may name: all, groups, classes, targets."""
    deliveries = [target for target in plan.targets if target.is_delivery]
    classes = [target.season for target in deliveries if target.season]
    names = ["all", *(target.group for target in deliveries), *classes, *(target.id for target in deliveries)]
    return list(dict.fromkeys(names))


def name_milestone_keys(plan: Plan) -> list[str]:
    """What a shock's `delay` may name: all, groups, targets."""
    milestones = [target for target in plan.targets if target.kind == "milestone"]
    return list(dict.fromkeys(["all", *(each.group for each in milestones), *(each.id for each in milestones)]))


def _refuse_unknown(
    places: dict[str, Place], names: list[str], valid: list[str], noun: str, lead: str, faults: list[Fault]
) -> None:
    for name in names:
        if name not in valid:
            allowed = lead + ", ".join(valid)
            faults.append(places[name].fault(f"unknown {noun} '{name}'", allowed, find_nearest(name, valid)))


def _order_shocks(merged: Record, faults: list[Fault]) -> list[str]:
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
