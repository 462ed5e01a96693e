"""Targets: rows of `targets.csv`, one class for each kind of promise and the numbers that it needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from sim.errors import find_nearest
from sim.inputs.direction import read_criterion
from sim.inputs.files.documents import Record
from sim.inputs.files.validation import Amount, Name, Rate, Row, Text, ask, is_per_cent, refuse
from sim.inputs.plan.criteria import Criterion, Kind, check_criterion
from sim.inputs.units import UNITS, Unit, count_singles, find_unit

__all__ = [
    "REQUIRED",
    "TARGET_COLUMNS",
    "Composite",
    "Delivery",
    "Growth",
    "InStep",
    "Judged",
    "Milestone",
    "Numbered",
    "Target",
    "Unmeasured",
    "choose_form",
    "describe_aim",
]


REQUIRED = 0.9
"""Share of a programme's works that must be under way where the plan does not say: an assumption."""


_GROWTH_NEEDS = "growth needs an indicator, a value and the unit %"


def _check_tolerance(tolerance: float, info: ValidationInfo) -> float:
    if tolerance and info.data.get("criterion", "about") not in ("about", "in_step"):
        raise refuse("only 'about' and 'in_step' have a tolerance", "write 0, or the criterion 'about'")
    if tolerance and info.data.get("kind") in ("level", "count"):
        raise refuse("a delivery has no reading within a tolerance", "write 0, or the lowest number that is enough")
    return tolerance


def _check_unit(unit: object, info: ValidationInfo) -> object:
    if info.data.get("own_unit") is not None:
        return unit
    known = find_unit(str(unit)) if unit else None
    if known is None:
        allowed = (
            "known: " + ", ".join(UNITS) + "; declare another in units.csv: unit,name_en,singles (1 counts, 0 measures)"
        )
        raise refuse(
            f"unknown unit '{unit or ''}'", allowed, find_nearest(unit, list(UNITS)) if unit else "", code="unit"
        )
    return known.unit


def _check_per_cent(unit: object) -> object:
    known = find_unit(str(unit)) if unit else None
    if (known is not None and known.unit == "%") or is_per_cent(str(unit)):
        return "%"
    raise refuse(_GROWTH_NEEDS, code="unit")


def _check_goal(goal: float, info: ValidationInfo) -> float:
    if goal <= 0:
        raise refuse(f"the goal {goal:g} is not positive", "allowed: more than 0", code="range")
    if info.data.get("kind") in ("count", "programme") and "unit" in info.data:
        try:
            count_singles(goal, info.data.get("own_unit") or info.data["unit"])
        except ValueError as error:
            raise refuse(str(error), "write a whole number of things") from None
    return goal


def _check_upper(upper: float | None, info: ValidationInfo) -> float | None:
    return upper if upper is None else _check_goal(upper, info)


def _check_required(required: float | None, info: ValidationInfo) -> float | None:
    if required is not None and info.data.get("kind", "programme") != "programme":
        raise refuse("only a programme has a share that must be under way", "leave it empty")
    return required


def _check_reason(reason: object, info: ValidationInfo) -> object:
    if reason is None and "kind" in info.data:
        raise refuse("a target without odds needs the reason why", "say it in a few words", code="empty")
    return reason or ""


def _split(members: object) -> object:
    return tuple(members.split()) if isinstance(members, str) else members


class _Promise(Row):
    """What every target has, whatever its kind.

    Attributes
    ----------
    phrase : str
        The words of the report that state the target.
    criterion : str
        How it is judged.
    tolerance : float
        How far on the wrong side of the goal still counts in the reading "within tolerance", percentage points.
    headline : str
        `yes` for the targets that a report opens with.
    baseline, baseline_relation : str, optional
        The figure it follows from, and whether that is the same measure, a near one, or a stock.
    decided_by : str
        `own`, or `other` where somebody else's decision is needed.
    group : str
        Whom it belongs to.
    reason : str, optional
        Why the target has no odds.
    """

    key: ClassVar = ("id",)

    id: Name
    section: Text
    phrase: Text
    name_en: Text
    name_zh: Text
    kind: Kind = "growth"
    criterion: Annotated[Criterion, BeforeValidator(read_criterion), AfterValidator(check_criterion)]
    tolerance: Annotated[float, Field(ge=0, le=1000), AfterValidator(_check_tolerance)] = 0.0
    headline: Literal["yes", "no"] = "no"
    baseline: Name | None = None
    baseline_relation: Literal["same", "near", "stock", "none"] = "none"
    decided_by: Literal["own", "other"] = "own"
    group: Name
    reason: str | None = None
    source: Text

    @model_validator(mode="before")
    @classmethod
    def _refuse_strays(cls, given: Any, info: ValidationInfo) -> Any:
        """Cells of other kinds are empty: what is written there would not count."""
        form = _find_form(given) if isinstance(given, Record) else None
        if form is not None and info.context is not None:
            for name in given:
                if given[name] is not None and name not in form.model_fields:
                    kind = "level with an indicator" if given.get("level") else given.get("kind") or "growth"
                    problem = f"a target of kind {kind} has no {name}"
                    info.context["faults"].append(given.values_at[name].fault(problem, "leave it empty"))
        return given


class Numbered(_Promise):
    """A target with a number.

    Attributes
    ----------
    value, unit : float and str
        The goal, in the report's own unit.
    own_unit : Unit, optional
        The unit, where the plan declares it.
    upper : float, optional
        Of a range, whose lower end `value` is: both ends are in it.
    """

    own_unit: Unit | None = None
    unit: Annotated[str, BeforeValidator(_check_unit)]
    value: Amount
    upper: Amount | None = None

    @model_validator(mode="after")
    def _check_range(self) -> Numbered:
        if (self.criterion == "between") != (self.upper is not None):
            raise refuse("a range has two ends", "criterion between, from value to upper; no upper for any other")
        if self.upper is not None and self.upper <= self.value:
            said = f"the range from {self.value:g} to {self.upper:g} does not rise"
            raise refuse(said, "write its lower end as value")
        return self

    @property
    def counted(self) -> Unit:
        """What the unit counts or measures."""
        return self.own_unit or UNITS[self.unit]


class Growth(Numbered):
    """A growth rate of the year.

    Attributes
    ----------
    indicator : str
        Whose growth it is.
    level : str
        Where the report names the level that the year reaches, and not its growth: that level with its unit.
    """

    kind: Literal["growth"] = "growth"
    level: str = ""
    indicator: Annotated[Name, ask(_GROWTH_NEEDS)]
    unit: Annotated[Literal["%"], BeforeValidator(_check_per_cent)]
    value: Annotated[Rate, ask(_GROWTH_NEEDS)]


class InStep(_Promise):
    """Growth that keeps step with that of another indicator, as incomes with the economy.

    Attributes
    ----------
    indicator, reference : str
        Whose growth is held against whose; both as printed.
    value : float
        How far ahead of the reference it has to be, percentage points; the `tolerance` is how far behind is enough.
    """

    kind: Literal["growth"] = "growth"
    criterion: Annotated[Literal["in_step"], BeforeValidator(read_criterion)]
    indicator: Annotated[Name, ask(_GROWTH_NEEDS)]
    reference: Name = "gdp"
    value: float = 0.0
    unit: Literal["%", "pp"] = "pp"


class Delivery(Numbered):
    """A number reached over the quarters: a level, a count, a multiple, or a programme of works under way.

    Attributes
    ----------
    required : float, optional
        Of a programme: the share of its works that must be under way by the year's end; empty means `REQUIRED`. A rule
        of judging, as the tolerance of "about" is.
    season : str
        How it runs over the year: a course of the calibration.
    reference_class : str, optional
        Whose record tells how often such promises are kept: a class of the calibration.
    """

    kind: Literal["level", "count", "multiple", "programme"]
    value: Annotated[Amount, AfterValidator(_check_goal)]
    upper: Annotated[Amount | None, AfterValidator(_check_upper)] = None
    required: Annotated[float | None, Field(gt=0, le=1), AfterValidator(_check_required)] = None
    season: Annotated[Name, ask("a delivery needs its class", "name a season of the calibration")]
    reference_class: Name | None = None

    @property
    def is_cap(self) -> bool:
        """Whether it is kept by staying at or below its number."""
        return self.criterion == "at_most"

    @property
    def is_kept(self) -> bool:
        """Whether what is delivered stays delivered, as all but levels do."""
        return self.kind != "level"

    def find_excess(self, number: float) -> float:
        """Find the least amount that is more than a number: of counted things one more."""
        singles = self.counted.singles
        return number + 1 / singles if singles else number

    @property
    def is_programme(self) -> bool:
        """Whether it is a list of works, met when the required share of them is under way."""
        return self.kind == "programme"

    @property
    def projects(self) -> int | None:
        """Whole works of a programme; None for all else."""
        return count_singles(self.value, self.counted) if self.is_programme else None

    @property
    def enough(self) -> float:
        """What suffices, in the unit of `value`: of a programme the share required, in whole works."""
        if not self.is_programme:
            return self.value
        required = self.required or REQUIRED
        if not self.projects:
            return self.value * required
        return self.value * math.ceil(required * self.projects - 1e-9) / self.projects


class Milestone(_Promise):
    """Works to be done by a date.

    Attributes
    ----------
    quarter : str
        Planned quarter.
    reference_class : str, optional
        Whose record tells how often such promises are kept: a class of the calibration.
    """

    kind: Literal["milestone"]
    quarter: Annotated[
        Name, ask("a milestone needs its planned quarter", "write Q1 and so on, an assumption if need be")
    ]
    reference_class: Name | None = None


class Composite(_Promise):
    """A target that is met when all of its members are.

    Attributes
    ----------
    members : tuple of str
        Other targets, in the table separated by spaces.
    """

    kind: Literal["composite"]
    members: Annotated[tuple[str, ...], BeforeValidator(_split)]


class Unmeasured(_Promise):
    """A target without odds: nothing says when it is met, or the report does not give its number or its members."""

    reason: Annotated[str, BeforeValidator(_check_reason)]


Target: TypeAlias = Growth | InStep | Delivery | Milestone | Composite | Unmeasured
"""Something promised for the year, with its criterion and its wording."""


Judged: TypeAlias = Growth | InStep | Delivery | Milestone | Composite
"""A target that has odds."""


_FORMS: dict[str, type[Target]] = {
    "growth": Growth,
    **dict.fromkeys(("level", "count", "multiple", "programme"), Delivery),
    "milestone": Milestone,
    "composite": Composite,
    "qualitative": Unmeasured,
}


def _find_form(cells: Mapping[str, Any]) -> type[Target] | None:
    form = _FORMS.get(cells.get("kind") or "growth")
    return InStep if form is Growth and read_criterion(cells.get("criterion")) == "in_step" else form


def choose_form(cells: Mapping[str, Any]) -> type[Target]:
    """Choose the class of a target by its kind, and by whether the report gives what the odds would need.

    Parameters
    ----------
    cells : mapping of str to object
        A row of the table; empty cells are None.

    Returns
    -------
    type
        `Unmeasured` for a delivery without a number and a composite without members, and for an unknown kind,
        which every class refuses.

    Examples
    --------
    >>> choose_form({"kind": "programme", "value": "440"}).__name__, choose_form({"kind": "programme"}).__name__
    ('Delivery', 'Unmeasured')
    """
    form = _find_form(cells) or Unmeasured
    needed = {Delivery: "value", Composite: "members"}.get(form)
    return Unmeasured if needed is not None and not cells.get(needed) else form


_ORDER = (
    *("id", "section", "phrase", "name_en", "name_zh", "kind", "indicator", "value", "upper", "unit", "criterion"),
    *("tolerance", "required", "headline", "baseline", "baseline_relation", "quarter", "decided_by", "season"),
    *("reference_class", "members", "reference", "group", "reason", "source"),
)


TARGET_COLUMNS: dict[str, bool] = {name: _Promise.list_columns().get(name, False) for name in _ORDER}
"""Columns of `targets.csv` in the order of the file; True marks those that every kind of target needs."""


def describe_aim(target: Judged) -> str:
    """Say what a target asks for, in signs.

    Parameters
    ----------
    target : Growth, Delivery, Milestone or Composite

    Returns
    -------
    str
        As in `≈ 5.5 %`, `≥ 2.4 万个`, `by Q3`; of a programme, how many of its works suffice: `▷ 396 of 440 个`.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> describe_aim(plan.growth[0]), describe_aim(plan.milestones[0])
    ('≈ 5.5 %', 'by Q2')
    """
    if isinstance(target, Milestone):
        return f"by {target.quarter}"
    if isinstance(target, Composite):
        return "all of its members"
    if isinstance(target, InStep):
        return f"≥ {target.reference}" + (f" {target.value:+g} pp" if target.value else "")
    if isinstance(target, Delivery) and target.is_programme:
        return f"▷ {target.enough:g} of {target.value:g} {target.unit}"
    symbol = {"about": "≈", "at_most": "≤", "multiple_of": "×"}.get(target.criterion, "≥")
    unit = "" if target.criterion == "multiple_of" else f" {target.unit}"
    if target.upper is not None:
        return f"{target.value:g} to {target.upper:g}{unit}"
    level = f" ({target.level})" if isinstance(target, Growth) and target.level else ""
    return f"{symbol} {target.value:g}{unit}{level}"
